/* The network as dot draws it, with the path before the fault, during it and
 * after it in lines of their own.
 *
 * Nodes stand in clusters by place. What is alike (the ends of 80 tunnels, none
 * of them on a path) is one node with a number. The drawing is made twice: from
 * left to right for a screen, from top to bottom for a phone. */

#include "config.h"

#include "sim/report/private.h"

#include <stdint.h>
#include <string.h>

#define NODES_MAX 400

enum { BEFORE, DURING, AFTER, PHASES };

static const char *const phase_names[PHASES] = {"before", "during", "after"};

typedef struct {
    const char *name, *kind, *place; /* borrowed; kind and place may be NULL */
    char *neighbours;                /* owned: what it is linked to, sorted */
    unsigned alike;                  /* so many are drawn as this one */
    guint drawn_as;                  /* index of the one that is drawn */
    bool on_path;
} Node;

typedef struct {
    const json_t *result;
    GArray *nodes;       /* Node, owned */
    GHashTable *indexes; /* owned: name to index + 1 */
    const json_t *fault; /* the one that is shown; NULL: none */
    bool after_as_before;
} Map;

static void
node_clear(void *data)
{
    Node *node = data;

    g_free(node->neighbours);
}

static Node *
node_at(const Map *map, guint index)
{
    return &g_array_index(map->nodes, Node, index);
}

/* Adds the node if it is new: links of an older result name nodes that no list
 * has. */
static guint
index_of(Map *map, const char *name)
{
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(map->indexes, name));
    Node node = {.name = name, .alike = 1};

    if (found > 0)
        return found - 1;
    node.drawn_as = map->nodes->len;
    g_array_append_val(map->nodes, node);
    g_hash_table_insert(map->indexes, (void *)(uintptr_t)name,
                        GUINT_TO_POINTER(map->nodes->len));
    return map->nodes->len - 1;
}

/* The path of PHASE in the shown fault. */
static bool
is_of_phase(const Map *map, const json_t *path, unsigned phase)
{
    const char *fault = hs_get_text(path, "fault");

    return hs_get_is(path, "when", phase_names[phase]) &&
           (fault == NULL || map->fault == NULL ||
            hs_get_is(map->fault, "name", fault));
}

static bool
has_text(const json_t *list, const char *text)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) if (g_strcmp0(json_string_value(item),
                                                    text) == 0) return true;
    return false;
}

static bool
is_link_on(const Map *map, const char *link, unsigned phase,
           const char *direction)
{
    for (size_t i = 0; i < hs_get_length(map->result, "paths"); i++) {
        const json_t *path = hs_get_item(map->result, "paths", i);

        if (is_of_phase(map, path, phase) &&
            hs_get_is(path, "direction", direction) &&
            has_text(hs_get(path, "links"), link))
            return true;
    }
    return false;
}

/* It sees the packets themselves, or those of a tunnel that they are in. */
static bool
is_node_on(const Map *map, const char *node)
{
    for (size_t i = 0; i < hs_get_length(map->result, "links"); i++) {
        const json_t *link = hs_get_item(map->result, "links", i);

        for (unsigned p = 0; p < PHASES; p++)
            if ((hs_get_is(link, "from", node) ||
                 hs_get_is(link, "to", node)) &&
                (is_link_on(map, hs_get_text(link, "name"), p, "to AWS") ||
                 is_link_on(map, hs_get_text(link, "name"), p,
                            "to on-premises")))
                return true;
    }
    for (size_t i = 0; i < hs_get_length(map->result, "paths"); i++)
        if (has_text(hs_get(hs_get_item(map->result, "paths", i), "nodes"),
                     node))
            return true;
    return false;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
neighbours_of(const Map *map, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (size_t i = 0; i < hs_get_length(map->result, "links"); i++) {
        const json_t *link = hs_get_item(map->result, "links", i);

        if (hs_get_is(link, "from", name))
            g_ptr_array_add(names, (void *)(uintptr_t)hs_get_text(link, "to"));
        else if (hs_get_is(link, "to", name))
            g_ptr_array_add(names,
                            (void *)(uintptr_t)hs_get_text(link, "from"));
    }
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return g_strjoinv("\n", (char **)names->pdata);
}

/* Nodes off every path that are of one kind and linked to the same ones. */
static void
merge_alike(Map *map)
{
    for (guint i = 0; i < map->nodes->len; i++) {
        Node *node = node_at(map, i);

        node->neighbours = neighbours_of(map, node->name);
        node->on_path = is_node_on(map, node->name);
        for (guint j = 0; j < i && !node->on_path; j++) {
            Node *other = node_at(map, j);

            if (other->drawn_as == j && !other->on_path && node->kind != NULL &&
                g_strcmp0(node->kind, other->kind) == 0 &&
                g_str_equal(node->neighbours, other->neighbours)) {
                node->drawn_as = j;
                other->alike++;
                break;
            }
        }
    }
}

static void
map_init(Map *map, const json_t *result)
{
    *map = (Map){.result = result,
                 .nodes = g_array_new(FALSE, FALSE, sizeof(Node)),
                 .indexes = g_hash_table_new(g_str_hash, g_str_equal),
                 .fault = hs_report_worst(result).fault,
                 .after_as_before = true};
    g_array_set_clear_func(map->nodes, node_clear);
    for (size_t i = 0; i < hs_get_length(result, "nodes"); i++) {
        const json_t *node = hs_get_item(result, "nodes", i);
        guint index = index_of(map, hs_get_text(node, "name"));

        node_at(map, index)->kind = hs_get_text(node, "kind");
        node_at(map, index)->place = hs_get_text(node, "place");
    }
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);
        const char *name = hs_get_text(link, "name");

        index_of(map, hs_get_text(link, "from"));
        index_of(map, hs_get_text(link, "to"));
        for (unsigned d = 0; d < 2; d++) {
            const char *direction = d == 0 ? "to AWS" : "to on-premises";

            map->after_as_before &= is_link_on(map, name, BEFORE, direction) ==
                                    is_link_on(map, name, AFTER, direction);
        }
    }
    merge_alike(map);
}

static void
map_clear(Map *map)
{
    g_array_unref(map->nodes);
    g_hash_table_unref(map->indexes);
}

/* dot's language */

/* A quoted string of dot: its escapes must not come from a name. */
static void
append_quoted(GString *graph, const char *text)
{
    g_string_append_c(graph, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(graph, '\\');
        g_string_append_c(graph, (unsigned char)*p < 0x20 ? ' ' : *p);
    }
    g_string_append_c(graph, '"');
}

static void
append_node(const Map *map, GString *graph, guint index)
{
    const Node *node = node_at(map, index);
    g_autoptr(GString) label = g_string_new(NULL);

    if (node->drawn_as != index)
        return;
    if (node->alike > 1)
        g_string_printf(label, "%u times %s", node->alike, node->kind);
    else
        g_string_assign(label, node->name);
    g_string_append_printf(graph, "  n%u [label=", index);
    append_quoted(graph, label->str);
    /* The kind in a second line: its escape is dot's, so it is put in
     * behind what append_quoted() wrote. */
    if (node->alike == 1 && node->kind != NULL &&
        !g_str_equal(node->kind, node->name)) {
        g_autoptr(GString) kind = g_string_new(NULL);

        append_quoted(kind, node->kind);
        g_string_truncate(graph, graph->len - 1);
        g_string_append_printf(graph, "\\n%s", kind->str + 1);
    }
    g_string_append_printf(graph, ", class=\"%s\"];\n",
                           node->on_path ? "on" : "off");
}

static void
append_cluster(const Map *map, GString *graph, const char *place,
               const char *title)
{
    bool any = false;

    for (guint i = 0; i < map->nodes->len; i++)
        any |= g_strcmp0(node_at(map, i)->place, place) == 0;
    if (!any)
        return;
    if (place != NULL)
        g_string_append_printf(graph,
                               " subgraph cluster_%s {\n  label=\"%s\"; "
                               "class=\"place\";\n",
                               place, title);
    for (guint i = 0; i < map->nodes->len; i++)
        if (g_strcmp0(node_at(map, i)->place, place) == 0)
            append_node(map, graph, i);
    if (place != NULL)
        g_string_append(graph, " }\n");
}

static bool
is_failed(const Map *map, const json_t *link)
{
    const char *target = hs_get_text(map->fault, "target");

    return target != NULL && (hs_get_is(link, "name", target) ||
                              hs_get_is(link, "element", target));
}

static void
append_edge(GString *graph, guint from, guint to, const char *dir,
            const char *class_name, const char *style, const char *label)
{
    g_string_append_printf(graph,
                           "  n%u -> n%u [dir=%s, class=\"%s\", style=%s", from,
                           to, dir, class_name, style);
    if (label != NULL) {
        g_string_append(graph, ", label=");
        append_quoted(graph, label);
    }
    g_string_append(graph, "];\n");
}

static void
append_link(Map *map, GString *graph, const json_t *link, GHashTable *drawn)
{
    static const char *const styles[PHASES] = {"solid", "dashed", "dotted"};
    const char *name = hs_get_text(link, "name");
    bool failed = is_failed(map, link);
    guint from =
        node_at(map, index_of(map, hs_get_text(link, "from")))->drawn_as;
    guint to = node_at(map, index_of(map, hs_get_text(link, "to")))->drawn_as;
    g_autofree char *shown =
        failed ? g_strdup_printf("\u2715 %s", name)
               : g_strdup(hs_get_bool(link, "trusted") ? NULL : name);
    bool on_path = false;

    for (unsigned phase = 0; phase < PHASES; phase++) {
        bool there = is_link_on(map, name, phase, "to AWS");
        bool back = is_link_on(map, name, phase, "to on-premises");
        g_autofree char *class_name =
            g_strdup_printf("p-%s%s", phase_names[phase],
                            failed && phase == BEFORE ? " cut" : "");

        if ((!there && !back) || (phase == AFTER && map->after_as_before))
            continue;
        append_edge(graph, from, to,
                    there && back ? "both"
                    : there       ? "forward"
                                  : "back",
                    class_name, styles[phase], on_path ? NULL : shown);
        on_path = true;
    }
    if (!on_path) {
        g_autofree char *key = g_strdup_printf("%u %u", from, to);

        /* Between what stands for many, one line. */
        if (!failed && !g_hash_table_add(drawn, g_steal_pointer(&key)) &&
            (node_at(map, from)->alike > 1 || node_at(map, to)->alike > 1))
            return;
        append_edge(graph, from, to, "none", failed ? "off cut" : "off",
                    "solid",
                    node_at(map, from)->alike > 1 || node_at(map, to)->alike > 1
                        ? NULL
                        : shown);
    }
}

static GString *
graph_of(Map *map, const char *direction)
{
    GString *graph = g_string_new("digraph network {\n");
    g_autoptr(GHashTable) drawn =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    g_string_append_printf(
        graph,
        "  rankdir=%s; bgcolor=transparent; nodesep=0.25; ranksep=0.45;\n"
        "  fontname=\"Helvetica\"; fontsize=12;\n"
        "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=12,"
        " margin=\"0.12,0.06\", height=0.3];\n"
        "  edge [fontname=\"Helvetica\", fontsize=11, arrowsize=0.6];\n",
        direction);
    append_cluster(map, graph, "onprem", "On-premises");
    append_cluster(map, graph, "internet", "Internet");
    append_cluster(map, graph, "aws", "AWS");
    append_cluster(map, graph, NULL, NULL);
    for (size_t i = 0; i < hs_get_length(map->result, "links"); i++)
        append_link(map, graph, hs_get_item(map->result, "links", i), drawn);
    g_string_append(graph, "}\n");
    return graph;
}

/* The page */

/* dot's root element goes: ours has a label and a width that the page rules. */
static void
put_drawing(HsHtml *html, const char *svg, const char *class_name)
{
    g_autoptr(GRegex) root = g_regex_new(
        "^<svg width=\"([0-9.]+)pt\"[^>]*viewBox=\"([0-9. -]+)\"[^>]*>",
        G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *width = NULL, *view = NULL, *drawing = NULL;
    int end = 0;

    if (!g_str_has_suffix(svg, "</svg>") ||
        !g_regex_match(root, svg, G_REGEX_MATCH_DEFAULT, &match) ||
        !g_match_info_fetch_pos(match, 0, NULL, &end)) {
        hs_nothing(html, "Graphviz' dot drew something unexpected.");
        return;
    }
    width = g_match_info_fetch(match, 1);
    view = g_match_info_fetch(match, 2);
    hs_html_open(html, "svg", "class", class_name, "role", "img", "aria-label",
                 "The network; the table below has the paths.", "width", width,
                 "viewBox", view, NULL);
    drawing = g_strndup(svg + end, strlen(svg + end) - strlen("</svg>"));
    hs_html_raw(html, drawing);
    hs_html_close(html, "svg");
}

static void
plain_list(HsHtml *html, const json_t *result)
{
    hs_html_open(html, "ul", "class", "plain", NULL);
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        hs_html_leaf(html, "li", NULL, "%s: %s \u2013 %s",
                     hs_get_text(link, "name"), hs_get_text(link, "from"),
                     hs_get_text(link, "to"));
    }
    hs_html_close(html, "ul");
}

static void
legend(HsHtml *html, const Map *map)
{
    static const char *const words[PHASES] = {
        "path before the fault", "path during it", "path after it"};

    if (hs_get_length(map->result, "paths") == 0)
        return;
    hs_html_open(html, "ul", "class", "legend", NULL);
    for (unsigned i = 0; i < PHASES; i++) {
        g_autofree char *class_name =
            g_strdup_printf("edge p-%s", phase_names[i]);

        if (i == AFTER && map->after_as_before)
            continue;
        hs_html_open(html, "li", NULL);
        hs_html_open(html, "svg", "class", class_name, "width", "40", "height",
                     "10", "aria-hidden", "true", NULL);
        hs_html_void(html, "path", "d", "M1 5H39", NULL);
        hs_html_close(html, "svg");
        hs_html_text(html, "%s", words[i]);
        if (i == BEFORE && map->after_as_before)
            hs_html_text(html, ", and after it");
        hs_html_close(html, "li");
    }
    hs_html_close(html, "ul");
}

static void
append_names(GString *text, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) g_string_append_printf(
        text, "%s%s", i > 0 ? " \u2192 " : "", json_string_value(item));
}

static void
path_table(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "paths");

    hs_fold_if_long(html, count, "paths");
    hs_html_table(html, "Paths", "When", "Fault", "#At", "Direction", "Through",
                  "Complete", "Encrypted", NULL);
    for (size_t i = 0; i < hs_get_length(result, "paths"); i++) {
        const json_t *path = hs_get_item(result, "paths", i);
        g_autoptr(GString) names = g_string_new(NULL);
        char text[HS_NUMBER_TEXT];

        append_names(names, hs_get(path, "nodes"));
        hs_html_cell(html, "%s", hs_get_text(path, "when"));
        hs_html_cell(html, "%s", hs_get_text_or(path, "fault", "-"));
        hs_html_cell(html, "%s",
                     hs_seconds_text(hs_get_real(path, "at_s") * 1e3, text));
        hs_html_cell(html, "%s", hs_get_text(path, "direction"));
        hs_html_cell(html, "%s", names->str);
        hs_html_cell(html, "%s",
                     hs_get_bool(path, "complete") ? "yes"
                                                   : "no: it ends there");
        hs_html_cell(html, "%s", hs_get_bool(path, "encrypted") ? "yes" : "no");
    }
    hs_html_table_end(html);
    hs_fold_if_long_end(html, count);
}

static void
draw(HsHtml *html, Map *map)
{
    static const struct {
        const char *rankdir, *class_name;
    } drawings[] = {{"LR", "network wide"}, {"TB", "network narrow"}};

    if (map->nodes->len > NODES_MAX) {
        hs_nothing(html, "%u nodes are too many to draw.", map->nodes->len);
        plain_list(html, map->result);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++) {
        g_autoptr(GString) graph = graph_of(map, drawings[i].rankdir);
        g_autofree char *why = NULL;
        g_autofree char *svg = hs_dot_draw(graph->str, &why);

        if (svg == NULL) {
            hs_nothing(html, "Not drawn: %s. The links instead:", why);
            plain_list(html, map->result);
            return;
        }
        put_drawing(html, svg, drawings[i].class_name);
    }
}

void
hs_report_topology(HsHtml *html, const json_t *result)
{
    Map map;

    map_init(&map, result);
    hs_section(html, "topology", "The network and its paths");
    legend(html, &map);
    draw(html, &map);
    if (hs_get_length(result, "paths") == 0)
        hs_nothing(html, "This result does not say which way packets went.");
    else
        path_table(html, result);
    hs_section_end(html);
    map_clear(&map);
}
