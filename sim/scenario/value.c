/* A row of functions for each type. Parsing touches the field only when it
 * succeeds, and formatting is its inverse. Numbers with units are quantity.c's,
 * names of other elements names.c's. */

#include "config.h"

#include "sim/scenario/value.h"

#include "sim/scenario/names.h"
#include "sim/scenario/pages.h"
#include "sim/scenario/private.h"
#include "sim/scenario/quantity.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

bool
hs_parse_complain(const HsParse *p, const char *text, const char *what)
{
    g_string_append_printf(p->problem, "\"%s\" %s", text, what);
    return false;
}

/* Numbers: all are read as int64_t, held against the row's range, and then
 * stored in the width of their type. */

static HsQuantity
quantity_of(HsType type)
{
    if (type == HS_TYPE_DURATION || type == HS_TYPE_SPAN)
        return HS_QUANTITY_DURATION;
    if (type == HS_TYPE_RATE)
        return HS_QUANTITY_RATE;
    if (type == HS_TYPE_SIZE || type == HS_TYPE_SIZE64)
        return HS_QUANTITY_SIZE;
    if (type == HS_TYPE_FREQUENCY)
        return HS_QUANTITY_FREQUENCY;
    return HS_QUANTITY_NUMBER;
}

static bool
in_range(const HsParse *p, const char *text, int64_t value, int64_t most)
{
    const HsRow *row = p->row;
    HsQuantity quantity = quantity_of(row->type);
    bool ranged = row->low != 0 || row->high != 0;
    int64_t low = ranged ? row->low : 0, high = ranged ? row->high : most;

    if (value < low || value > high) {
        /* The range of a frequency is that of its gaps, the other way round. */
        bool inverse = quantity == HS_QUANTITY_FREQUENCY;

        hs_parse_complain(p, text, "is out of range: ");
        hs_quantity_write(quantity, inverse ? high : low, p->problem);
        g_string_append(p->problem, " to ");
        hs_quantity_write(quantity, inverse ? low : high, p->problem);
    } else if (row->step > 1 && value % row->step != 0) {
        hs_parse_complain(p, text, "is not a multiple of ");
        hs_quantity_write(quantity, row->step, p->problem);
    } else {
        return true;
    }
    if (row->rule != NULL)
        g_string_append_printf(p->problem, " (%s)", row->rule);
    return false;
}

static bool
parse_number(const HsParse *p, const char *text, int64_t most,
             int64_t *ret_value)
{
    return hs_quantity_read(quantity_of(p->row->type), text, ret_value,
                            p->problem) &&
           in_range(p, text, *ret_value, most);
}

static bool
parse_int64(const HsParse *p, const char *text, void *field)
{
    int64_t value;

    if (!parse_number(p, text, INT64_MAX, &value))
        return false;
    *(int64_t *)field = value;
    return true;
}

static bool
parse_uint32(const HsParse *p, const char *text, void *field)
{
    int64_t value;

    if (!parse_number(p, text, UINT32_MAX, &value))
        return false;
    *(uint32_t *)field = (uint32_t)value;
    return true;
}

static bool
parse_uint16(const HsParse *p, const char *text, void *field)
{
    int64_t value;

    if (!parse_number(p, text, UINT16_MAX, &value))
        return false;
    *(uint16_t *)field = (uint16_t)value;
    return true;
}

static bool
parse_span(const HsParse *p, const char *text, void *field)
{
    if (!g_str_equal(text, "forever"))
        return parse_int64(p, text, field);
    *(HsDuration *)field = HS_TIME_NEVER;
    return true;
}

static void
format_int64(const HsRow *row, const void *field, GString *text)
{
    hs_quantity_write(quantity_of(row->type), *(const int64_t *)field, text);
}

static void
format_uint32(const HsRow *row, const void *field, GString *text)
{
    hs_quantity_write(quantity_of(row->type), *(const uint32_t *)field, text);
}

static void
format_uint16(const HsRow *row, const void *field, GString *text)
{
    hs_quantity_write(quantity_of(row->type), *(const uint16_t *)field, text);
}

/* A seed: all 64 bits of it. */
static bool
parse_uint64(const HsParse *p, const char *text, void *field)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, &value, NULL))
        return hs_parse_complain(p, text, "is not a whole number below 2^64");
    *(uint64_t *)field = value;
    return true;
}

static void
format_uint64(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    g_string_append_printf(text, "%" G_GUINT64_FORMAT,
                           *(const uint64_t *)field);
}

static void
format_span(const HsRow *row, const void *field, GString *text)
{
    if (*(const HsDuration *)field == HS_TIME_NEVER)
        g_string_append(text, "forever");
    else
        format_int64(row, field, text);
}

static bool
parse_range(const HsParse *p, const char *text, void *field)
{
    const char *dots = strstr(text, "..");
    HsRange range;

    if (dots == NULL) {
        if (!hs_quantity_read(HS_QUANTITY_DURATION, text, &range.low,
                              p->problem))
            return false;
        range.high = range.low;
    } else {
        g_autofree char *low = g_strndup(text, (size_t)(dots - text));

        if (!hs_quantity_read(HS_QUANTITY_DURATION, g_strstrip(low), &range.low,
                              p->problem))
            return false;
        for (dots += 2; *dots == ' ';)
            dots++;
        if (!hs_quantity_read(HS_QUANTITY_DURATION, dots, &range.high,
                              p->problem))
            return false;
        if (range.high < range.low)
            return hs_parse_complain(p, text, "ends before it begins");
    }
    *(HsRange *)field = range;
    return true;
}

static void
format_range(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    const HsRange *range = field;

    hs_quantity_write(HS_QUANTITY_DURATION, range->low, text);
    if (range->high != range->low) {
        g_string_append(text, "..");
        hs_quantity_write(HS_QUANTITY_DURATION, range->high, text);
    }
}

static bool
parse_percent(const HsParse *p, const char *text, void *field)
{
    int64_t billionths;

    if (!hs_quantity_read(HS_QUANTITY_PERCENTAGE, text, &billionths,
                          p->problem))
        return false;
    if (billionths > 1000000000)
        return hs_parse_complain(p, text, "is out of range: 0% to 100%");
    *(double *)field = (double)billionths / 1e9;
    return true;
}

static void
format_percent(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    double billionths = *(const double *)field * 1e9;

    hs_quantity_write(HS_QUANTITY_PERCENTAGE, (int64_t)(billionths + 0.5),
                      text);
}

/* Words and texts */

static bool
parse_text(const HsParse *p G_GNUC_UNUSED, const char *text, void *field)
{
    g_free(*(char **)field);
    *(char **)field = g_strdup(text);
    return true;
}

static void
format_text(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    g_string_append(text, *(char *const *)field);
}

static void
clear_text(void *field)
{
    g_clear_pointer((char **)field, g_free);
}

static bool
parse_bool(const HsParse *p, const char *text, void *field)
{
    if (!g_str_equal(text, "yes") && !g_str_equal(text, "no"))
        return hs_parse_complain(p, text, "is not a switch");
    *(bool *)field = g_str_equal(text, "yes");
    return true;
}

static void
format_bool(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    g_string_append(text, *(const bool *)field ? "yes" : "no");
}

static GPtrArray *
words_of(const char *const *words)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    for (; *words != NULL; words++)
        g_ptr_array_add(list, g_strdup(*words));
    return list;
}

static bool
find_word(const HsParse *p, const char *text, unsigned *ret_index)
{
    g_autoptr(GPtrArray) words = words_of(p->row->words);

    for (unsigned i = 0; i < words->len; i++) {
        if (g_str_equal(words->pdata[i], text)) {
            *ret_index = i;
            return true;
        }
    }
    hs_parse_complain(p, text, "is not known here");
    hs_suggest(p->problem, text, words);
    return false;
}

static bool
parse_word(const HsParse *p, const char *text, void *field)
{
    return find_word(p, text, field);
}

static void
format_word(const HsRow *row, const void *field, GString *text)
{
    g_string_append(text, row->words[*(const unsigned *)field]);
}

bool
hs_words_have(const HsWords *words, unsigned value)
{
    return memchr(words->values, (int)value, words->count) != NULL;
}

static bool
parse_words(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    HsWords list = {.count = 0};
    unsigned index = 0;

    /* An empty text is split into nothing; it is no word, either. */
    if (*words == NULL)
        return find_word(p, text, &index);
    for (char **word = words; *word != NULL; word++) {
        if (!find_word(p, g_strstrip(*word), &index))
            return false;
        if (p->row->refused & 1u << index)
            return hs_parse_complain(p, *word, p->row->rule);
        if (hs_words_have(&list, index))
            return hs_parse_complain(p, *word, "is there twice");
        /* Each once: there are no more of them than words. */
        list.values[list.count++] = (uint8_t)index;
    }
    *(HsWords *)field = list;
    return true;
}

static void
format_words(const HsRow *row, const void *field, GString *text)
{
    const HsWords *list = field;

    for (unsigned i = 0; i < list->count; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               row->words[list->values[i]]);
}

/* Addresses */

bool
hs_parse_one_prefix(const HsParse *p, const char *text, HsPrefix *ret_prefix)
{
    HsPrefix prefix, masked;
    char buffer[HS_PREFIX_TEXT];

    if (!hs_prefix_parse(text, &prefix))
        return hs_parse_complain(p, text, "is not a prefix");
    if (prefix.addr.family != HS_FAMILY_IPV4)
        return hs_parse_complain(p, text,
                                 "is IPv6, which this version does not run");
    masked = hs_prefix_masked(&prefix);
    if (!hs_prefix_equal(&prefix, &masked) ||
        !hs_addr_equal(&prefix.addr, &masked.addr)) {
        hs_parse_complain(p, text, "has host bits set");
        g_string_append_printf(p->problem, "; did you mean \"%s\"?",
                               hs_prefix_format(&masked, buffer));
        return false;
    }
    *ret_prefix = prefix;
    return true;
}

static bool
parse_prefix(const HsParse *p, const char *text, void *field)
{
    return hs_parse_one_prefix(p, text, field);
}

static void
format_prefix(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    const HsPrefix *prefix = field;
    char buffer[HS_PREFIX_TEXT];

    g_string_append(text, hs_addr_is_set(&prefix->addr)
                              ? hs_prefix_format(prefix, buffer)
                              : "none");
}

bool
hs_prefixes_cover(const HsPrefixes *prefixes, const HsPrefix *prefix)
{
    for (unsigned i = 0; i < prefixes->count; i++)
        if (hs_prefix_covers(&prefixes->values[i], prefix))
            return true;
    return false;
}

static void
clear_prefixes(void *field)
{
    HsPrefixes *list = field;

    g_free(list->values);
    *list = (HsPrefixes){.values = NULL};
}

static bool
parse_prefixes(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    HsPrefixes list;

    if (*text == '\0')
        return hs_parse_complain(p, text, "names no prefix");
    for (char **word = words; *word != NULL && !g_str_equal(text, "none");
         word++) {
        HsPrefix prefix;

        if (!hs_parse_one_prefix(p, g_strstrip(*word), &prefix))
            return false;
        for (unsigned i = 0; i < found->len; i++)
            if (hs_prefix_equal(&g_array_index(found, HsPrefix, i), &prefix))
                return hs_parse_complain(p, *word, "is there twice");
        g_array_append_val(found, prefix);
    }
    clear_prefixes(field);
    list.count = found->len;
    list.values =
        (HsPrefix *)(void *)g_array_free(g_steal_pointer(&found), FALSE);
    *(HsPrefixes *)field = list;
    return true;
}

static void
format_prefixes(const HsRow *row G_GNUC_UNUSED, const void *field,
                GString *text)
{
    const HsPrefixes *list = field;
    char buffer[HS_PREFIX_TEXT];

    if (list->count == 0)
        g_string_append(text, "none");
    for (unsigned i = 0; i < list->count; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               hs_prefix_format(&list->values[i], buffer));
}

static bool
parse_address(const HsParse *p, const char *text, void *field)
{
    HsAddr address;

    if (!hs_addr_parse(text, &address))
        return hs_parse_complain(p, text, "is not an address");
    if (address.family != HS_FAMILY_IPV4)
        return hs_parse_complain(p, text,
                                 "is IPv6, which this version does not run");
    *(HsAddr *)field = address;
    return true;
}

static void
format_address(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    char buffer[HS_ADDR_TEXT];

    g_string_append(text, hs_addr_format(field, buffer));
}

/* Values of their own */

static bool
parse_bfd(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) parts = NULL;
    HsDuration interval;
    int64_t multiplier;

    if (g_str_equal(text, "off")) {
        *(HsBfdTimers *)field = (HsBfdTimers){0, 0};
        return true;
    }
    parts = g_strsplit(text, " x ", -1);
    if (g_strv_length(parts) != 2)
        return hs_parse_complain(p, text,
                                 "is not an interval and a multiplier");
    if (!hs_quantity_read(HS_QUANTITY_DURATION, g_strstrip(parts[0]), &interval,
                          p->problem) ||
        !hs_quantity_read(HS_QUANTITY_NUMBER, g_strstrip(parts[1]), &multiplier,
                          p->problem))
        return false;
    /* AWS's minimum for Direct Connect; the fields hold 32 bits of
     * microseconds and 8 bits (RFC 5880 4.1). */
    if (interval < HS_MSEC(300) || interval > HS_SEC(4294) ||
        interval % HS_USEC(1) != 0)
        return hs_parse_complain(
            p, text,
            "is out of range: AWS takes intervals of 300ms or "
            "more, in whole microseconds (" DX_BFD ")");
    if (multiplier < 3 || multiplier > 255)
        return hs_parse_complain(
            p, text,
            "is out of range: AWS takes multipliers of 3 or "
            "more, RFC 5880 of 255 or less (" DX_BFD ")");
    *(HsBfdTimers *)field = (HsBfdTimers){interval, (uint8_t)multiplier};
    return true;
}

static void
format_bfd(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    const HsBfdTimers *bfd = field;

    if (bfd->interval == 0) {
        g_string_append(text, "off");
        return;
    }
    hs_quantity_write(HS_QUANTITY_DURATION, bfd->interval, text);
    g_string_append_printf(text, " x %u", bfd->multiplier);
}

static bool
takes_form(HsDistributionShape shape)
{
    return shape == HS_DISTRIBUTION_LOGNORMAL ||
           shape == HS_DISTRIBUTION_PARETO;
}

/* "pareto 2.5": the tail's exponent, a plain number in thousandths. */
static bool
parse_form(const HsParse *p, const char *text, uint32_t *ret_milli)
{
    g_autofree char *as_percent = g_strconcat(text, "%", NULL);
    int64_t units; /* of 10^-7: what a percentage counts */

    if (!hs_quantity_read(HS_QUANTITY_PERCENTAGE, as_percent, &units,
                          p->problem))
        return false;
    if (units % 10000 != 0 || units < 100000 || units > 1000000000)
        return hs_parse_complain(
            p, text, "is out of range: 0.01 to 100, three decimals");
    *ret_milli = (uint32_t)(units / 10000);
    return true;
}

static bool
parse_distribution(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) parts = g_strsplit(text, " ", -1);
    unsigned count = g_strv_length(parts), wanted;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    HsDistribution d = {HS_DISTRIBUTION_COUNT, 0, 0};

    for (unsigned shape = 0; shape < HS_DISTRIBUTION_COUNT; shape++) {
        g_ptr_array_add(names, g_strdup(hs_distribution_name(shape)));
        if (count > 0 && g_str_equal(parts[0], hs_distribution_name(shape)))
            d.shape = shape;
    }
    if (d.shape == HS_DISTRIBUTION_COUNT) {
        hs_parse_complain(p, text, "is not a distribution");
        hs_suggest(p->problem, count > 0 ? parts[0] : "", names);
        return false;
    }
    wanted = d.shape == HS_DISTRIBUTION_NONE ? 1 : takes_form(d.shape) ? 3 : 2;
    if (count != wanted)
        return hs_parse_complain(
            p, text,
            wanted == 1   ? "has too much: \"none\" stands alone"
            : wanted == 2 ? "is not a word and a duration"
                          : "is not a word, a duration and a "
                            "number");
    if (wanted >= 2) {
        if (!hs_quantity_read(HS_QUANTITY_DURATION, parts[1], &d.scale,
                              p->problem))
            return false;
        if (d.scale > HS_SEC(3600))
            return hs_parse_complain(p, text, "is out of range: at most 1 h");
    }
    if (wanted == 3 && !parse_form(p, parts[2], &d.form_milli))
        return false;
    *(HsDistribution *)field = d;
    return true;
}

static void
format_distribution(const HsRow *row G_GNUC_UNUSED, const void *field,
                    GString *text)
{
    const HsDistribution *d = field;

    g_string_append(text, hs_distribution_name(d->shape));
    if (d->shape == HS_DISTRIBUTION_NONE)
        return;
    g_string_append_c(text, ' ');
    hs_quantity_write(HS_QUANTITY_DURATION, d->scale, text);
    if (takes_form(d->shape)) {
        g_string_append_printf(text, " %u.%03u", d->form_milli / 1000,
                               d->form_milli % 1000);
        while (text->str[text->len - 1] == '0')
            g_string_truncate(text, text->len - 1);
        if (text->str[text->len - 1] == '.')
            g_string_truncate(text, text->len - 1);
    }
}

static bool
parse_communities(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    HsCommunities communities = {.count = 0};

    if (*text == '\0')
        return hs_parse_complain(p, text, "names no community");
    if (g_str_equal(text, "none")) {
        *(HsCommunities *)field = communities;
        return true;
    }
    for (char **word = words; *word != NULL; word++) {
        char *colon = strchr(g_strstrip(*word), ':');
        int64_t high, low;

        if (communities.count == G_N_ELEMENTS(communities.values))
            return hs_parse_complain(p, text, "has more than 16 communities");
        if (colon == NULL)
            return hs_parse_complain(p, *word, "is not a community");
        *colon = '\0';
        if (!hs_quantity_read(HS_QUANTITY_NUMBER, *word, &high, p->problem) ||
            !hs_quantity_read(HS_QUANTITY_NUMBER, colon + 1, &low, p->problem))
            return false;
        if (high > UINT16_MAX || low > UINT16_MAX)
            return hs_parse_complain(
                p, text,
                "is out of range: both halves of a community "
                "are 0 to 65535 (RFC 1997)");
        communities.values[communities.count++] =
            (uint32_t)high << 16 | (uint32_t)low;
    }
    *(HsCommunities *)field = communities;
    return true;
}

static void
format_communities(const HsRow *row G_GNUC_UNUSED, const void *field,
                   GString *text)
{
    const HsCommunities *c = field;

    if (c->count == 0)
        g_string_append(text, "none");
    for (unsigned i = 0; i < c->count; i++)
        g_string_append_printf(text, "%s%u:%u", i > 0 ? ", " : "",
                               c->values[i] >> 16, c->values[i] & 0xffff);
}

/* What elements can be named with, so that others can refer to it. */
static bool
parse_name(const HsParse *p, const char *text, void *field)
{
    if (!hs_is_name(text))
        return hs_parse_complain(p, text, "is not a word");
    return parse_text(p, text, field);
}

/* "pass", or "fail: " and the expectations that do. That [expect] has them is
 * for check.c. */
static bool
parse_verdict(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = NULL;

    if (!g_str_equal(text, "pass")) {
        if (!g_str_has_prefix(text, "fail:"))
            return hs_parse_complain(p, text, "is no verdict");
        names = g_strsplit(text + strlen("fail:"), ",", -1);
        for (char **name = names; *name != NULL; name++)
            if (*g_strstrip(*name) == '\0')
                return hs_parse_complain(p, text, "names no expectation");
    }
    hs_clear_links(field);
    *(char ***)field = g_steal_pointer(&names);
    return true;
}

static void
format_verdict(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    char *const *names = *(char **const *)field;

    g_string_append(text, names == NULL ? "pass" : "fail: ");
    for (unsigned i = 0; names != NULL && names[i] != NULL; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", names[i]);
}

/* AWS Site-to-Site VPN guide, "Tunnel options". */
static bool
parse_psk(const HsParse *p, const char *text, void *field)
{
    static const char signs[] = "._";
    size_t length = strlen(text);

    if (length < 8 || length > 64)
        return hs_parse_complain(p, text,
                                 "is out of range: AWS takes pre-shared keys "
                                 "of 8 to 64 characters (" VPN_TUNNEL ")");
    if (*text == '0')
        return hs_parse_complain(
            p, text, "begins with 0, which AWS does not take (" VPN_TUNNEL ")");
    for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr(signs, *c) == NULL)
            return hs_parse_complain(p, text,
                                     "has a character that AWS does not take "
                                     "in a pre-shared key (" VPN_TUNNEL ")");
    return parse_text(p, text, field);
}

static void
format_psk(const HsRow *row, const void *field, GString *text)
{
    if (*(char *const *)field != NULL)
        format_text(row, field, text);
}

/* What Linux takes as the name of a device. */
static bool
parse_port(const HsParse *p, const char *text, void *field)
{
    HsPort port = {""};
    const char *name = g_str_has_prefix(text, "tun ") ? text + 4 : NULL;

    if (g_str_equal(text, "simulated")) {
        *(HsPort *)field = port;
        return true;
    }
    if (name == NULL)
        return hs_parse_complain(p, text, "is not a port");
    if (*name == '\0' || strlen(name) >= sizeof port.device ||
        strpbrk(name, "/:% \t") != NULL || g_str_equal(name, ".") ||
        g_str_equal(name, ".."))
        return hs_parse_complain(p, name,
                                 "is no name of a network device, which has 1 "
                                 "to 15 characters without blanks, / : and %");
    g_strlcpy(port.device, name, sizeof port.device);
    *(HsPort *)field = port;
    return true;
}

static void
format_port(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    const HsPort *port = field;

    if (hs_port_is_real(port))
        g_string_append_printf(text, "tun %s", port->device);
    else
        g_string_append(text, "simulated");
}

static bool
parse_decimal(const HsParse *p, const char *text, void *field)
{
    char *end;
    double value = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(value))
        return hs_parse_complain(p, text, "is not a number");
    *(double *)field = value;
    return true;
}

static void
format_decimal(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(text, g_ascii_formatd(buffer, sizeof buffer, "%.15g",
                                          *(const double *)field));
}

static const struct {
    bool (*parse)(const HsParse *p, const char *text, void *field);
    void (*format)(const HsRow *row, const void *field, GString *text);
    void (*clear)(void *field);
} types[] = {
    [HS_TYPE_TEXT] = {parse_text, format_text, clear_text},
    [HS_TYPE_BOOL] = {parse_bool, format_bool, NULL},
    [HS_TYPE_DURATION] = {parse_int64, format_int64, NULL},
    [HS_TYPE_SPAN] = {parse_span, format_span, NULL},
    [HS_TYPE_RANGE] = {parse_range, format_range, NULL},
    [HS_TYPE_RATE] = {parse_int64, format_int64, NULL},
    [HS_TYPE_SIZE] = {parse_uint32, format_uint32, NULL},
    [HS_TYPE_SIZE64] = {parse_int64, format_int64, NULL},
    [HS_TYPE_COUNT32] = {parse_uint32, format_uint32, NULL},
    [HS_TYPE_COUNT16] = {parse_uint16, format_uint16, NULL},
    [HS_TYPE_COUNT64] = {parse_uint64, format_uint64, NULL},
    [HS_TYPE_FREQUENCY] = {parse_int64, format_int64, NULL},
    [HS_TYPE_PERCENT] = {parse_percent, format_percent, NULL},
    [HS_TYPE_PREFIX] = {parse_prefix, format_prefix, NULL},
    [HS_TYPE_ADDRESS] = {parse_address, format_address, NULL},
    [HS_TYPE_WORD] = {parse_word, format_word, NULL},
    [HS_TYPE_REFERENCE] = {hs_parse_reference, hs_format_reference, NULL},
    [HS_TYPE_ENDPOINT] = {hs_parse_reference, hs_format_reference, NULL},
    [HS_TYPE_ELEMENTS] = {hs_parse_elements, hs_format_elements,
                          hs_clear_elements},
    [HS_TYPE_BETWEEN] = {hs_parse_between, hs_format_between, NULL},
    [HS_TYPE_ENDS] = {hs_parse_ends, hs_format_ends, NULL},
    [HS_TYPE_PAIR] = {hs_parse_pair, hs_format_pair, NULL},
    [HS_TYPE_TARGET] = {hs_parse_target, hs_format_target, hs_clear_target},
    [HS_TYPE_PREFIXES] = {parse_prefixes, format_prefixes, clear_prefixes},
    [HS_TYPE_ROUTES] = {hs_parse_routes, hs_format_routes, hs_clear_routes},
    [HS_TYPE_VERDICT] = {parse_verdict, format_verdict, hs_clear_links},
    [HS_TYPE_NAME] = {parse_name, format_text, clear_text},
    [HS_TYPE_BFD] = {parse_bfd, format_bfd, NULL},
    [HS_TYPE_DISTRIBUTION] = {parse_distribution, format_distribution, NULL},
    [HS_TYPE_COMMUNITIES] = {parse_communities, format_communities, NULL},
    [HS_TYPE_PSK] = {parse_psk, format_psk, clear_text},
    [HS_TYPE_WORDS] = {parse_words, format_words, NULL},
    [HS_TYPE_LINKS] = {hs_parse_links, hs_format_links, hs_clear_links},
    [HS_TYPE_PORT] = {parse_port, format_port, NULL},
    [HS_TYPE_DECIMAL] = {parse_decimal, format_decimal, NULL},
};
G_STATIC_ASSERT(G_N_ELEMENTS(types) == HS_TYPE_COUNT);

bool
hs_value_parse(const HsScenario *scenario, const HsRow *row, HsElement *element,
               const char *text, GString *problem)
{
    HsParse p = {.scenario = scenario, .row = row, .problem = problem};
    void *field = (char *)element + row->offset;

    if (types[row->type].parse(&p, text, field))
        return true;
    /* A suggestion or a list of words says it already. */
    if (problem->len > 0 && *hs_type_example(row->type) != '\0' &&
        strstr(problem->str, "; ") == NULL &&
        strstr(problem->str, " out of range") == NULL &&
        strstr(problem->str, "multiple of") == NULL)
        g_string_append_printf(problem, "; expected %s",
                               hs_type_example(row->type));
    return false;
}

void
hs_value_format(const HsRow *row, const HsElement *element, GString *text)
{
    types[row->type].format(row, (const char *)element + row->offset, text);
}

void
hs_value_clear(const HsRow *row, HsElement *element)
{
    if (types[row->type].clear != NULL)
        types[row->type].clear((char *)element + row->offset);
}

bool
hs_limit_parse(HsUnit unit, const char *text, int64_t *ret_limit,
               GString *problem)
{
    const HsRow row = {.type = hs_unit_type(unit)};
    HsParse p = {.row = &row, .problem = problem};

    if (parse_number(&p, text, INT64_MAX, ret_limit))
        return true;
    if (strstr(problem->str, "; ") == NULL)
        g_string_append_printf(problem, "; expected %s",
                               hs_type_example(row.type));
    return false;
}
