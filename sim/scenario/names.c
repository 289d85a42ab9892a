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

static HsElement *
find_element(const HsParse *p, const char *name, unsigned kinds,
             const char *what)
{
    HsElement *element = hs_scenario_find(p->scenario, name);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (element != NULL && (kinds & 1U << element->kind) != 0)
        return element;
    if (g_hash_table_contains(p->scenario->broken, name))
        return NULL;
    if (element != NULL)
        g_string_append_printf(p->problem, "\"%s\" is a [%s], not %s", name,
                               hs_kind_name(element->kind), what);
    else
        g_string_append_printf(p->problem, "there is no %s named \"%s\"",
                               strchr(what, ' ') + 1, name);
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        const HsElement *e;

        if ((kinds & 1U << kind) == 0)
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
    g_autofree char *what =
        g_strdup_printf("a [%s]", hs_kind_name(p->row->target));
    HsElement *element = find_element(p, text, 1U << p->row->target, what);

    if (element != NULL)
        *(HsElement **)field = element;
    return element != NULL;
}

void
hs_format_reference(const HsRow *row G_GNUC_UNUSED, const void *field,
                    GString *text)
{
    g_string_append(text, (*(HsElement *const *)field)->name);
}

/* A site and a gateway, in either order, stored one after the other. */
typedef struct {
    HsOnprem *site;
    HsGateway *gateway;
} Between;

G_STATIC_ASSERT(offsetof(HsDx, gateway) ==
                offsetof(HsDx, site) + offsetof(Between, gateway));
G_STATIC_ASSERT(offsetof(HsVpn, gateway) ==
                offsetof(HsVpn, site) + offsetof(Between, gateway));

bool
hs_parse_between(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    HsElement *ends[2];
    const unsigned kinds = 1U << HS_KIND_ONPREM | 1U << HS_KIND_GATEWAY;

    if (g_strv_length(names) != 2)
        return hs_parse_complain(p, text, "is not two names");
    for (unsigned i = 0; i < 2; i++) {
        ends[i] = find_element(p, g_strstrip(names[i]), kinds,
                               "an [onprem] or [gateway]");
        if (ends[i] == NULL)
            return false;
    }
    if (ends[0]->kind == ends[1]->kind)
        return hs_parse_complain(
            p, text,
            ends[0]->kind == HS_KIND_ONPREM
                ? "is two sites: one end is a [gateway]"
                : "is two gateways: one end is an [onprem]");
    if (ends[0]->kind == HS_KIND_GATEWAY) {
        HsElement *swap = ends[0];

        ends[0] = ends[1];
        ends[1] = swap;
    }
    *(Between *)field =
        (Between){.site = (HsOnprem *)ends[0], .gateway = (HsGateway *)ends[1]};
    return true;
}

void
hs_format_between(const HsRow *row G_GNUC_UNUSED, const void *field,
                  GString *text)
{
    const Between *between = field;

    g_string_append_printf(text, "%s, %s", between->site->element.name,
                           between->gateway->element.name);
}

typedef struct {
    HsDx *dx;
    HsInternet *internet;
} Underlay;

G_STATIC_ASSERT(offsetof(HsVpn, underlay_internet) ==
                offsetof(HsVpn, underlay_dx) + offsetof(Underlay, internet));

bool
hs_parse_underlay(const HsParse *p, const char *text, void *field)
{
    HsElement *element =
        find_element(p, text, 1U << HS_KIND_DX | 1U << HS_KIND_INTERNET,
                     "a [dx] or [internet]");
    Underlay underlay = {NULL, NULL};

    if (element == NULL)
        return false;
    if (element->kind == HS_KIND_DX)
        underlay.dx = (HsDx *)element;
    else
        underlay.internet = (HsInternet *)element;
    *(Underlay *)field = underlay;
    return true;
}

void
hs_format_underlay(const HsRow *row G_GNUC_UNUSED, const void *field,
                   GString *text)
{
    const Underlay *underlay = field;

    g_string_append(text, underlay->dx != NULL
                              ? underlay->dx->element.name
                              : underlay->internet->element.name);
}

typedef struct {
    HsElement *element;
    unsigned tunnel;
} Target;

G_STATIC_ASSERT(offsetof(HsFault, tunnel) ==
                offsetof(HsFault, target) + offsetof(Target, tunnel));

bool
hs_parse_target(const HsParse *p, const char *text, void *field)
{
    const char *dot = strchr(text, '.');
    g_autofree char *name =
        dot != NULL ? g_strndup(text, (size_t)(dot - text)) : g_strdup(text);
    Target target = {.tunnel = 0};

    target.element = find_element(
        p, name, 1U << HS_KIND_DX | 1U << HS_KIND_VPN | 1U << HS_KIND_INTERNET,
        "a [dx], [vpn] or [internet]");
    if (target.element == NULL)
        return false;
    if (dot != NULL) {
        if (target.element->kind != HS_KIND_VPN)
            return hs_parse_complain(p, text,
                                     "names a part that only a [vpn] has");
        if (!g_str_equal(dot, ".tunnel1") && !g_str_equal(dot, ".tunnel2"))
            return hs_parse_complain(
                p, text, "is no tunnel; expected tunnel1 or tunnel2");
        target.tunnel = (unsigned)(dot[7] - '0');
    }
    *(Target *)field = target;
    return true;
}

void
hs_format_target(const HsRow *row G_GNUC_UNUSED, const void *field,
                 GString *text)
{
    const Target *target = field;

    g_string_append(text, target->element->name);
    if (target->tunnel != 0)
        g_string_append_printf(text, ".tunnel%u", target->tunnel);
}

/* "tunnel2.edge": the links that each tunnel of a VPN has. Whether it has two
 * may stand in a group that is read later, and is not asked here. */
static bool
is_tunnel_link(const char *part)
{
    static const char *const parts[] = {
        "tunnel1.edge",
        "tunnel1.backbone",
        "tunnel2.edge",
        "tunnel2.backbone",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (g_str_equal(part, parts[i]))
            return true;
    return false;
}

/* Names of links as the capture has them: an element's, or an element's part.
 * The kinds that have a link, and the parts, are those of the world. */
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
        return element->kind == HS_KIND_DX || element->kind == HS_KIND_INTERNET;
    if (element->kind == HS_KIND_ONPREM)
        return g_str_equal(dot, ".lan") || g_str_equal(dot, ".uplink");
    if (element->kind == HS_KIND_VPC)
        return g_str_equal(dot, ".lan");
    if (element->kind == HS_KIND_DX)
        return g_str_equal(dot, ".backbone");
    return element->kind == HS_KIND_VPN && is_tunnel_link(dot + 1);
}

bool
hs_parse_links(const HsParse *p, const char *text, void *field)
{
    g_auto(GStrv) names = NULL;

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
