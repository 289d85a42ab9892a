/* Each function is one finding. What it says is counted from the run: bytes by
 * link and direction, drops by name, suites and routes from the facts. A run
 * that did not show it says nothing, whatever the scenario looks like. */

#include "config.h"

#include "sim/findings/observed.h"

#include "sim/observe/tunnels.h"

#include <string.h>

static HsFinding *
known(GPtrArray *findings, HsFindingKind kind, const HsElement *element)
{
    g_autofree char *where =
        g_strdup_printf("[%s %s]", hs_kind_name(element->kind), element->name);

    for (guint i = 0; i < findings->len; i++) {
        HsFinding *finding = findings->pdata[i];

        if (finding->kind == kind && g_str_has_prefix(finding->where, where))
            return finding;
    }
    return NULL;
}

G_GNUC_PRINTF(4, 5)
static void
observe(GPtrArray *findings, HsFindingKind kind, const HsElement *element,
        const char *format, ...)
{
    HsFinding *finding = known(findings, kind, element);
    g_autofree char *text = NULL, *before = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (finding == NULL) {
        hs_findings_add(findings, kind, element, NULL, "in this run %s", text);
        return;
    }
    before = finding->evidence;
    g_strchomp(before);
    if (g_str_has_suffix(before, "."))
        before[strlen(before) - 1] = '\0';
    finding->evidence = g_strdup_printf("%s; in this run %s", before, text);
}

/* The element that a node or link belongs to: "dc" of "dc.gateway". */
static const HsElement *
owner_of(const HsScenario *scenario, const char *name)
{
    g_autofree char *first = g_strndup(name, strcspn(name, "."));

    return hs_scenario_find(scenario, first);
}

static const HsExposureLink *
find_link(const HsExposure *exposure, const char *name)
{
    for (unsigned i = 0; i < hs_exposure_links(exposure); i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);

        if (g_str_equal(link->name, name))
            return link;
    }
    return NULL;
}

/* In clear while tunnels were up */

static const HsTunnelLife *
tunnel_up_at(const HsSeen *seen, HsTime at)
{
    for (guint i = 0; i < seen->tunnels->len; i++) {
        const HsTunnelLife *life =
            &g_array_index(seen->tunnels, HsTunnelLife, i);

        if (life->first_up <= at && (life->up || life->last_lost > at))
            return life;
    }
    return NULL;
}

static void
find_clear(const HsSeen *seen, GPtrArray *findings)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(seen->scenario, i)) != NULL;
         i++) {
        const HsExposureLink *link =
            find_link(seen->exposure, dx->element.name);
        const HsTunnelLife *tunnel;

        if (link == NULL || link->trusted || !link->seen_clear)
            continue;
        tunnel = tunnel_up_at(seen, link->last.at);
        if (tunnel != NULL)
            observe(findings, HS_FINDING_DX_IN_CLEAR, &dx->element,
                    "%" G_GUINT64_FORMAT
                    " bytes of the database crossed %s in clear, from %.3f s "
                    "to %.3f s, and %s was up",
                    link->total.bytes[HS_EXPOSURE_CLEAR], link->name,
                    (double)link->first.at / 1e9, (double)link->last.at / 1e9,
                    tunnel->name);
    }
}

/* The two directions on different paths */

typedef struct {
    const HsElement *element;
    uint64_t bytes[2]; /* of protected flows, 0: towards AWS */
} Load;

static void
add_load(Load *load, const HsExposure *exposure, const char *name)
{
    const HsExposureLink *link = find_link(exposure, name);

    for (unsigned d = 0; d < 2 && link != NULL; d++)
        load->bytes[d] += link->direction[d].bytes[HS_EXPOSURE_CLEAR] +
                          link->direction[d].bytes[HS_EXPOSURE_ESP];
}

/* What each path carried: a virtual interface that is no underlay, and a VPN
 * where only its tunnels pass. */
static GArray *
loads(const HsSeen *seen)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(Load));
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(seen->scenario, i)) != NULL;
         i++) {
        Load load = {.element = &dx->element};

        if (dx->vif == HS_VIF_PUBLIC)
            continue;
        add_load(&load, seen->exposure, dx->element.name);
        g_array_append_val(list, load);
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(seen->scenario, i)) != NULL;
         i++) {
        Load load = {.element = &vpn->element};

        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            g_autofree char *edge =
                g_strdup_printf("%s.tunnel%u.edge", vpn->element.name, t);

            add_load(&load, seen->exposure, edge);
        }
        g_array_append_val(list, load);
    }
    return list;
}

#define LOAD(list, i) (&g_array_index(list, Load, i))

/* A third of one direction more than of the other is no accident of a
 * failover, whose detections are apart by a second or by a minute. */
#define APART 0.33

static void
find_asymmetry(const HsSeen *seen, GPtrArray *findings)
{
    g_autoptr(GArray) list = loads(seen);
    double total[2] = {0, 0};

    for (guint i = 0; i < list->len; i++)
        for (unsigned d = 0; d < 2; d++)
            total[d] += (double)LOAD(list, i)->bytes[d];
    if (total[0] == 0 || total[1] == 0)
        return;
    for (guint i = 0; i < list->len; i++) {
        const Load *load = LOAD(list, i);
        double to_aws = (double)load->bytes[0] / total[0];
        double to_site = (double)load->bytes[1] / total[1];

        if (ABS(to_aws - to_site) > APART)
            observe(findings, HS_FINDING_ASYMMETRIC, load->element,
                    "%s carried %.0f %% of the bytes towards AWS and %.0f %% "
                    "of those back",
                    load->element->name, to_aws * 100, to_site * 100);
    }
}

/* Dropped: too large, too much */

static bool
is_policed(const char *reason)
{
    return g_str_has_prefix(reason, "policed") ||
           g_str_equal(reason, "queue full");
}

static void
find_drops(const HsSeen *seen, GPtrArray *findings)
{
    bool failed_over = seen->timeline->faults->len > 0;

    for (guint i = 0; i < seen->drops->len; i++) {
        const HsSeenDrop *drop = &g_array_index(seen->drops, HsSeenDrop, i);
        const HsElement *owner = owner_of(seen->scenario, drop->where);

        if (owner == NULL || drop->packets == 0 || !failed_over)
            continue;
        if (strstr(drop->reason, "larger than MTU") != NULL)
            observe(findings, HS_FINDING_MTU_SHRINKS, owner,
                    "%s refused %" G_GUINT64_FORMAT
                    " packets that were larger than the next link's MTU",
                    drop->where, drop->packets);
        else if (is_policed(drop->reason) && drop->packets >= 100)
            observe(findings, HS_FINDING_BACKUP_TOO_SLOW, owner,
                    "%s dropped %" G_GUINT64_FORMAT " packets: %s", drop->where,
                    drop->packets, drop->reason);
    }
}

/* Weak suites */

static const char *
weakness(const char *suite)
{
    static const struct {
        const char *word, *why;
    } words[] = {
        {"sha1", "SHA-1"},
        {"modp1024", "group 2 or 22, of 1024 bits"},
        {"modp1536", "group 5, of 1536 bits"},
    };

    for (size_t i = 0; suite != NULL && i < G_N_ELEMENTS(words); i++)
        if (strstr(suite, words[i].word) != NULL)
            return words[i].why;
    return NULL;
}

static void
find_weak(const HsSeen *seen, GPtrArray *findings)
{
    for (guint i = 0; i < seen->tunnels->len; i++) {
        const HsTunnelLife *life =
            &g_array_index(seen->tunnels, HsTunnelLife, i);
        const HsElement *vpn = owner_of(seen->scenario, life->name);
        const char *ike = weakness(life->ike_suite);
        const char *esp = weakness(life->esp_suite);

        if (!life->speaks || vpn == NULL || (ike == NULL && esp == NULL))
            continue;
        observe(findings, HS_FINDING_CRYPTO_PERMISSIVE, vpn,
                "%s negotiated %s (%s)", life->name,
                esp != NULL ? life->esp_suite : life->ike_suite,
                esp != NULL ? esp : ike);
    }
}

/* Prefixes */

/* How many AWS's end of SESSION had at once, at most. */
static unsigned
most_prefixes(const HsFacts *facts, const char *node, const char *session)
{
    g_autoptr(GHashTable) prefixes = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned most = 0;
    HsFact fact;

    for (size_t i = 0; hs_facts_next(
             facts, &i, HS_FACT_BIT(HS_FACT_ROUTE_RECEIVED), &fact);) {
        if (!g_str_equal(fact.node, node) || g_strcmp0(fact.peer, session) != 0)
            continue;
        if (g_strcmp0(fact.to, "announce") == 0)
            g_hash_table_add(prefixes, (void *)(uintptr_t)fact.subject);
        else
            g_hash_table_remove(prefixes, fact.subject);
        most = MAX(most, g_hash_table_size(prefixes));
    }
    return most;
}

static void
check_prefixes(const HsSeen *seen, const HsElement *element, const char *name,
               unsigned limit, GPtrArray *findings)
{
    g_autofree char *node = g_strdup_printf("%s.aws", name);
    g_autofree char *session = g_strdup_printf("%s bgp", name);
    unsigned most = most_prefixes(seen->facts, node, session);

    if (limit > 0 && most * 10 >= limit * 9)
        observe(findings, HS_FINDING_PREFIX_LIMIT_NEAR, element,
                "%s received %u prefixes at once, of %u that AWS takes", node,
                most, limit);
}

static void
find_prefixes(const HsSeen *seen, GPtrArray *findings)
{
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(seen->scenario, i)) != NULL; i++)
        check_prefixes(seen, &dx->element, dx->element.name, dx->prefix_limit,
                       findings);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(seen->scenario, i)) != NULL;
         i++)
        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            g_autofree char *name =
                g_strdup_printf("%s.tunnel%u", vpn->element.name, t);

            check_prefixes(seen, &vpn->element, name, vpn->prefix_limit,
                           findings);
        }
}

void
hs_findings_observed(const HsSeen *seen, GPtrArray *findings)
{
    find_clear(seen, findings);
    find_asymmetry(seen, findings);
    find_drops(seen, findings);
    find_weak(seen, findings);
    find_prefixes(seen, findings);
}
