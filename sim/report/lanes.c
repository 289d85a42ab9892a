/* State lanes: what carriers, BFD, BGP and tunnels were, over time.
 *
 * Lanes that never changed say so in one row of their kind, and those that
 * changed alike share one: with 80 tunnels the page still shows what happened.
 * Up is a thin bar, down a tall one: the height tells, not the colour alone. */

#include "config.h"

#include "sim/report/private.h"

#include <string.h>

#define LANE_HEIGHT 16
#define NAMES_SHOWN 3
#define LANES_SHOWN 40

typedef enum { STATE_UP, STATE_BETWEEN, STATE_DOWN } State;

static State
state_of(const char *name)
{
    static const char *const up[] = {"up", "established", "installed"};
    static const char *const down[] = {"down", "idle", "admin down",
                                       "admindown"};

    for (size_t i = 0; i < G_N_ELEMENTS(up); i++)
        if (g_ascii_strcasecmp(name, up[i]) == 0)
            return STATE_UP;
    for (size_t i = 0; i < G_N_ELEMENTS(down); i++)
        if (g_ascii_strcasecmp(name, down[i]) == 0)
            return STATE_DOWN;
    return STATE_BETWEEN;
}

typedef struct {
    const json_t *lane; /* the first one */
    GString *names;     /* owned */
    unsigned count;
    bool changed;
} Group;

static void
group_clear(void *data)
{
    Group *group = data;

    g_string_free(group->names, TRUE);
}

/* What happens before the warm-up's end is coming up, in every run. */
static bool
is_alike(const json_t *a, const json_t *b, double precision, double warmup)
{
    size_t i = 0, j = 0;
    const json_t *first = hs_get(a, "spans"), *second = hs_get(b, "spans");

    while (i < json_array_size(first) &&
           hs_get_real(json_array_get(first, i), "until_s") <= warmup)
        i++;
    while (j < json_array_size(second) &&
           hs_get_real(json_array_get(second, j), "until_s") <= warmup)
        j++;
    if (json_array_size(first) - i != json_array_size(second) - j)
        return false;
    for (; i < json_array_size(first); i++, j++) {
        const json_t *x = json_array_get(first, i);
        const json_t *y = json_array_get(second, j);

        if (strcmp(hs_get_text(x, "state"), hs_get_text(y, "state")) != 0 ||
            ABS(hs_get_real(x, "until_s") - hs_get_real(y, "until_s")) >
                precision)
            return false;
    }
    return true;
}

static bool
changes_after(const json_t *lane, double warmup)
{
    for (size_t i = 0; i < hs_get_length(lane, "spans"); i++)
        if (hs_get_real(hs_get_item(lane, "spans", i), "from_s") > warmup)
            return true;
    return false;
}

static GArray *
groups_of(const json_t *result)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(Group));
    double precision = hs_get_real(result, "scenario.duration_s") / 500;
    double warmup = hs_get_real(result, "scenario.warmup_s");

    g_array_set_clear_func(groups, group_clear);
    for (size_t i = 0; i < hs_get_length(result, "lanes"); i++) {
        const json_t *lane = hs_get_item(result, "lanes", i);
        Group *group = NULL;

        for (guint g = 0; g < groups->len && group == NULL; g++) {
            Group *other = &g_array_index(groups, Group, g);

            if (hs_get_is(other->lane, "kind", hs_get_text(lane, "kind")) &&
                is_alike(other->lane, lane, precision, warmup))
                group = other;
        }
        if (group == NULL) {
            Group made = {lane, g_string_new(NULL), 0,
                          changes_after(lane, warmup)};

            g_array_append_val(groups, made);
            group = &g_array_index(groups, Group, groups->len - 1);
        }
        if (group->count < NAMES_SHOWN)
            g_string_append_printf(
                group->names, "%s%s at %s", group->count > 0 ? "; " : "",
                hs_get_text_or(lane, "subject", hs_get_text(lane, "kind")),
                hs_get_text_or(lane, "node", "?"));
        group->count++;
    }
    return groups;
}

static const char *
kind_words(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } kinds[] = {{"carrier", "Carrier"},
                 {"bfd", "BFD"},
                 {"bgp", "BGP"},
                 {"tunnel", "Tunnel"}};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].kind, kind))
            return kinds[i].words;
    return kind;
}

static void
draw_spans(HsHtml *html, const json_t *lane, double duration)
{
    static const char *const classes[] = {"up", "between", "down"};
    char number[HS_PLACE_TEXT], wide[HS_PLACE_TEXT], end[HS_PLACE_TEXT];
    g_autofree char *view =
        g_strdup_printf("0 0 %s 1", hs_chart_number(duration, 3, end));

    hs_html_open(html, "svg", "class", "lane", "width", "100%", "height",
                 G_STRINGIFY(LANE_HEIGHT), "viewBox", view,
                 "preserveAspectRatio", "none", "aria-hidden", "true", NULL);
    for (size_t i = 0; i < hs_get_length(lane, "spans"); i++) {
        const json_t *span = hs_get_item(lane, "spans", i);
        double from = hs_get_real(span, "from_s");
        double until = hs_get_real(span, "until_s");
        State state = state_of(hs_get_text(span, "state"));

        hs_html_void(html, "rect", "class", classes[state], "x",
                     hs_chart_number(from, 3, number), "width",
                     hs_chart_number(until - from, 3, wide), "y",
                     state == STATE_UP ? "0.35" : "0", "height",
                     state == STATE_UP ? "0.3" : "1", NULL);
        /* However short it was, it is seen. */
        if (state != STATE_UP) {
            g_autofree char *path = g_strdup_printf("M%s 0v1", number);

            hs_html_void(html, "path", "class", classes[state], "d", path,
                         "vector-effect", "non-scaling-stroke", NULL);
        }
    }
    hs_html_close(html, "svg");
}

static void
draw_group(HsHtml *html, const Group *group, double duration)
{
    const char *kind = hs_get_text(group->lane, "kind");

    hs_html_open(html, "li", NULL);
    hs_html_open(html, "div", "class", "name", NULL);
    hs_html_leaf(html, "b", NULL, "%s", kind_words(kind));
    hs_html_text(html, " %s", group->names->str);
    if (group->count > NAMES_SHOWN)
        hs_html_text(html, "; and %u more alike", group->count - NAMES_SHOWN);
    hs_html_close(html, "div");
    draw_spans(html, group->lane, duration);
    hs_html_close(html, "li");
}

static void
table(HsHtml *html, const json_t *result)
{
    double warmup = hs_get_real(result, "scenario.warmup_s");

    hs_html_fold(html, "The same as a table: every change after the warm-up");
    hs_html_table(html, "Changes of state", "What", "Node", "Subject", "State",
                  "#From", "#Until", NULL);
    for (size_t i = 0; i < hs_get_length(result, "lanes"); i++) {
        const json_t *lane = hs_get_item(result, "lanes", i);

        if (!changes_after(lane, warmup))
            continue;
        for (size_t s = 0; s < hs_get_length(lane, "spans"); s++) {
            const json_t *span = hs_get_item(lane, "spans", s);
            char text[HS_NUMBER_TEXT];

            if (hs_get_real(span, "until_s") <= warmup)
                continue;
            hs_html_cell(html, "%s", kind_words(hs_get_text(lane, "kind")));
            hs_html_cell(html, "%s", hs_get_text_or(lane, "node", "-"));
            hs_html_cell(html, "%s", hs_get_text_or(lane, "subject", "-"));
            hs_html_cell(html, "%s", hs_get_text(span, "state"));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(span, "from_s") * 1e3, text));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(span, "until_s") * 1e3, text));
        }
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
legend(HsHtml *html)
{
    hs_html_open(html, "ul", "class", "legend", NULL);
    for (unsigned i = 0; i < 3; i++) {
        static const char *const classes[] = {"up", "between", "down"};
        static const char *const words[] = {"up", "trying", "down"};

        hs_html_open(html, "li", NULL);
        hs_html_open(html, "svg", "class", "lane", "width", "34", "height",
                     "12", "aria-hidden", "true", NULL);
        hs_html_void(html, "rect", "class", classes[i], "width", "34", "y",
                     i == 0 ? "4" : "0", "height", i == 0 ? "4" : "12", NULL);
        hs_html_close(html, "svg");
        hs_html_text(html, "%s", words[i]);
        hs_html_close(html, "li");
    }
    hs_html_close(html, "ul");
}

void
hs_report_lanes(HsHtml *html, const json_t *result)
{
    g_autoptr(GArray) groups = groups_of(result);
    double duration = hs_get_real(result, "scenario.duration_s");
    unsigned shown = 0, hidden = 0, steady = 0;

    hs_section(html, "states", "What the protocols said");
    if (hs_get_length(result, "lanes") == 0) {
        hs_nothing(html, "This result has no states over time.");
        hs_section_end(html);
        return;
    }
    hs_html_leaf(html, "p", NULL,
                 "State of every carrier, BFD session, BGP session and tunnel "
                 "that changed after the warm-up.");
    legend(html);
    hs_html_open(html, "ol", "class", "lanes", NULL);
    for (guint g = 0; g < groups->len; g++) {
        const Group *group = &g_array_index(groups, Group, g);

        if (!group->changed)
            steady += group->count;
        else if (shown < LANES_SHOWN) {
            draw_group(html, group, duration);
            shown++;
        } else
            hidden += group->count;
    }
    hs_html_close(html, "ol");
    if (shown > 0) {
        char end[HS_PLACE_TEXT];
        g_autofree char *until = g_strdup(hs_chart_number(duration, 3, end));

        hs_html_open(html, "svg", "class", "ruler time", "width", "100%",
                     "height", "22", "aria-hidden", "true", "data-until", until,
                     NULL);
        hs_chart_time_axis(html, 0, duration, 0);
        hs_html_close(html, "svg");
    }
    if (steady > 0)
        hs_html_leaf(html, "p", NULL,
                     "%u other%s did not change after the warm-up.", steady,
                     steady == 1 ? "" : "s");
    if (hidden > 0)
        hs_html_leaf(html, "p", NULL, "%u more are in the table only.", hidden);
    if (shown > 0)
        table(html, result);
    hs_section_end(html);
}
