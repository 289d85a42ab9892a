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
} Family;

#define LATENCIES(PHASE, WHEN)                                                 \
    {PHASE "p50", "", true, HS_UNIT_DURATION, "median latency, " WHEN},        \
        {PHASE "p90", "", true, HS_UNIT_DURATION, "90th percentile, " WHEN},   \
        {PHASE "p99", "", true, HS_UNIT_DURATION, "99th percentile, " WHEN},   \
        {PHASE "p99.9", "", true, HS_UNIT_DURATION,                            \
         "99.9th percentile, " WHEN},                                          \
        {PHASE "mean", "", true, HS_UNIT_DURATION, "mean latency, " WHEN},     \
    {                                                                          \
        PHASE "max", "", true, HS_UNIT_DURATION, "highest latency, " WHEN      \
    }

static const Family families[] = {
    {"failover", "", true, HS_UNIT_DURATION,
     "fault to the first good reply to a request sent after it"},
    {"outage", "", true, HS_UNIT_DURATION,
     "longest span without a good reply that overlaps the failover"},
    {"outage", ".worst", true, HS_UNIT_DURATION,
     "the same on the worst connection"},
    {"detect", "", false, HS_UNIT_DURATION,
     "fault to the detection that governed the recovery"},
    {"withdraw", "", false, HS_UNIT_DURATION,
     "fault to the last route received that the recovery needed"},
    {"fib", "", false, HS_UNIT_DURATION,
     "fault to the last forwarding table that the recovery needed"},
    {"tunnel", "", false, HS_UNIT_DURATION,
     "fault to a tunnel usable on the new path, where one had to be made"},
    {"dataplane", "", false, HS_UNIT_DURATION,
     "fault to the first probe that arrives again"},
    {"transport", "", true, HS_UNIT_DURATION,
     "fault to the first TCP segment acknowledged again"},
    {"settled", "", true, HS_UNIT_DURATION,
     "fault until latency is back in its steady band"},
    {"failback", "", false, HS_UNIT_DURATION,
     "end of the fault to the last session and route that came back"},
    {"failback.gap", "", true, HS_UNIT_DURATION,
     "longest span without a good reply after the end of the fault"},
    {"probes.lost", "", false, HS_UNIT_COUNT, "probes lost, both directions"},
    {"requests.failed", "", true, HS_UNIT_COUNT, "requests that failed"},
    {"requests.delayed", "", true, HS_UNIT_COUNT,
     "requests answered above the steady band"},
    {"requests.pending", "", true, HS_UNIT_COUNT,
     "requests still open when the run ended"},
    LATENCIES("db.", "whole run"),
    LATENCIES("db.before.", "before the fault"),
    LATENCIES("db.during.", "from the fault until latency has settled"),
    LATENCIES("db.after.", "from then until the fault ends"),
    LATENCIES("db.failback.", "after the end of the fault"),
    {"plaintext.bytes", "", false, HS_UNIT_BYTES,
     "bytes of protected flows in clear, on all untrusted links"},
    {"plaintext.lan.bytes", "", false, HS_UNIT_BYTES,
     "the same on the sites' LANs"},
    {"plaintext.vpc.bytes", "", false, HS_UNIT_BYTES, "the same in the VPCs"},
    {"plaintext.dx.bytes", "", false, HS_UNIT_BYTES,
     "the same on Direct Connect"},
    {"plaintext.internet.bytes", "", false, HS_UNIT_BYTES,
     "the same on the internet"},
    {"plaintext.other.bytes", "", false, HS_UNIT_BYTES,
     "the same on other links"},
    {"tunnels.rekeys", "", false, HS_UNIT_COUNT,
     "times that a tunnel's SAs were replaced, ESP's and IKE's"},
    {"tunnels.lost", "", false, HS_UNIT_COUNT, "times that a tunnel went down"},
};

static const char *const clients[] = {"", ".persistent", ".pool"};

static const char *const comparisons[] = {
    [HS_COMPARISON_MAX] = "max",
    [HS_COMPARISON_MIN] = "min",
};

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

const char *
hs_comparison_name(HsComparison comparison)
{
    g_assert((unsigned)comparison < G_N_ELEMENTS(comparisons));
    return comparisons[comparison];
}

HsType
hs_figure_type(HsFigure figure)
{
    switch (hs_figure_unit(figure)) {
    case HS_UNIT_DURATION:
        return HS_TYPE_DURATION;
    case HS_UNIT_BYTES:
        return HS_TYPE_SIZE64;
    case HS_UNIT_COUNT:
        return HS_TYPE_COUNT64;
    }
    g_assert_not_reached();
}

/* The last dot parts figure and comparison: "db.max" is a figure, too. */
bool
hs_expectation_parse_key(const char *key, HsFigure *ret_figure,
                         HsComparison *ret_comparison)
{
    const char *dot = strrchr(key, '.');
    g_autofree char *name = NULL;

    if (dot == NULL)
        return false;
    name = g_strndup(key, (size_t)(dot - key));
    for (unsigned i = 0; i < G_N_ELEMENTS(comparisons); i++) {
        if (g_str_equal(dot + 1, comparisons[i])) {
            *ret_comparison = i;
            return hs_figure_find(name, ret_figure);
        }
    }
    return false;
}

void
hs_expectation_add_keys(GPtrArray *keys)
{
    Place place;

    for (HsFigure figure = 0; place_of(figure, &place); figure++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(comparisons); i++)
            g_ptr_array_add(keys, g_strconcat(hs_figure_name(figure), ".",
                                              comparisons[i], NULL));
    }
}

void
hs_figure_manual(GString *text)
{
    static const char *const units[] = {
        [HS_UNIT_DURATION] = "duration",
        [HS_UNIT_BYTES] = "size",
        [HS_UNIT_COUNT] = "number",
    };

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
        g_string_append_printf(text, " | %s | %s |\n", units[f->unit], f->help);
    }
}
