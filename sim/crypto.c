/* The facts of a tunnel that became established name its suite, and with a key
 * exchange of its own the group behind it: "aes256-gcm16/ecp384" of ESP,
 * "aes256-cbc/sha2-384/prf-sha2-384/ecp384" of IKE. Every SA is looked at, so a
 * rekey that negotiated something weaker is found.
 *
 * Two things are not in a negotiation. The first pair of ESP SAs has its keys
 * from IKE's own exchange (RFC 7296 1.2), so PFS shows at a rekey and not
 * before: a run without one has not observed it. And lifetimes are each end's
 * own (RFC 7296 2.8): an SA that was replaced has lived so long; where none
 * was, what both ends would do counts, and the text says so. Mode: ESP's core
 * and IKE know tunnel mode only, and refuse USE_TRANSPORT_MODE. */

#include "config.h"

#include "sim/crypto.h"

#include "models/crypto/dh.h"

#include <string.h>

#define IKE " ike"
#define ESP " esp"

/* The facts */

static unsigned
group_number(const char *name)
{
    static const struct {
        const char *name;
        unsigned number;
    } groups[] = {
#define X(id, number, name) {name, number},
        CRYPTO_DH_GROUPS(X)
#undef X
    };

    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (g_str_equal(groups[i].name, name))
            return groups[i].number;
    return 0;
}

/* "aes256-cbc-sha2-256" is aes256 and aes256-sha2-256; a scenario leaves the
 * mode out where it is CBC. */
static void
read_esp(HsNegotiated *sa, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, "/", -1);
    const char *cbc = strstr(words[0], "-cbc");

    if (words[1] != NULL)
        sa->group = group_number(words[1]);
    sa->cipher = sa->suite = g_intern_string(words[0]);
    if (cbc != NULL) {
        g_autofree char *cipher = g_strndup(words[0], (gsize)(cbc - words[0]));
        g_autofree char *suite =
            g_strconcat(cipher, cbc + strlen("-cbc"), NULL);

        sa->cipher = g_intern_string(cipher);
        sa->suite = g_intern_string(suite);
    }
}

/* "aes256-cbc/sha2-384/prf-sha2-384/ecp384",
 * "aes256-gcm16/prf-sha2-384/ecp384".
 */
static void
read_ike(HsNegotiated *sa, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, "/", -1);
    g_autofree char *cipher = g_strdup(words[0]), *suite = NULL;
    const char *hash = words[1] != NULL ? words[1] : "";

    if (g_str_has_suffix(cipher, "-cbc"))
        cipher[strlen(cipher) - strlen("-cbc")] = '\0';
    if (g_str_has_prefix(hash, "prf-"))
        hash += strlen("prf-");
    suite = g_strconcat(cipher, "-", hash, NULL);
    sa->cipher = g_intern_string(cipher);
    sa->suite = g_intern_string(suite);
    for (char **word = words; *word != NULL; word++)
        if (group_number(*word) != 0)
            sa->group = group_number(*word);
}

/* The one of this end that was there until now. */
static HsNegotiated *
current(GArray *list, const HsNegotiated *sa)
{
    for (guint i = list->len; i-- > 0;) {
        HsNegotiated *other = &g_array_index(list, HsNegotiated, i);

        if (other->tunnel == sa->tunnel && other->node == sa->node &&
            other->ike == sa->ike)
            return other->until == HS_TIME_NEVER ? other : NULL;
    }
    return NULL;
}

static void
take(GArray *list, const HsFact *fact, bool ike)
{
    size_t length = strlen(fact->subject) - strlen(ike ? IKE : ESP);
    g_autofree char *tunnel = g_strndup(fact->subject, length);
    HsNegotiated sa = {
        .tunnel = g_intern_string(tunnel),
        .node = fact->node,
        .ike = ike,
        .from = fact->at,
        .until = HS_TIME_NEVER,
    };
    HsNegotiated *before = current(list, &sa);
    bool made = g_strcmp0(fact->to, "established") == 0;

    if (before != NULL && (made || g_strcmp0(fact->to, "down") == 0))
        before->until = fact->at;
    if (!made || fact->peer == NULL)
        return;
    sa.rekeyed = g_strcmp0(fact->from, "rekeying") == 0;
    if (ike)
        read_ike(&sa, fact->peer);
    else
        read_esp(&sa, fact->peer);
    g_array_append_val(list, sa);
}

GArray *
hs_negotiated(const HsFacts *facts)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(HsNegotiated));
    HsFact fact;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_TUNNEL), &fact);) {
        if (g_str_has_suffix(fact.subject, IKE))
            take(list, &fact, true);
        else if (g_str_has_suffix(fact.subject, ESP))
            take(list, &fact, false);
    }
    return list;
}

/* The rules */

typedef struct {
    const HsCryptoExpectation *rule;
    const HsScenario *scenario;
    HsTime end;
    unsigned seen;      /* SAs that the rule speaks of */
    const char *tunnel; /* that broke it, or the worst: NULL: none */
    char *found;        /* owned: what it has */
    HsDuration oldest;  /* LIFETIME: of those that were replaced */
    bool replaced;
} Look;

static bool
allowed(const HsCryptoExpectation *rule, const char *word)
{
    return g_strv_contains((const char *const *)rule->words, word);
}

static void
broken(Look *look, const HsNegotiated *sa, const char *found)
{
    if (look->tunnel != NULL)
        return;
    look->tunnel = sa->tunnel;
    look->found = g_strdup(found);
}

static void
look_at_group(Look *look, const HsNegotiated *sa)
{
    g_autofree char *number = g_strdup_printf("%u", sa->group);

    if (sa->group == 0)
        return;
    look->seen++;
    if (!allowed(look->rule, number))
        broken(look, sa, number);
}

static void
look_at_pfs(Look *look, const HsNegotiated *sa)
{
    const char *word = sa->group != 0 ? "yes" : "no";

    if (sa->ike || !sa->rekeyed)
        return;
    look->seen++;
    if (!allowed(look->rule, word))
        broken(look, sa, word);
}

static void
look_at_lifetime(Look *look, const HsNegotiated *sa)
{
    HsDuration age =
        (sa->until == HS_TIME_NEVER ? look->end : sa->until) - sa->from;
    char text[HS_TIME_TEXT];

    if (sa->ike)
        return;
    look->seen++;
    look->replaced |= sa->until != HS_TIME_NEVER;
    look->oldest = MAX(look->oldest, age);
    if (age > look->rule->limit)
        broken(look, sa, hs_duration_format(age, text));
}

static void
look_at(Look *look, const HsNegotiated *sa)
{
    switch (look->rule->rule) {
    case HS_CRYPTO_SUITE:
    case HS_CRYPTO_IKE_SUITE:
        if (sa->ike != (look->rule->rule == HS_CRYPTO_IKE_SUITE))
            return;
        look->seen++;
        if (!allowed(look->rule, sa->cipher) && !allowed(look->rule, sa->suite))
            broken(look, sa, sa->suite);
        return;
    case HS_CRYPTO_GROUP:
        look_at_group(look, sa);
        return;
    case HS_CRYPTO_PFS:
        look_at_pfs(look, sa);
        return;
    case HS_CRYPTO_LIFETIME:
        look_at_lifetime(look, sa);
        return;
    case HS_CRYPTO_MODE:
        look->seen += !sa->ike;
        if (!sa->ike && !allowed(look->rule, "tunnel"))
            broken(look, sa, "tunnel");
        return;
    case HS_CRYPTO_RULE_COUNT:
        g_assert_not_reached();
    }
}

/* Where no SA lived to its end: the end that replaces it sooner. */
static void
look_at_rules(Look *look)
{
    const HsVpn *vpn;
    char text[HS_TIME_TEXT];

    for (unsigned i = 0; (vpn = hs_scenario_vpn(look->scenario, i)) != NULL;
         i++) {
        HsDuration life = MIN(vpn->esp.lifetime, vpn->aws_esp.lifetime);

        look->oldest = MAX(look->oldest, life);
        if (life > look->rule->limit && look->tunnel == NULL) {
            look->tunnel = vpn->element.name;
            look->found = g_strdup(hs_duration_format(life, text));
        }
    }
}

/* A tunnel of the design that never had an SA shows nothing of itself. */
static const char *
without_sa(const HsScenario *scenario, const GArray *negotiated)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            g_autofree char *text =
                g_strdup_printf("%s.tunnel%u", vpn->element.name, t);
            const char *name = g_intern_string(text);
            bool found = false;

            for (guint s = 0; s < negotiated->len; s++) {
                const HsNegotiated *sa =
                    &g_array_index(negotiated, HsNegotiated, s);

                found |= sa->tunnel == name && !sa->ike;
            }
            if (!found)
                return name;
        }
    return NULL;
}

static char *
text_of(const Look *look, const char *missing)
{
    const HsCryptoExpectation *rule = look->rule;
    const char *name = hs_crypto_rule_name(rule->rule);
    const char *sense = rule->rule == HS_CRYPTO_LIFETIME ? "at most" : "one of";
    char oldest[HS_TIME_TEXT];

    if (look->tunnel != NULL)
        return g_strdup_printf("%s %s, %s %s", name, look->found, sense,
                               rule->text);
    if (look->seen == 0 || missing != NULL)
        return g_strdup_printf("%s not observed, %s %s", name, sense,
                               rule->text);
    if (rule->rule == HS_CRYPTO_LIFETIME)
        return g_strdup_printf("%s %s%s, at most %s", name,
                               hs_duration_format(look->oldest, oldest),
                               look->replaced ? "" : " by both ends' rules",
                               rule->text);
    return g_strdup_printf("%s %s, in %u SAs", name, rule->text, look->seen);
}

static char *
why(const Look *look, const char *missing)
{
    if (look->tunnel != NULL)
        return g_strdup_printf(look->rule->rule == HS_CRYPTO_LIFETIME
                                   ? "%s keeps one so long"
                                   : "%s negotiated it",
                               look->tunnel);
    if (missing != NULL)
        return g_strdup_printf("%s never came up", missing);
    if (look->seen == 0 && look->rule->rule == HS_CRYPTO_PFS)
        return g_strdup("no ESP SA was replaced, and the first has its keys "
                        "from IKE's exchange (RFC 7296 1.2)");
    return NULL;
}

static HsDemand
demand_of(const HsScenario *scenario, const HsCryptoExpectation *rule)
{
    g_autofree char *file = g_path_get_basename(hs_scenario_path(scenario));
    g_autofree char *source = rule->line > 0
                                  ? g_strdup_printf("%s:%u", file, rule->line)
                                  : g_strdup("--set");

    if (rule->rule == HS_CRYPTO_LIFETIME)
        return (HsDemand){.figure = "crypto.lifetime",
                          .sense = HS_DEMAND_MAX,
                          .limit = rule->limit,
                          .source = g_intern_string(source)};
    return (HsDemand){.figure = hs_crypto_rule_name(rule->rule),
                      .sense = HS_DEMAND_WORDS,
                      .source = g_intern_string(source)};
}

static void
judge(HsVerdict *verdict, const HsScenario *scenario, const GArray *negotiated,
      const HsCryptoExpectation *rule, HsTime end)
{
    Look look = {.rule = rule, .scenario = scenario, .end = end};
    const char *missing = without_sa(scenario, negotiated);
    HsDemand demand = demand_of(scenario, rule);
    HsOutcome outcome = HS_OUTCOME_PASS;

    for (guint i = 0; i < negotiated->len; i++)
        look_at(&look, &g_array_index(negotiated, HsNegotiated, i));
    if (rule->rule == HS_CRYPTO_LIFETIME && look.seen > 0 && !look.replaced)
        look_at_rules(&look);
    if (look.tunnel != NULL)
        outcome = HS_OUTCOME_FAIL;
    else if (look.seen == 0 || missing != NULL)
        outcome = HS_OUTCOME_NOT_OBSERVED;
    hs_verdict_add(verdict, &demand, outcome, text_of(&look, missing),
                   why(&look, missing));
    g_free(look.found);
}

void
hs_crypto_judge(HsVerdict *verdict, const HsScenario *scenario,
                const GArray *negotiated, HsTime end)
{
    const GPtrArray *rules = hs_scenario_expect(scenario, 0)->crypto;

    for (guint i = 0; i < rules->len; i++)
        judge(verdict, scenario, negotiated, rules->pdata[i], end);
}
