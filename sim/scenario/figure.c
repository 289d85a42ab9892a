/* The figures that [expect] can bound. They stand here as families: one that
 * the clients have comes three times, for both together, for the persistent
 * connection and for the pool, whose word goes between the family's name and
 * its suffix ("outage.pool.worst"). A test holds the names and units against
 * those that sim/observe has readings for. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/schema.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *suffix;
    bool clients;
    HsUnit unit;
    const char *help;
    bool of_fault; /* each fault has its own, besides */
} Family;

#define LATENCIES(PHASE, WHEN)                                                  \
    {PHASE "p50", "", true, HS_UNIT_DURATION, "median latency, " WHEN, false},  \
        {PHASE "p90", "", true, HS_UNIT_DURATION, "90th percentile, " WHEN,     \
         false},                                                                \
        {PHASE "p99", "", true, HS_UNIT_DURATION, "99th percentile, " WHEN,     \
         false},                                                                \
        {PHASE "p99.9", "", true, HS_UNIT_DURATION, "99.9th percentile, " WHEN, \
         false},                                                                \
        {PHASE "mean",          "",   true, HS_UNIT_DURATION,                   \
         "mean latency, " WHEN, false},                                         \
    {                                                                           \
        PHASE "max", "", true, HS_UNIT_DURATION, "highest latency, " WHEN,      \
            false                                                               \
    }

static const Family families[] = {
    {"failover", "", true, HS_UNIT_DURATION,
     "fault to the first good reply to a request sent after it", true},
    {"outage", "", true, HS_UNIT_DURATION,
     "longest span without a good reply that overlaps the failover", true},
    {"outage", ".worst", true, HS_UNIT_DURATION,
     "the same on the worst connection", true},
    {"detect", "", false, HS_UNIT_DURATION,
     "fault to the detection that governed the recovery", true},
    {"withdraw", "", false, HS_UNIT_DURATION,
     "fault to the last route received that the recovery needed", true},
    {"fib", "", false, HS_UNIT_DURATION,
     "fault to the last forwarding table that the recovery needed", true},
    {"tunnel", "", false, HS_UNIT_DURATION,
     "fault to a tunnel usable on the new path, where one had to be made",
     true},
    {"dataplane", "", false, HS_UNIT_DURATION,
     "fault to the first probe that arrives again", true},
    {"transport", "", true, HS_UNIT_DURATION,
     "fault to the first TCP segment acknowledged again", true},
    {"settled", "", true, HS_UNIT_DURATION,
     "fault until latency is back in its steady band", true},
    {"failback", "", false, HS_UNIT_DURATION,
     "end of the fault to the last session and route that came back", true},
    {"failback.gap", "", true, HS_UNIT_DURATION,
     "longest span without a good reply after the end of the fault", true},
    {"probes.lost", "", false, HS_UNIT_COUNT, "probes lost, both directions",
     false},
    {"requests.failed", "", true, HS_UNIT_COUNT, "requests that failed", false},
    {"requests.delayed", "", true, HS_UNIT_COUNT,
     "requests answered above the steady band", false},
    {"requests.pending", "", true, HS_UNIT_COUNT,
     "requests still open when the run ended", false},
    LATENCIES("db.", "whole run"),
    LATENCIES("db.before.", "before the fault"),
    LATENCIES("db.during.", "from the fault until latency has settled"),
    LATENCIES("db.after.", "from then until the fault ends"),
    LATENCIES("db.failback.", "after the end of the fault"),
    {"plaintext.bytes", "", false, HS_UNIT_BYTES,
     "bytes of protected flows in clear, on all untrusted links", false},
    {"plaintext.lan.bytes", "", false, HS_UNIT_BYTES,
     "the same on the sites' LANs", false},
    {"plaintext.vpc.bytes", "", false, HS_UNIT_BYTES, "the same in the VPCs",
     false},
    {"plaintext.dx.bytes", "", false, HS_UNIT_BYTES,
     "the same on Direct Connect", false},
    {"plaintext.internet.bytes", "", false, HS_UNIT_BYTES,
     "the same on the internet", false},
    {"plaintext.other.bytes", "", false, HS_UNIT_BYTES,
     "the same on other links", false},
    {"tunnels.rekeys", "", false, HS_UNIT_COUNT,
     "times that a tunnel's SAs were replaced, ESP's and IKE's", false},
    {"tunnels.lost", "", false, HS_UNIT_COUNT, "times that a tunnel went down",
     false},
};

static const char *const clients[] = {"", ".persistent", ".pool"};

/* A figure's number: its family's first, and its client. */
typedef struct {
    const Family *family;
    unsigned client;
} Place;

static bool
place_of(HsFigure figure, Place *ret_place)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(families); i++) {
        unsigned members = families[i].clients ? G_N_ELEMENTS(clients) : 1;

        if (figure < members) {
            *ret_place = (Place){&families[i], figure};
            return true;
        }
        figure -= members;
    }
    return false;
}

unsigned
hs_figure_count(void)
{
    unsigned count = 0;
    Place place;

    while (place_of(count, &place))
        count++;
    return count;
}

const char *
hs_figure_name(HsFigure figure)
{
    g_autofree char *name = NULL;
    Place place;
    bool known = place_of(figure, &place);

    g_assert(known);
    name = g_strconcat(place.family->name, clients[place.client],
                       place.family->suffix, NULL);
    return g_intern_string(name);
}

HsUnit
hs_figure_unit(HsFigure figure)
{
    Place place;
    bool known = place_of(figure, &place);

    g_assert(known);
    return place.family->unit;
}

bool
hs_figure_find(const char *name, HsFigure *ret_figure)
{
    Place place;

    for (HsFigure figure = 0; place_of(figure, &place); figure++) {
        if (g_str_equal(hs_figure_name(figure), name)) {
            *ret_figure = figure;
            return true;
        }
    }
    return false;
}

HsType
hs_unit_type(HsUnit unit)
{
    switch (unit) {
    case HS_UNIT_DURATION:
        return HS_TYPE_DURATION;
    case HS_UNIT_BYTES:
        return HS_TYPE_SIZE64;
    case HS_UNIT_COUNT:
        return HS_TYPE_COUNT64;
    case HS_UNIT_NONE:
    case HS_UNIT_NUMBER:
        break;
    }
    g_assert_not_reached();
}

const char *
hs_unit_name(HsUnit unit)
{
    static const char *const names[] = {
        [HS_UNIT_NONE] = "words",    [HS_UNIT_DURATION] = "duration",
        [HS_UNIT_BYTES] = "size",    [HS_UNIT_COUNT] = "number",
        [HS_UNIT_NUMBER] = "number",
    };

    g_assert((unsigned)unit < G_N_ELEMENTS(names));
    return names[unit];
}

/* "fault.cut.outage.pool": a figure of the failover, of one fault. */
static bool
parse_of_fault(const char *name, HsUnit *ret_unit, char **ret_fault)
{
    size_t longest = 0;
    Place place;

    if (!g_str_has_prefix(name, "fault."))
        return false;
    name += strlen("fault.");
    for (HsFigure figure = 0; place_of(figure, &place); figure++) {
        const char *word = hs_figure_name(figure);
        g_autofree char *end = g_strconcat(".", word, NULL);

        if (!place.family->of_fault || strlen(word) <= longest ||
            !g_str_has_suffix(name, end) || strlen(name) == strlen(end))
            continue;
        longest = strlen(word);
        *ret_unit = place.family->unit;
    }
    if (longest > 0)
        *ret_fault = g_strndup(name, strlen(name) - longest - 1);
    return longest > 0;
}

/* One to three digits and at most two decimals: "95", "99.95". */
static bool
is_percent(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    const char *dot = text + whole;
    size_t decimals = *dot == '.' ? strspn(dot + 1, "0123456789") : 0;

    if (whole == 0 || whole > 3 || decimals > 2 ||
        (*dot == '.' && (decimals == 0 || dot[decimals + 1] != '\0')) ||
        (*dot != '.' && *dot != '\0'))
        return false;
    return g_ascii_strtod(text, NULL) <= 100;
}

/* "db.during.p95.pool", "db.count" */
static bool
parse_latency(const char *name, HsUnit *ret_unit)
{
    static const char *const phases[] = {"before.", "during.", "after.",
                                         "failback."};
    g_autofree char *word = NULL;

    if (!g_str_has_prefix(name, "db."))
        return false;
    name += strlen("db.");
    for (unsigned i = 0; i < G_N_ELEMENTS(phases); i++) {
        if (!g_str_has_prefix(name, phases[i]))
            continue;
        name += strlen(phases[i]);
        break;
    }
    word = g_strdup(name);
    for (unsigned i = 1; i < G_N_ELEMENTS(clients); i++) {
        if (!g_str_has_suffix(word, clients[i]))
            continue;
        word[strlen(word) - strlen(clients[i])] = '\0';
        break;
    }
    *ret_unit = g_str_equal(word, "count") ? HS_UNIT_COUNT : HS_UNIT_DURATION;
    return g_str_equal(word, "count") || g_str_equal(word, "min") ||
           (*word == 'p' && is_percent(word + 1));
}

bool
hs_figure_parse(const char *name, HsUnit *ret_unit, char **ret_fault)
{
    *ret_fault = NULL;
    return parse_of_fault(name, ret_unit, ret_fault) ||
           parse_latency(name, ret_unit);
}

void
hs_figure_add_names(GPtrArray *names)
{
    Place place;

    for (HsFigure figure = 0; place_of(figure, &place); figure++)
        g_ptr_array_add(names, g_strdup(hs_figure_name(figure)));
}

void
hs_figure_add_fault_names(GPtrArray *names)
{
    Place place;

    for (HsFigure figure = 0; place_of(figure, &place); figure++)
        if (place.family->of_fault)
            g_ptr_array_add(names, g_strdup(hs_figure_name(figure)));
}

bool
hs_figure_is_of_fault(HsFigure figure)
{
    Place place;
    bool known = place_of(figure, &place);

    g_assert(known);
    return place.family->of_fault;
}

const char *
hs_figure_help(HsFigure figure)
{
    Place place;
    bool known = place_of(figure, &place);

    g_assert(known);
    return place.family->help;
}

void
hs_figure_manual(GString *text)
{
    g_string_append(
        text, "\nA figure that the clients have is the worse client's, or the "
              "sum where requests are\ncounted; `.persistent` and `.pool` "
              "name one of them.\n\n"
              "| figure | of one client | in | what it is |\n"
              "| --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(families); i++) {
        const Family *f = &families[i];

        g_string_append_printf(text, "| `%s%s` | ", f->name, f->suffix);
        for (unsigned c = 1; f->clients && c < G_N_ELEMENTS(clients); c++)
            g_string_append_printf(text, "%s`%s%s%s`", c > 1 ? ", " : "",
                                   f->name, clients[c], f->suffix);
        g_string_append_printf(text, " | %s | %s |\n", hs_unit_name(f->unit),
                               f->help);
    }
    g_string_append(
        text,
        "\nThose from `failover` to `failback.gap` can be asked of one fault, "
        "too: `fault.NAME.` before\nthe name, as in "
        "`fault.cut.failover.pool.max`. Without it the worst fault counts. Of "
        "the latencies\nevery percentile is a figure, with up to two decimals "
        "(`db.during.p95.pool`, `db.p99.95`), and\nso are the lowest "
        "(`db.after.min`) and how many there were (`db.after.count`).\n");
}
