/* Digits and a power of ten, multiplied by the unit in 128 bits, so that
 * "1.25Gbps" is 1250000000 and nothing near it. */

#include "config.h"

#include "sim/scenario/quantity.h"

#include "models/base/simtime.h"
#include "sim/scenario/complaint.h"

#include <string.h>

typedef struct {
    const char *name;
    uint64_t factor;
} Unit;

static const Unit number_units[] = {{"", 1}, {NULL, 0}};
static const Unit duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", UINT64_C(1000000000)},
    {"min", UINT64_C(60000000000)},
    {"h", UINT64_C(3600000000000)},
    {NULL, 0},
};
static const Unit rate_units[] = {
    {"bps", 1},
    {"kbps", 1000},
    {"Mbps", 1000000},
    {"Gbps", UINT64_C(1000000000)},
    {"Tbps", UINT64_C(1000000000000)},
    {NULL, 0},
};
static const Unit size_units[] = {
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000000},
    {"GB", UINT64_C(1000000000)},
    {"KiB", 1024},
    {"MiB", 1024 * 1024},
    {"GiB", 1024 * 1024 * 1024},
    {NULL, 0},
};
/* In thousandths of an event an hour: all of these are whole then. */
static const Unit frequency_units[] = {
    {"/h", 1000},
    {"/min", 60 * 1000},
    {"/s", 3600 * 1000},
    {NULL, 0},
};
static const Unit percentage_units[] = {{"%", 10000000}, {NULL, 0}};

#define FREQUENCY_HOUR (UINT64_C(3600000000000) * 1000)

static const struct {
    const char *name;
    const Unit *units;
} quantities[] = {
    [HS_QUANTITY_NUMBER] = {"number", number_units},
    [HS_QUANTITY_DURATION] = {"duration", duration_units},
    [HS_QUANTITY_RATE] = {"bit rate", rate_units},
    [HS_QUANTITY_SIZE] = {"size", size_units},
    [HS_QUANTITY_FREQUENCY] = {"frequency", frequency_units},
    [HS_QUANTITY_PERCENTAGE] = {"percentage", percentage_units},
};

static void
suggest_unit(const Unit *units, const char *text, size_t digits,
             GString *problem)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *wanted = g_strstrip(g_strdup(text + digits));
    const char *nearest;

    for (; units->name != NULL; units++)
        g_ptr_array_add(names, g_strdup(units->name));
    nearest = *wanted != '\0' ? hs_nearest(wanted, names) : NULL;
    if (nearest != NULL)
        g_string_append_printf(problem, "; did you mean \"%.*s%s\"?",
                               (int)digits, text, nearest);
}

/* Digits with at most one point between them; *TEXT is moved behind. */
static bool
read_fixed_point(const char **text, uint64_t *ret_mantissa,
                 unsigned *ret_decimals)
{
    const char *c = *text;
    uint64_t mantissa = 0;
    unsigned decimals = 0;
    bool point = false;

    if (!g_ascii_isdigit(*c))
        return false;
    for (;
         g_ascii_isdigit(*c) || (*c == '.' && !point && g_ascii_isdigit(c[1]));
         c++) {
        if (*c == '.') {
            point = true;
            continue;
        }
        if (__builtin_mul_overflow(mantissa, UINT64_C(10), &mantissa) ||
            __builtin_add_overflow(mantissa, (uint64_t)(*c - '0'), &mantissa))
            return false;
        decimals += point;
    }
    *text = c;
    *ret_mantissa = mantissa;
    *ret_decimals = decimals;
    return true;
}

bool
hs_quantity_read(HsQuantity quantity, const char *text, int64_t *ret_value,
                 GString *problem)
{
    const Unit *units = quantities[quantity].units, *unit = units;
    const char *what = quantities[quantity].name, *rest = text;
    unsigned __int128 value, ten = 1;
    uint64_t mantissa;
    unsigned decimals;

    if (!read_fixed_point(&rest, &mantissa, &decimals)) {
        g_string_append_printf(problem, "\"%s\" is not a %s", text, what);
        return false;
    }
    while (unit->name != NULL && !g_str_equal(unit->name, rest))
        unit++;
    if (*rest == '\0' && mantissa == 0)
        unit = units;
    if (unit->name == NULL) {
        if (*rest == '\0')
            g_string_append_printf(problem, "\"%s\" has no unit", text);
        else
            g_string_append_printf(problem, "\"%s\" is not a %s", text, what);
        suggest_unit(units, text, (size_t)(rest - text), problem);
        return false;
    }
    for (unsigned i = 0; i < decimals; i++)
        ten *= 10;
    value = (unsigned __int128)mantissa * unit->factor;
    if (value % ten != 0) {
        g_string_append_printf(problem, "\"%s\" has too many decimals", text);
        return false;
    }
    value /= ten;
    if (quantity == HS_QUANTITY_FREQUENCY && value != 0)
        value = (FREQUENCY_HOUR + value / 2) / value;
    if (value > INT64_MAX) {
        g_string_append_printf(problem, "\"%s\" is too large", text);
        return false;
    }
    *ret_value = (int64_t)value;
    return true;
}

/* VALUE in the unit BEST, with the decimals it needs. */
static void
write_decimal(uint64_t value, const Unit *best, GString *text)
{
    uint64_t rest = value % best->factor;

    g_string_append_printf(text, "%" G_GUINT64_FORMAT, value / best->factor);
    if (rest != 0)
        g_string_append_c(text, '.');
    for (uint64_t digit = best->factor / 10; rest != 0; digit /= 10) {
        g_string_append_c(text, (char)('0' + (int)(rest / digit)));
        rest %= digit;
    }
    g_string_append(text, best->name);
}

/* The frequency whose gap is GAP: the least number of an event's thousandths
 * that reads back as GAP, in the unit that writes it shortest. */
static void
write_frequency(uint64_t gap, GString *text)
{
    uint64_t value = gap == 0 ? 0 : (FREQUENCY_HOUR + gap / 2) / gap;

    for (unsigned i = G_N_ELEMENTS(frequency_units) - 1; i-- > 0;) {
        const Unit *unit = &frequency_units[i];
        uint64_t near = (value + unit->factor / 2) / unit->factor;
        uint64_t whole = near * unit->factor;

        /* A whole number of events, as a person would have written it. */
        if (gap == 0 ||
            (whole != 0 && (FREQUENCY_HOUR + whole / 2) / whole == gap)) {
            g_string_append_printf(text, "%" G_GUINT64_FORMAT "%s", near,
                                   unit->name);
            return;
        }
    }
    write_decimal(value, &frequency_units[0], text);
}

void
hs_quantity_write(HsQuantity quantity, int64_t value, GString *text)
{
    const Unit *best = quantities[quantity].units;
    uint64_t v = (uint64_t)value;
    char buffer[HS_TIME_TEXT];

    g_assert(value >= 0);
    switch (quantity) {
    case HS_QUANTITY_DURATION:
        g_string_append(text, hs_duration_format(value, buffer));
        return;
    case HS_QUANTITY_FREQUENCY:
        write_frequency(v, text);
        return;
    case HS_QUANTITY_RATE:
        for (const Unit *unit = best; unit->name != NULL; unit++) {
            if (unit->factor <= v)
                best = unit;
        }
        break;
    case HS_QUANTITY_SIZE: /* 1500B, not 1.5kB: whole, and powers of ten */
        for (const Unit *unit = best; unit->name != NULL; unit++) {
            if (v != 0 && v % unit->factor == 0 && unit->factor % 10 == 0)
                best = unit;
        }
        break;
    case HS_QUANTITY_NUMBER:
    case HS_QUANTITY_PERCENTAGE:
        break;
    }
    write_decimal(v, best, text);
}
