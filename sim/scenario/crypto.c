/* What [expect] can ask of the cryptography that was negotiated. A suite is a
 * cipher, "aes256-gcm16"; with CBC its HMAC may follow, "aes256-sha2-256", and
 * without one any will do. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/quantity.h"
#include "sim/scenario/schema.h"

#include <string.h>

static const char *const keys[] = {
#define X(name, key, help) key,
    HS_CRYPTO_RULES(X)
#undef X
};

const char *
hs_crypto_rule_name(HsCryptoRule rule)
{
    g_assert((unsigned)rule < HS_CRYPTO_RULE_COUNT);
    return keys[rule];
}

bool
hs_crypto_rule_find(const char *key, HsCryptoRule *ret_rule)
{
    for (unsigned i = 0; i < HS_CRYPTO_RULE_COUNT; i++) {
        if (!g_str_equal(key, keys[i]))
            continue;
        if (ret_rule != NULL)
            *ret_rule = i;
        return true;
    }
    return false;
}

void
hs_crypto_expectation_free(void *expectation)
{
    HsCryptoExpectation *e = expectation;

    if (e == NULL)
        return;
    g_strfreev(e->words);
    g_free(e->text);
    g_free(e);
}

static void
add_words(GPtrArray *words, const char *const *more)
{
    for (; *more != NULL; more++)
        g_ptr_array_add(words, g_strdup(*more));
}

/* GCM has no HMAC in ESP; in IKE it has a PRF, which counts as one. */
static void
add_suites(GPtrArray *words, bool ike)
{
    add_words(words, hs_encryption_words);
    for (unsigned e = 0; hs_encryption_words[e] != NULL; e++) {
        bool cbc = e == HS_ENCRYPTION_AES128 || e == HS_ENCRYPTION_AES256;

        for (unsigned i = 0; (cbc || ike) && hs_integrity_words[i] != NULL; i++)
            g_ptr_array_add(words, g_strconcat(hs_encryption_words[e], "-",
                                               hs_integrity_words[i], NULL));
    }
}

static GPtrArray *
words_of(HsCryptoRule rule)
{
    static const char *const switches[] = {"yes", "no", NULL};
    static const char *const modes[] = {"tunnel", "transport", NULL};
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    switch (rule) {
    case HS_CRYPTO_SUITE:
    case HS_CRYPTO_IKE_SUITE:
        add_suites(words, rule == HS_CRYPTO_IKE_SUITE);
        break;
    case HS_CRYPTO_GROUP:
        add_words(words, hs_dh_group_words);
        break;
    case HS_CRYPTO_PFS:
        add_words(words, switches);
        break;
    case HS_CRYPTO_MODE:
        add_words(words, modes);
        break;
    case HS_CRYPTO_LIFETIME:
    case HS_CRYPTO_RULE_COUNT:
        break;
    }
    return words;
}

static bool
read_words(HsCryptoExpectation *e, const char *text, GString *problem)
{
    g_autoptr(GPtrArray) words = words_of(e->rule);

    e->words = g_strsplit(*text != '\0' ? text : " ", ",", -1);
    for (char **word = e->words; *word != NULL; word++) {
        if (g_ptr_array_find_with_equal_func(words, g_strstrip(*word),
                                             g_str_equal, NULL))
            continue;
        g_string_append_printf(problem, "\"%s\" is not known here", *word);
        hs_suggest(problem, *word, words);
        return false;
    }
    return true;
}

HsCryptoExpectation *
hs_crypto_expectation_read(const char *key, const char *text, GString *problem)
{
    HsCryptoExpectation *e = g_new0(HsCryptoExpectation, 1);
    bool good;

    good = hs_crypto_rule_find(key, &e->rule);
    g_assert(good);
    e->text = g_strdup(text);
    good =
        e->rule == HS_CRYPTO_LIFETIME
            ? hs_quantity_read(HS_QUANTITY_DURATION, text, &e->limit, problem)
            : read_words(e, text, problem);
    if (!good)
        g_clear_pointer(&e, hs_crypto_expectation_free);
    return e;
}

void
hs_crypto_manual(GString *text)
{
    static const char *const helps[] = {
#define X(name, key, help) help,
        HS_CRYPTO_RULES(X)
#undef X
    };

    g_string_append(
        text, "\nWhat was negotiated can be asked for, too: in every tunnel, "
              "every time. Several words\nwith a comma between are all "
              "allowed.\n\n"
              "| key | what it asks of | words |\n| --- | --- | --- |\n");
    for (unsigned i = 0; i < HS_CRYPTO_RULE_COUNT; i++) {
        g_autoptr(GPtrArray) words = words_of(i);

        g_string_append_printf(text, "| `%s` | %s | ", keys[i], helps[i]);
        for (guint w = 0; w < words->len; w++)
            g_string_append_printf(text, "%s`%s`", w > 0 ? ", " : "",
                                   (const char *)words->pdata[w]);
        g_string_append(text, words->len == 0 ? "duration: 1h |\n" : " |\n");
    }
}
