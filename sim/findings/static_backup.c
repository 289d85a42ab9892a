/* Backup: what is left when a path fails, and what fails with it. */

#include "config.h"

#include "sim/findings/private.h"

/* An entry of PREFIXES covers PREFIX, or several make it up between them. */
static bool
is_made_up(const HsPrefixes *prefixes, const HsPrefix *prefix)
{
    uint64_t addresses = 0;

    if (hs_prefixes_cover(prefixes, prefix))
        return true;
    for (unsigned i = 0; i < prefixes->count; i++) {
        const HsPrefix *part = &prefixes->values[i];
        bool counted = !hs_prefix_covers(prefix, part);

        for (unsigned j = 0; j < prefixes->count; j++)
            counted |= j != i && prefixes->values[j].length < part->length &&
                       hs_prefix_covers(&prefixes->values[j], part);
        if (!counted)
            addresses += UINT64_C(1) << (32 - part->length);
    }
    return addresses == UINT64_C(1) << (32 - prefix->length);
}

/* What A announces and B does not: with A gone it is gone. */
static void
find_no_backup(const HsFind *f, const HsFindPath *a, const HsFindPath *b)
{
    char prefix[HS_PREFIX_TEXT];

    for (unsigned i = 0; i < a->announced->count; i++) {
        if (is_made_up(b->announced, &a->announced->values[i]))
            continue;
        hs_findings_add(f->findings, HS_FINDING_NO_BACKUP, a->element,
                        "announce",
                        "%s is announced here and not on [%s %s]; when one "
                        "fails, the other does not take over",
                        hs_prefix_format(&a->announced->values[i], prefix),
                        hs_kind_name(b->element->kind), b->element->name);
        return;
    }
}

static uint64_t
rate_of_vpn(const HsVpn *vpn)
{
    uint64_t rate = vpn->aws_rate;

    if (vpn->underlay_internet != NULL)
        rate = MIN(MIN(rate, vpn->underlay_internet->link.rate),
                   vpn->site->uplink.rate);
    if (vpn->underlay_dx != NULL)
        rate = MIN(rate, vpn->underlay_dx->link.rate);
    return rate;
}

static uint64_t
rate_of(const HsFindPath *path)
{
    return path->dx != NULL ? path->dx->link.rate * path->dx->physical.lag
                            : rate_of_vpn(path->vpn);
}

/* Of the direction with more bytes: both clients, headers of TCP and IP. */
static uint64_t
load_of(const HsScenario *scenario, const HsDatabase *db)
{
    uint64_t requests, replies, bytes;

    hs_database_bytes(scenario, &requests, &replies);
    bytes = MAX(requests, replies) + 52;
    return db->interval > 0 && db->loop == HS_LOOP_OPEN
               ? 2 * 8 * bytes * (uint64_t)HS_SEC(1) / (uint64_t)db->interval
               : 0;
}

static void
find_slow(const HsFind *f, const HsFindPath *dx, const HsFindPath *vpn)
{
    const HsDatabase *db = hs_scenario_database(f->scenario, 0);
    uint64_t fast = rate_of(dx), slow = rate_of(vpn);
    uint64_t load = db != NULL ? load_of(f->scenario, db) : 0;

    if (load > slow)
        hs_findings_add(f->findings, HS_FINDING_BACKUP_TOO_SLOW, vpn->element,
                        NULL,
                        "the database asks for %.1f Mbit/s, a tunnel carries "
                        "%.1f Mbit/s%s",
                        (double)load / 1e6, (double)slow / 1e6,
                        vpn->gateway->type == HS_GATEWAY_VGW
                            ? ", and a virtual private gateway uses one"
                            : "");
    else if (fast > slow)
        hs_findings_add(f->findings, HS_FINDING_BACKUP_SLOWER, vpn->element,
                        NULL,
                        "[dx %s] has %.1f Mbit/s, a tunnel carries %.1f "
                        "Mbit/s: %.1f times less",
                        dx->element->name, (double)fast / 1e6,
                        (double)slow / 1e6, (double)fast / (double)slow);
}

static void
find_shrinking(const HsFind *f, const HsFindPath *dx, const HsFindPath *vpn)
{
    if (!vpn->vpn->mss_clamp)
        hs_findings_add(f->findings, HS_FINDING_MTU_SHRINKS, vpn->element,
                        "mss-clamp",
                        "[dx %s] takes packets of %u bytes, a tunnel 1446 at "
                        "most; connections that were opened before go on "
                        "sending the larger ones",
                        dx->element->name, dx->dx->link.mtu);
}

/* A VPN that A carries fails with it. */
static bool
carries(const HsFindPath *a, const HsFindPath *vpn)
{
    return a->dx != NULL && vpn->vpn != NULL &&
           hs_elements_have(&vpn->vpn->underlays, a->element);
}

void
hs_find_in_pairs(const HsFind *f, const GArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        const HsFindPath *a = HS_FIND_PATH(paths, i);
        bool dx_seen = false;

        if (hs_find_is_transport(f, a->dx))
            continue;
        for (guint j = 0; j < paths->len; j++) {
            const HsFindPath *b = HS_FIND_PATH(paths, j);

            if (i == j || !hs_find_same_ends(a, b) ||
                hs_find_is_transport(f, b->dx))
                continue;
            if (i < j)
                hs_find_asymmetry(f, a, b);
            if ((a->dx != NULL || b->dx != NULL) && !carries(a, b) &&
                !carries(b, a))
                find_no_backup(f, a, b);
            if (a->vpn != NULL && b->dx != NULL && !dx_seen &&
                a->vpn->underlay_dx != b->dx) {
                find_slow(f, b, a);
                find_shrinking(f, b, a);
                dx_seen = true;
            }
        }
    }
}

/* Redundancy */

typedef struct {
    unsigned paths, dx, internet;
    bool one_device, one_location, one_router;
    const HsFindPath *first;
} Survey;

static void
count_dx(Survey *s, const HsDx *dx, const HsDx *first)
{
    s->dx++;
    s->one_device &= g_str_equal(dx->physical.device, first->physical.device);
    s->one_location &=
        g_str_equal(dx->physical.location, first->physical.location);
}

/* The paths between SITE and whatever AWS has. Virtual interfaces that carry
 * VPNs count as what they are. */
static Survey
survey(const HsFind *f, const GArray *paths, const HsOnprem *site)
{
    Survey s = {.one_device = true, .one_location = true, .one_router = true};
    const HsDx *dx, *first = NULL;

    for (unsigned i = 0; (dx = hs_scenario_dx(f->scenario, i)); i++) {
        if (dx->site != site)
            continue;
        if (first == NULL)
            first = dx;
        count_dx(&s, dx, first);
    }
    for (guint i = 0; i < paths->len; i++) {
        const HsFindPath *path = HS_FIND_PATH(paths, i);

        if (path->site != site || hs_find_is_transport(f, path->dx))
            continue;
        if (s.first == NULL)
            s.first = path;
        s.one_router &= path->router == s.first->router;
        if (s.paths == 0 ||
            HS_FIND_PATH(paths, i - 1)->element != path->element)
            s.paths++;
        s.internet += path->vpn != NULL && path->vpn->underlay_internet != NULL;
    }
    return s;
}

void
hs_find_redundancy(const HsFind *f, const GArray *paths, const HsOnprem *site)
{
    Survey s = survey(f, paths, site);

    if (s.first == NULL)
        return;
    if (s.paths == 1)
        hs_findings_add(f->findings, HS_FINDING_SINGLE_PATH, s.first->element,
                        NULL, "it is the only path of [onprem %s]",
                        site->element.name);
    if (s.dx > 1 && s.one_device)
        hs_findings_add(f->findings, HS_FINDING_ONE_DEVICE, s.first->element,
                        NULL,
                        "all %u virtual interfaces of [onprem %s] end on one "
                        "AWS device; its maintenance takes all of them%s",
                        s.dx, site->element.name,
                        s.internet > 0 ? ", and leaves the VPN" : "");
    else if (s.dx > 1 && s.one_location)
        hs_findings_add(f->findings, HS_FINDING_ONE_LOCATION, s.first->element,
                        NULL,
                        "all %u virtual interfaces of [onprem %s] are at one "
                        "location, for which AWS promises 99.9 %% at most",
                        s.dx, site->element.name);
    if (s.paths > 1 && s.one_router)
        hs_findings_add(f->findings, HS_FINDING_ONE_ROUTER, &site->element,
                        NULL,
                        "%u paths of [onprem %s] end on its customer gateway "
                        "%u%s",
                        s.paths, site->element.name, s.first->router,
                        site->routers > 1 ? "; the other one has none" : "");
}
