/* Values that name other elements. A name that a refused group bears fails
 * without a word: the group's own complaint explains it. Where a value stores
 * two members, they stand one after the other in the kinds that have them, and
 * a static assertion says so. */

#include "config.h"

#include "sim/scenario/names.h"

#include "sim/scenario/private.h"

#include <stddef.h>
#include <string.h>

/* KINDS is a set of bits. */

/* "a [dx] or [vpn]" */
static char *
describe_kinds(uint32_t kinds)
{
    GString *text = g_string_new(NULL);
    unsigned left = 0;

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++)
        left += (kinds & HS_KIND_BIT(kind)) != 0;
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        if ((kinds & HS_KIND_BIT(kind)) == 0)
            continue;
        g_string_append_printf(text, "[%s]%s", hs_kind_name(kind),
                               left > 2    ? ", "
                               : left == 2 ? " or "
                                           : "");
        left--;
    }
    if (g_strrstr(text->str, ", ") != strstr(text->str, ", "))
        g_string_assign(text, "element"); /* too many to name */
    return g_string_free(text, FALSE);
}

static const char *
article(const char *kinds)
{
    return strchr("oaie", kinds[kinds[0] == '[']) != NULL ? "an" : "a";
}

static HsElement *
find_element(const HsParse *p, const char *name, uint32_t kinds)
{
    HsElement *element = hs_scenario_find(p->scenario, name);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *what = describe_kinds(kinds);

    if (element != NULL && (kinds & HS_KIND_BIT(element->kind)) != 0)
        return element;
    if (g_hash_table_contains(p->scenario->broken, name))
        return NULL;
    if (element != NULL)
        g_string_append_printf(p->problem, "\"%s\" is a [%s], not %s %s", name,
                               hs_kind_name(element->kind), article(what),
                               what);
    else
        g_string_append_printf(p->problem, "there is no %s named \"%s\"", what,
                               name);
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        const HsElement *e;

        if ((kinds & HS_KIND_BIT(kind)) == 0)
            continue;
        for (unsigned i = 0;
             (e = hs_scenario_element(p->scenario, kind, i)) != NULL; i++)
            g_ptr_array_add(names, g_strdup(e->name));
    }
    hs_suggest(p->problem, name, names);
    return NULL;
}

bool
hs_parse_reference(const HsParse *p, const char *text, void *field)
{
    uint32_t kinds = p->row->type == HS_TYPE_ENDPOINT
                         ? p->row->targets
                         : HS_KIND_BIT(p->row->target);
    HsElement *element = find_element(p, text, kinds);

    if (element != NULL)
        *(HsElement **)field = element;
    return element != NULL;
}

void
hs_format_reference(const HsRow *row G_GNUC_UNUSED, const void *field,
                    GString *text)
{
    const HsElement *element = *(HsElement *const *)field;

    g_string_append(text, element != NULL ? element->name : "none");
}

/* Lists of names. */

bool
hs_elements_have(const HsElements *elements, const HsElement *element)
{
    for (unsigned i = 0; i < elements->count; i++)
        if (elements->values[i] == element)
            return true;
    return elements->all;
}

/* Stands for whatever there is. */
static bool
is_all(const HsRow *row, const char *text)
{
    return row->all &&
           (g_str_equal(text, "all") || g_str_equal(text, "subnets"));
}

bool
hs_parse_elements(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    HsElements list = {.all = is_all(p->row, text)};

    if (*text == '\0')
        return hs_parse_complain(p, text, "names nothing");
    for (char **name = names;
         *name != NULL && !list.all && !g_str_equal(text, "none"); name++) {
        HsElement *element =
            find_element(p, g_strstrip(*name), p->row->targets);

        if (element == NULL)
            return false;
        if (g_ptr_array_find(found, element, NULL))
            return hs_parse_complain(p, *name, "is there twice");
        g_ptr_array_add(found, element);
    }
    hs_clear_elements(field);
    list.count = found->len;
    list.values =
        (HsElement **)g_ptr_array_free(g_steal_pointer(&found), FALSE);
    *(HsElements *)field = list;
    return true;
}

void
hs_format_elements(const HsRow *row G_GNUC_UNUSED, const void *field,
                   GString *text)
{
    const HsElements *list = field;

    if (list->all || list->count == 0)
        g_string_append(text, list->all ? "all" : "none");
    for (unsigned i = 0; i < list->count; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               list->values[i]->name);
}

void
hs_clear_elements(void *field)
{
    HsElements *list = field;

    g_free(list->values);
    *list = (HsElements){.values = NULL};
}

/* The two ends of something, in either order; what KINDS of each there may be.
 */
static bool
parse_ends(const HsParse *p, const char *text, const uint32_t kinds[2],
           HsElement *ends[2])
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    g_autofree char *first = describe_kinds(kinds[0]);
    g_autofree char *second = describe_kinds(kinds[1]);

    if (g_strv_length(names) == 2) {
        for (unsigned i = 0; i < 2; i++) {
            ends[i] =
                find_element(p, g_strstrip(names[i]), kinds[0] | kinds[1]);
            if (ends[i] == NULL)
                return false;
        }
        if ((kinds[1] & HS_KIND_BIT(ends[0]->kind)) != 0) {
            HsElement *swap = ends[0];

            ends[0] = ends[1];
            ends[1] = swap;
        }
        if ((kinds[0] & HS_KIND_BIT(ends[0]->kind)) != 0 &&
            (kinds[1] & HS_KIND_BIT(ends[1]->kind)) != 0)
            return true;
    }
    g_string_append_printf(p->problem,
                           "\"%s\" is not two ends; expected the name of %s %s "
                           "and that of %s %s",
                           text, article(first), first, article(second),
                           second);
    return false;
}

/* As the kinds with two ends have them, one after the other. */
typedef struct {
    HsOnprem *site;
    HsGateway *gateway;
    HsDxgw *dxgw; /* only if the row says so */
} Between;

G_STATIC_ASSERT(offsetof(HsDx, gateway) ==
                offsetof(HsDx, site) + offsetof(Between, gateway));
G_STATIC_ASSERT(offsetof(HsDx, dxgw) ==
                offsetof(HsDx, site) + offsetof(Between, dxgw));
G_STATIC_ASSERT(offsetof(HsVpn, gateway) ==
                offsetof(HsVpn, site) + offsetof(Between, gateway));

bool
hs_parse_between(const HsParse *p, const char *text, void *field)
{
    const uint32_t kinds[2] = {HS_KIND_BIT(HS_KIND_ONPREM), p->row->targets};
    HsElement *ends[2];
    Between *between = field;

    if (!parse_ends(p, text, kinds, ends))
        return false;
    between->site = (HsOnprem *)ends[0];
    if (ends[1]->kind == HS_KIND_DXGW)
        between->dxgw = (HsDxgw *)ends[1];
    else
        between->gateway = (HsGateway *)ends[1];
    return true;
}

void
hs_format_between(const HsRow *row, const void *field, GString *text)
{
    const Between *between = field;
    bool dxgw = (row->targets & HS_KIND_BIT(HS_KIND_DXGW)) != 0 &&
                between->dxgw != NULL;

    g_string_append_printf(text, "%s, %s", between->site->element.name,
                           dxgw ? between->dxgw->element.name
                                : between->gateway->element.name);
}

typedef struct {
    HsDxgw *dxgw;
    HsGateway *gateway;
} Ends;

G_STATIC_ASSERT(offsetof(HsAssociation, gateway) ==
                offsetof(HsAssociation, dxgw) + offsetof(Ends, gateway));

bool
hs_parse_ends(const HsParse *p, const char *text, void *field)
{
    static const uint32_t kinds[2] = {HS_KIND_BIT(HS_KIND_DXGW),
                                      HS_KIND_BIT(HS_KIND_GATEWAY)};
    HsElement *ends[2];

    if (!parse_ends(p, text, kinds, ends))
        return false;
    *(Ends *)field = (Ends){(HsDxgw *)ends[0], (HsGateway *)ends[1]};
    return true;
}

void
hs_format_ends(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    const Ends *ends = field;

    g_string_append_printf(text, "%s, %s", ends->dxgw->element.name,
                           ends->gateway->element.name);
}

bool
hs_parse_pair(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    HsElement *ends[2];

    if (g_strv_length(names) != 2)
        return hs_parse_complain(p, text,
                                 "is not two ends; expected the names of two "
                                 "[vpc], or of two [gateway]");
    for (unsigned i = 0; i < 2; i++) {
        ends[i] = find_element(p, g_strstrip(names[i]),
                               HS_KIND_BIT(HS_KIND_VPC) |
                                   HS_KIND_BIT(HS_KIND_GATEWAY));
        if (ends[i] == NULL)
            return false;
    }
    if (ends[0]->kind != ends[1]->kind)
        return hs_parse_complain(p, text,
                                 "is a [vpc] and a [gateway]; expected two of "
                                 "a kind");
    memcpy(field, ends, sizeof ends);
    return true;
}

void
hs_format_pair(const HsRow *row G_GNUC_UNUSED, const void *field, GString *text)
{
    HsElement *const *ends = field;

    g_string_append_printf(text, "%s, %s", ends[0]->name, ends[1]->name);
}

/* Routes: "PREFIX via NAME" or "PREFIX blackhole". */

static bool
parse_route(const HsParse *p, char *text, HsTableRoute *route)
{
    const uint32_t kinds =
        HS_KIND_BIT(HS_KIND_GATEWAY) | HS_KIND_BIT(HS_KIND_NAT_GATEWAY) |
        HS_KIND_BIT(HS_KIND_PEERING) | HS_KIND_BIT(HS_KIND_VPC) |
        HS_KIND_BIT(HS_KIND_VPN) | HS_KIND_BIT(HS_KIND_DXGW);
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    unsigned count = 0;

    for (char **word = words; *word != NULL; word++) { /* several blanks */
        if (**word != '\0') {
            char *swap = words[count];

            words[count++] = *word;
            *word = swap;
        }
    }
    if (!((count == 2 && g_str_equal(words[1], "blackhole")) ||
          (count == 3 && g_str_equal(words[1], "via"))))
        return hs_parse_complain(p, text,
                                 "is no route; expected PREFIX via NAME, or "
                                 "PREFIX blackhole");
    if (!hs_parse_one_prefix(p, words[0], &route->prefix))
        return false;
    if (count == 2) {
        route->kind = HS_ROUTE_BLACKHOLE;
    } else if (g_str_equal(words[2], "internet-gateway")) {
        route->kind = HS_ROUTE_INTERNET;
    } else {
        route->kind = HS_ROUTE_VIA;
        route->via = find_element(p, words[2], kinds);
    }
    return route->kind != HS_ROUTE_VIA || route->via != NULL;
}

bool
hs_parse_routes(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    g_autoptr(GArray) routes = g_array_new(FALSE, FALSE, sizeof(HsTableRoute));
    HsTableRoutes list;

    if (*text == '\0')
        return hs_parse_complain(p, text, "names no route");
    for (char **item = items; *item != NULL && !g_str_equal(text, "none");
         item++) {
        HsTableRoute route = {.via = NULL};

        if (!parse_route(p, g_strstrip(*item), &route))
            return false;
        for (unsigned i = 0; i < routes->len; i++)
            if (hs_prefix_equal(&g_array_index(routes, HsTableRoute, i).prefix,
                                &route.prefix))
                return hs_parse_complain(p, *item, "is a second route there");
        g_array_append_val(routes, route);
    }
    hs_clear_routes(field);
    list.count = routes->len;
    list.values =
        (HsTableRoute *)(void *)g_array_free(g_steal_pointer(&routes), FALSE);
    *(HsTableRoutes *)field = list;
    return true;
}

void
hs_format_routes(const HsRow *row G_GNUC_UNUSED, const void *field,
                 GString *text)
{
    const HsTableRoutes *list = field;
    char prefix[HS_PREFIX_TEXT];

    if (list->count == 0)
        g_string_append(text, "none");
    for (unsigned i = 0; i < list->count; i++) {
        const HsTableRoute *route = &list->values[i];

        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               hs_prefix_format(&route->prefix, prefix));
        if (route->kind == HS_ROUTE_BLACKHOLE)
            g_string_append(text, " blackhole");
        else
            g_string_append_printf(text, " via %s",
                                   route->kind == HS_ROUTE_INTERNET
                                       ? "internet-gateway"
                                       : route->via->name);
    }
}

void
hs_clear_routes(void *field)
{
    HsTableRoutes *list = field;

    g_free(list->values);
    *list = (HsTableRoutes){.values = NULL};
}

/* Nodes and links that an element has besides itself, by the name that they
 * have in captures: the element's, a dot, the part. What they are is the
 * world's; a name that it does not have in this scenario (gateway2, with one
 * router) is caught when the world is there. */
static const struct {
    HsKind kind;
    const char *part;
    bool link;
} parts[] = {
    {HS_KIND_ONPREM, "gateway", false},
    {HS_KIND_ONPREM, "gateway2", false},
    {HS_KIND_ONPREM, "core", false},
    {HS_KIND_ONPREM, "nat", false},
    {HS_KIND_ONPREM, "nat2", false},
    {HS_KIND_ONPREM, "lan", true},
    {HS_KIND_ONPREM, "uplink", true},
    {HS_KIND_ONPREM, "uplink2", true},
    {HS_KIND_ONPREM, "core1", true},
    {HS_KIND_ONPREM, "core2", true},
    {HS_KIND_ONPREM, "interlink", true},
    {HS_KIND_ONPREM, "nat-inside", true},
    {HS_KIND_ONPREM, "nat-inside2", true},
    {HS_KIND_VPC, "lan", true},
    {HS_KIND_INTERNET, "aws", false},
    {HS_KIND_DX, "aws", false},
    {HS_KIND_DX, "backbone", true},
    {HS_KIND_VPN, "tunnel1.aws", false},
    {HS_KIND_VPN, "tunnel1.edge", true},
    {HS_KIND_VPN, "tunnel1.backbone", true},
    {HS_KIND_VPN, "tunnel2.aws", false},
    {HS_KIND_VPN, "tunnel2.edge", true},
    {HS_KIND_VPN, "tunnel2.backbone", true},
};

static bool
has_part(HsKind kind, const char *part, bool links_only)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i].kind == kind && g_str_equal(parts[i].part, part) &&
            (parts[i].link || !links_only))
            return true;
    return false;
}

bool
hs_is_link_part(HsKind kind, const char *part)
{
    return has_part(kind, part, true);
}

bool
hs_is_part_of_two(const char *part)
{
    static const char *const of_two[] = {"gateway2", "core",  "uplink2",
                                         "core1",    "core2", "interlink"};

    for (size_t i = 0; i < G_N_ELEMENTS(of_two); i++)
        if (g_str_equal(part, of_two[i]))
            return true;
    return false;
}

/* Targets of faults */

#define TARGETS                                                                \
    (HS_KIND_BIT(HS_KIND_ONPREM) | HS_KIND_BIT(HS_KIND_FIREWALL) |             \
     HS_KIND_BIT(HS_KIND_VPC) | HS_KIND_BIT(HS_KIND_NAT_GATEWAY) |             \
     HS_KIND_BIT(HS_KIND_GATEWAY) | HS_KIND_BIT(HS_KIND_DXGW) |                \
     HS_KIND_BIT(HS_KIND_ASSOCIATION) | HS_KIND_BIT(HS_KIND_PEERING) |         \
     HS_KIND_BIT(HS_KIND_CONNECTION) | HS_KIND_BIT(HS_KIND_DX) |               \
     HS_KIND_BIT(HS_KIND_INTERNET) | HS_KIND_BIT(HS_KIND_VPN))

typedef struct {
    HsElement *element;
    unsigned tunnel;
    HsTargetKind kind;
    char *name;
} Target;

G_STATIC_ASSERT(offsetof(HsFault, tunnel) ==
                offsetof(HsFault, target) + offsetof(Target, tunnel));
G_STATIC_ASSERT(offsetof(HsFault, target_kind) ==
                offsetof(HsFault, target) + offsetof(Target, kind));
G_STATIC_ASSERT(offsetof(HsFault, target_name) ==
                offsetof(HsFault, target) + offsetof(Target, name));

static const char *const target_words[] = {
    [HS_TARGET_LOCATION] = "location.",
    [HS_TARGET_DEVICE] = "device.",
    [HS_TARGET_ZONE] = "az.",
};

/* What is no element: the names are those that connections have, which are
 * known when all is read. */
static bool
parse_place(const HsParse *p, const char *text, Target *target)
{
    for (unsigned kind = HS_TARGET_LOCATION; kind <= HS_TARGET_ZONE; kind++) {
        if (!g_str_has_prefix(text, target_words[kind]))
            continue;
        target->kind = kind;
        target->name = g_strdup(text + strlen(target_words[kind]));
        if (kind != HS_TARGET_ZONE || g_str_equal(target->name, "a") ||
            g_str_equal(target->name, "b"))
            return true;
        hs_parse_complain(p, text,
                          "is no availability zone; expected az.a or "
                          "az.b");
        return false;
    }
    return false;
}

bool
hs_parse_target(const HsParse *p, const char *text, void *field)
{
    const char *dot = strchr(text, '.');
    g_autofree char *name =
        dot != NULL ? g_strndup(text, (size_t)(dot - text)) : g_strdup(text);
    Target target = {.kind = HS_TARGET_ELEMENT};

    if (!parse_place(p, text, &target)) {
        g_clear_pointer(&target.name, g_free);
        target.kind = HS_TARGET_ELEMENT;
        if (p->problem->len > 0)
            return false;
        target.element = find_element(p, name, TARGETS);
        if (target.element == NULL)
            return false;
        if (dot != NULL && target.element->kind == HS_KIND_VPN &&
            (g_str_equal(dot, ".tunnel1") || g_str_equal(dot, ".tunnel2"))) {
            target.tunnel = (unsigned)(dot[7] - '0');
        } else if (dot != NULL) {
            if (!has_part(target.element->kind, dot + 1, false))
                return hs_parse_complain(
                    p, text,
                    target.element->kind == HS_KIND_VPN
                        ? "is no tunnel; expected tunnel1 or tunnel2"
                        : "names a part that this element does not have");
            target.kind = HS_TARGET_PART;
        }
        target.name = g_strdup(text);
    }
    hs_clear_target(field);
    *(Target *)field = target;
    return true;
}

void
hs_format_target(const HsRow *row G_GNUC_UNUSED, const void *field,
                 GString *text)
{
    const Target *target = field;

    if (target->kind >= HS_TARGET_LOCATION)
        g_string_append(text, target_words[target->kind]);
    g_string_append(text, target->name);
}

void
hs_clear_target(void *field)
{
    g_clear_pointer(&((Target *)field)->name, g_free);
}

/* Names of links as the capture has them: an element's, or a part's. */
static bool
is_link(const HsScenario *scenario, const char *text)
{
    const char *dot = strchr(text, '.');
    g_autofree char *name =
        dot != NULL ? g_strndup(text, (size_t)(dot - text)) : g_strdup(text);
    const HsElement *element = hs_scenario_find(scenario, name);

    if (element == NULL)
        return false;
    if (dot == NULL)
        return element->kind == HS_KIND_DX ||
               element->kind == HS_KIND_INTERNET ||
               element->kind == HS_KIND_PEERING;
    return has_part(element->kind, dot + 1, true);
}

bool
hs_parse_links(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = NULL;

    if (*text == '\0')
        return hs_parse_complain(p, text, "names no link");
    if (!g_str_equal(text, "all")) {
        names = g_strsplit(text, ",", -1);
        for (char **name = names; *name != NULL; name++) {
            if (!is_link(p->scenario, g_strstrip(*name)))
                return hs_parse_complain(
                    p, *name,
                    "is no link; expected the name of a [dx] or "
                    "[internet], or SITE.lan, SITE.uplink, VPC.lan, "
                    "DX.backbone, VPN.tunnel1.edge, VPN.tunnel1.backbone");
        }
    }
    g_strfreev(*(char ***)field);
    *(char ***)field = g_steal_pointer(&names);
    return true;
}

void
hs_format_links(const HsRow *row G_GNUC_UNUSED, const void *field,
                GString *text)
{
    char *const *names = *(char **const *)field;

    if (names == NULL)
        g_string_append(text, "all");
    for (unsigned i = 0; names != NULL && names[i] != NULL; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", names[i]);
}

void
hs_clear_links(void *field)
{
    g_clear_pointer((char ***)field, g_strfreev);
}
