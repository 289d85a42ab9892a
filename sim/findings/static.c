/* What a scenario shows without a run.
 *
 * Half of it is about paths: what a site announces where, which of its paths
 * AWS takes for it, and which the customer gateway takes. A path is a virtual
 * interface or a VPN that ends, in one or two steps, on a gateway; only those
 * of one site and one gateway are compared. */

#include "config.h"

#include "sim/findings/finding.h"

#include <string.h>

typedef struct {
    const HsScenario *scenario;
    GPtrArray *findings;
} Find;

/* Paths */

typedef struct {
    const HsElement *element;
    const HsDx *dx; /* one of the two is NULL */
    const HsVpn *vpn;
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsPrefixes *announced; /* or AWS's static routes */
    const HsPrefixes *told;      /* by AWS, of a TGW; NULL: its VPCs */
    const HsBgpPolicy *policy;
    unsigned router;
} Path;

static void
add_dx_path(GArray *paths, const HsDx *dx, const HsGateway *gateway,
            const HsAssociation *association)
{
    Path path = {.element = &dx->element,
                 .dx = dx,
                 .site = dx->site,
                 .gateway = gateway,
                 .announced = &dx->announce,
                 .told = association != NULL && gateway->type == HS_GATEWAY_TGW
                             ? &association->allowed
                             : NULL,
                 .policy = &dx->policy,
                 .router = dx->physical.router};

    g_array_append_val(paths, path);
}

/* BGP does, as far as the AS numbers go: else it is no path. */
static bool
comes_up(const HsDx *dx)
{
    return dx->cgw_remote_asn == dx->aws_asn &&
           dx->aws_remote_asn == dx->site->asn;
}

static void
add_dx_paths(const HsScenario *scenario, GArray *paths)
{
    const HsAssociation *a;
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++) {
        if (dx->vif == HS_VIF_PUBLIC || !comes_up(dx))
            continue;
        if (dx->gateway != NULL)
            add_dx_path(paths, dx, dx->gateway, NULL);
        for (unsigned n = 0;
             dx->dxgw != NULL && (a = hs_scenario_association(scenario, n));
             n++)
            if (a->dxgw == dx->dxgw)
                add_dx_path(paths, dx, a->gateway, a);
    }
}

/* Path, in the order of the file: interfaces, then VPNs. */
static GArray *
all_paths(const HsScenario *scenario)
{
    GArray *paths = g_array_new(FALSE, FALSE, sizeof(Path));
    const HsVpn *vpn;

    add_dx_paths(scenario, paths);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++) {
        Path path = {.element = &vpn->element,
                     .vpn = vpn,
                     .site = vpn->site,
                     .gateway = vpn->gateway,
                     .announced = vpn->routing == HS_ROUTING_STATIC
                                      ? &vpn->static_routes
                                      : &vpn->announce,
                     .policy = &vpn->policy,
                     .router = vpn->router};

        g_array_append_val(paths, path);
    }
    return paths;
}

#define PATH(paths, i) (&g_array_index(paths, Path, i))

static bool
same_ends(const Path *a, const Path *b)
{
    return a->site == b->site && a->gateway == b->gateway;
}

/* An end of a tunnel that DX carries, and nothing of the site's network. */
static bool
is_tunnel_end(const Find *f, const HsDx *dx, const HsPrefix *prefix)
{
    const HsVpn *vpn;

    if (hs_prefix_covers(&dx->site->prefix, prefix) ||
        hs_prefix_covers(prefix, &dx->site->prefix))
        return false;
    for (unsigned i = 0; (vpn = hs_scenario_vpn(f->scenario, i)); i++)
        if (hs_elements_have(&vpn->underlays, &dx->element) &&
            hs_prefix_contains(prefix, &vpn->outside))
            return true;
    return false;
}

/* Nothing is announced on it but the tunnels' own addresses: what carries a
 * private IP VPN is no path of the site's by itself. */
static bool
is_transport(const Find *f, const HsDx *dx)
{
    if (dx == NULL || dx->vif != HS_VIF_TRANSIT || dx->announce_extra > 0)
        return false;
    for (unsigned i = 0; i < dx->announce.count; i++)
        if (!is_tunnel_end(f, dx, &dx->announce.values[i]))
            return false;
    return true;
}

/* The longest of PREFIXES that has ADDRESS, or -1. */
static int
longest(const HsPrefixes *prefixes, const HsAddr *address)
{
    int best = -1;

    for (unsigned i = 0; i < prefixes->count; i++)
        if (hs_prefix_contains(&prefixes->values[i], address))
            best = MAX(best, prefixes->values[i].length);
    return best;
}

/* In clear */

static bool
is_encrypted(const HsDx *dx)
{
    return dx->physical.macsec == HS_MACSEC_MUST;
}

/* A static route in a table of the TGW into a VPN beats what a DXGW brings. */
static int
static_length(const HsScenario *scenario, const HsGateway *gateway,
              const HsAddr *address)
{
    const HsTable *table;
    int best = -1;

    for (unsigned i = 0; (table = hs_scenario_table(scenario, i)); i++) {
        if (table->of != &gateway->element)
            continue;
        for (unsigned r = 0; r < table->routes.count; r++) {
            const HsTableRoute *route = &table->routes.values[r];

            if (route->kind == HS_ROUTE_VIA &&
                route->via->kind == HS_KIND_VPN &&
                hs_prefix_contains(&route->prefix, address))
                best = MAX(best, route->prefix.length);
        }
    }
    return best;
}

/* Whether AWS sends to ADDRESS by DX rather than into VPN. */
static bool
aws_takes_dx(const Find *f, const Path *dx, const Path *vpn,
             const HsAddr *address)
{
    int by_dx = longest(dx->announced, address);
    int by_vpn = longest(vpn->announced, address);

    if (vpn->gateway->type == HS_GATEWAY_TGW) {
        int fixed = static_length(f->scenario, vpn->gateway, address);

        if (fixed >= by_dx && fixed >= 0)
            return false;
    }
    return by_dx >= by_vpn && by_dx >= 0;
}

/* Whether the customer gateway sends to FAR, of a VPC, by DX: the VPN tells the
 * VPC's network, and Direct Connect that or the allowed prefixes. */
static bool
customer_takes_dx(const Path *dx, const Path *vpn, const HsPrefix *network,
                  const HsAddr *far)
{
    int by_dx = dx->told != NULL ? longest(dx->told, far) : network->length;

    if (by_dx != network->length)
        return by_dx > network->length;
    return dx->policy->local_preference >= vpn->policy->local_preference;
}

static void
say_in_clear(const Find *f, const Path *dx, const Path *vpn, bool aws,
             bool customer)
{
    const char *who = aws && customer ? "both ways"
                      : aws           ? "towards the site"
                                      : "towards AWS";
    g_autofree char *by_aws = g_strdup_printf(
        "[gateway %s] takes %s before [vpn %s] for the same "
        "prefix, whatever the AS path",
        dx->gateway->element.name, dx->element->name, vpn->element->name);

    hs_findings_add(
        f->findings, HS_FINDING_DX_IN_CLEAR, dx->element, NULL,
        "%s%s%s, and Direct Connect does not encrypt: in clear "
        "%s. A VPN over a public or transit virtual interface that "
        "alone has these prefixes, or MACsec with must_encrypt, "
        "would",
        aws ? by_aws : "", aws && customer ? "; " : "",
        customer ? "the customer gateway prefers it to the tunnels" : "", who);
}

static void
find_in_clear(const Find *f, const GArray *paths, const HsDatabase *db)
{
    bool to_site = db->server->kind == HS_KIND_ONPREM;
    const HsElement *site = to_site ? db->server : db->client;
    const HsElement *other = to_site ? db->client : db->server;
    const HsAddr *address = to_site ? &db->server_address : &db->client_address;
    const HsAddr *far = to_site ? &db->client_address : &db->server_address;

    for (guint i = 0; i < paths->len; i++) {
        const Path *dx = PATH(paths, i);

        for (guint j = 0; j < paths->len; j++) {
            const Path *vpn = PATH(paths, j);
            bool aws, customer;

            if (dx->dx == NULL || vpn->vpn == NULL || !same_ends(dx, vpn) ||
                &dx->site->element != site || is_encrypted(dx->dx))
                continue;
            aws = aws_takes_dx(f, dx, vpn, address);
            customer = customer_takes_dx(dx, vpn, hs_place_prefix(other), far);
            if (!aws && !customer)
                continue;
            say_in_clear(f, dx, vpn, aws, customer);
            break;
        }
    }
}

static void
find_macsec(const Find *f, const HsDx *dx)
{
    if (dx->physical.macsec == HS_MACSEC_SHOULD)
        hs_findings_add(f->findings, HS_FINDING_MACSEC_MAY_OPEN, &dx->element,
                        dx->connection == NULL ? "macsec" : NULL,
                        "without a key that both sides have, the connection "
                        "stays up and frames are in clear; must_encrypt takes "
                        "it down");
}

/* Steering */

static void
find_prepending(const Find *f, const GArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        const Path *a = PATH(paths, i);

        for (guint j = 0; a->policy->prepend > 0 && j < paths->len; j++) {
            const Path *b = PATH(paths, j);

            if (!same_ends(a, b) || (a->dx != NULL) == (b->dx != NULL) ||
                is_transport(f, a->dx) || is_transport(f, b->dx))
                continue;
            hs_findings_add(
                f->findings, HS_FINDING_PREPEND_IN_VAIN, a->element, "prepend",
                "[gateway %s] prefers Direct Connect to VPN for the same "
                "prefix before it looks at the AS path; %u more AS in it "
                "change nothing against [%s %s]. A longer prefix does",
                a->gateway->element.name, a->policy->prepend,
                hs_kind_name(b->element->kind), b->element->name);
            break;
        }
    }
}

/* 7300 before none or 7200 before 7100. */
static unsigned
preference_of(const HsBgpPolicy *policy)
{
    for (unsigned i = 0; i < policy->communities.count; i++) {
        if (policy->communities.values[i] == (UINT32_C(7224) << 16 | 7300))
            return 3;
        if (policy->communities.values[i] == (UINT32_C(7224) << 16 | 7100))
            return 1;
    }
    return 2;
}

/* What AWS prefers: >0: A. Direct Connect before VPN, then by community and
 * length of the path among interfaces, by the path alone among VPNs. */
static int
aws_prefers(const Path *a, const Path *b)
{
    if ((a->dx != NULL) != (b->dx != NULL))
        return a->dx != NULL ? 1 : -1;
    if (a->dx != NULL && preference_of(a->policy) != preference_of(b->policy))
        return preference_of(a->policy) > preference_of(b->policy) ? 1 : -1;
    if (a->policy->prepend != b->policy->prepend)
        return a->policy->prepend < b->policy->prepend ? 1 : -1;
    return 0;
}

static int
customer_prefers(const Path *a, const Path *b)
{
    uint32_t x = a->policy->local_preference, y = b->policy->local_preference;

    return x > y ? 1 : x < y ? -1 : 0;
}

/* A firewall that sees one direction of a flow on A and not the other on B. */
static const HsFirewall *
firewall_between(const HsScenario *scenario, const Path *a, const Path *b)
{
    const HsFirewall *firewall;

    for (unsigned i = 0; (firewall = hs_scenario_firewall(scenario, i)); i++)
        if (hs_elements_have(&firewall->on, a->element) !=
            hs_elements_have(&firewall->on, b->element))
            return firewall;
    return NULL;
}

static bool
share_a_prefix(const Path *a, const Path *b)
{
    for (unsigned i = 0; i < a->announced->count; i++)
        for (unsigned j = 0; j < b->announced->count; j++)
            if (hs_prefix_equal(&a->announced->values[i],
                                &b->announced->values[j]))
                return true;
    return false;
}

static const char *
choice(int preference, const Path *a, const Path *b)
{
    return preference == 0  ? "neither"
           : preference > 0 ? a->element->name
                            : b->element->name;
}

static void
find_asymmetry(const Find *f, const Path *a, const Path *b)
{
    int aws = aws_prefers(a, b), customer = customer_prefers(a, b);
    const HsFirewall *firewall;

    /* Equal at both ends is sharing; a difference at one end is not. */
    if (aws == customer || !share_a_prefix(a, b))
        return;
    firewall = firewall_between(f->scenario, a, b);
    hs_findings_add(
        f->findings, HS_FINDING_ASYMMETRIC, a->element, NULL,
        "of %s and %s the customer gateway prefers %s (local "
        "preference %u and %u), AWS %s%s%s%s",
        a->element->name, b->element->name, choice(customer, a, b),
        a->policy->local_preference, b->policy->local_preference,
        choice(aws, a, b), firewall != NULL ? "; [firewall " : "",
        firewall != NULL ? firewall->element.name : "",
        firewall != NULL ? "] sees one direction and drops the other" : "");
}

/* Backup */

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
find_no_backup(const Find *f, const Path *a, const Path *b)
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
rate_of(const Path *path)
{
    return path->dx != NULL ? path->dx->link.rate * path->dx->physical.lag
                            : rate_of_vpn(path->vpn);
}

/* Of the direction with more bytes: both clients, headers of TCP and IP. */
static uint64_t
load_of(const HsDatabase *db)
{
    uint64_t bytes = MAX(db->request, db->reply) + 52;

    return db->interval > 0
               ? 2 * 8 * bytes * (uint64_t)HS_SEC(1) / (uint64_t)db->interval
               : 0;
}

static void
find_slow(const Find *f, const Path *dx, const Path *vpn)
{
    const HsDatabase *db = hs_scenario_database(f->scenario, 0);
    uint64_t fast = rate_of(dx), slow = rate_of(vpn);
    uint64_t load = db != NULL ? load_of(db) : 0;

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
find_shrinking(const Find *f, const Path *dx, const Path *vpn)
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
carries(const Path *a, const Path *vpn)
{
    return a->dx != NULL && vpn->vpn != NULL &&
           hs_elements_have(&vpn->vpn->underlays, a->element);
}

static void
find_in_pairs(const Find *f, const GArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        const Path *a = PATH(paths, i);
        bool dx_seen = false;

        for (guint j = 0; j < paths->len; j++) {
            const Path *b = PATH(paths, j);

            if (i == j || !same_ends(a, b) || is_transport(f, a->dx) ||
                is_transport(f, b->dx))
                continue;
            if (i < j)
                find_asymmetry(f, a, b);
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
    const Path *first;
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
survey(const Find *f, const GArray *paths, const HsOnprem *site)
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
        const Path *path = PATH(paths, i);

        if (path->site != site || is_transport(f, path->dx))
            continue;
        if (s.first == NULL)
            s.first = path;
        s.one_router &= path->router == s.first->router;
        if (s.paths == 0 || PATH(paths, i - 1)->element != path->element)
            s.paths++;
        s.internet += path->vpn != NULL && path->vpn->underlay_internet != NULL;
    }
    return s;
}

static void
find_redundancy(const Find *f, const GArray *paths, const HsOnprem *site)
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

/* Elements by themselves */

static void
find_in_dx(const Find *f, const HsDx *dx)
{
    unsigned prefixes = dx->announce.count + dx->announce_extra;
    char hold[HS_TIME_TEXT];

    find_macsec(f, dx);
    if (dx->bfd.interval == 0)
        hs_findings_add(
            f->findings, HS_FINDING_BFD_OFF, &dx->element, "bfd",
            "a failure that takes no carrier is noticed after up "
            "to %s; with 300ms x 3 it would be 0.9s",
            hs_duration_format(MIN(dx->customer.hold, dx->aws.hold), hold));
    else if (dx->customer.graceful_restart > 0)
        hs_findings_add(
            f->findings, HS_FINDING_BFD_WITH_GR, &dx->element,
            "graceful-restart",
            "a cut that BFD sees within a second is then waited "
            "out for %s, with the old routes in place",
            hs_duration_format(dx->customer.graceful_restart, hold));
    if (prefixes * 10 >= dx->prefix_limit * 9)
        hs_findings_add(f->findings, HS_FINDING_PREFIX_LIMIT_NEAR, &dx->element,
                        "announce", "%u of %u prefixes are announced%s",
                        prefixes, dx->prefix_limit,
                        prefixes > dx->prefix_limit
                            ? "; the session is closed until fewer are"
                            : "");
}

static bool
is_given(const HsVpn *vpn, const char *key)
{
    return hs_scenario_is_given(&vpn->element, key);
}

static void
find_crypto(const Find *f, const HsVpn *vpn)
{
    static const char *const options[] = {
        "aws.ike.encryption", "aws.ike.integrity", "aws.ike.dh-group",
        "aws.esp.encryption", "aws.esp.integrity", "aws.esp.dh-group"};
    g_autoptr(GString) open = g_string_new(NULL);
    bool gcm = true;

    for (unsigned i = 0; i < vpn->aws_esp.encryption.count; i++)
        gcm &= vpn->aws_esp.encryption.values[i] >= HS_ENCRYPTION_AES128_GCM16;
    for (unsigned i = 0; i < G_N_ELEMENTS(options); i++)
        if (!is_given(vpn, options[i]) &&
            !(gcm && g_str_equal(options[i], "aws.esp.integrity")))
            g_string_append_printf(open, "%s%s", open->len > 0 ? ", " : "",
                                   options[i]);
    if (open->len > 0)
        hs_findings_add(f->findings, HS_FINDING_CRYPTO_PERMISSIVE,
                        &vpn->element, NULL,
                        "at AWS's default, which takes SHA-1, AES-128 and "
                        "Diffie-Hellman group 2 as well: %s",
                        open->str);
}

static void
find_tunnels(const Find *f, const HsVpn *vpn)
{
    const HsTunnelSettings *t = vpn->tunnel;

    if (vpn->tunnels < 2) {
        hs_findings_add(f->findings, HS_FINDING_SINGLE_TUNNEL, &vpn->element,
                        "tunnels",
                        "AWS replaces endpoints one at a time; with one tunnel "
                        "each replacement is an outage");
        return;
    }
    if (vpn->routing != HS_ROUTING_BGP)
        return;
    if (t[0].local_preference != t[1].local_preference)
        hs_findings_add(f->findings, HS_FINDING_UNEQUAL_TUNNELS, &vpn->element,
                        t[0].local_preference > t[1].local_preference
                            ? "tunnel1.local-preference"
                            : "tunnel2.local-preference",
                        "before it takes an endpoint away AWS lowers the MED "
                        "of the other tunnel; local preference %u against %u "
                        "comes first",
                        t[0].local_preference, t[1].local_preference);
    if (vpn->gateway->type == HS_GATEWAY_VGW && t[0].med == t[1].med)
        hs_findings_add(f->findings, HS_FINDING_EQUAL_TUNNELS, &vpn->element,
                        "tunnel2.med",
                        "both tunnels have MED %u, so the customer gateway "
                        "may send in both, and [gateway %s] in one",
                        t[0].med, vpn->gateway->element.name);
}

/* Several connections to a VGW add no capacity towards the site. */
static void
find_equal_vpns(const Find *f, const HsVpn *vpn)
{
    for (unsigned i = 0; i < vpn->element.index; i++) {
        const HsVpn *other = hs_scenario_vpn(f->scenario, i);

        if (vpn->gateway->type != HS_GATEWAY_VGW ||
            other->gateway != vpn->gateway || other->site != vpn->site ||
            other->policy.prepend != vpn->policy.prepend ||
            other->policy.local_preference != vpn->policy.local_preference)
            continue;
        hs_findings_add(f->findings, HS_FINDING_EQUAL_TUNNELS, &vpn->element,
                        NULL,
                        "[vpn %s] is its equal; [gateway %s] sends to a "
                        "destination in one tunnel of all, there is no ECMP",
                        other->element.name, vpn->gateway->element.name);
        return;
    }
}

static void
find_in_vpn(const Find *f, const HsVpn *vpn)
{
    unsigned prefixes = vpn->announce.count + vpn->announce_extra;

    find_crypto(f, vpn);
    find_tunnels(f, vpn);
    find_equal_vpns(f, vpn);
    if (vpn->routing == HS_ROUTING_BGP &&
        prefixes * 10 >= vpn->prefix_limit * 9)
        hs_findings_add(f->findings, HS_FINDING_PREFIX_LIMIT_NEAR,
                        &vpn->element, "announce",
                        "%u of %u prefixes are announced%s", prefixes,
                        vpn->prefix_limit,
                        prefixes > vpn->prefix_limit
                            ? "; the session is closed until fewer are"
                            : "");
    if (vpn->pinned)
        hs_findings_add(f->findings, HS_FINDING_PINNED_TUNNELS, &vpn->element,
                        "underlay",
                        "their outside address is that of [dx %s]; an address "
                        "announced on several interfaces would outlive one",
                        vpn->underlay_dx->element.name);
}

/* AS numbers: what each side is told of the other, and what it is. */

static void
find_asn(const Find *f, const HsElement *element, uint32_t told, uint32_t is,
         const char *key, const char *who)
{
    if (told != is)
        hs_findings_add(f->findings, HS_FINDING_ASN_CONTRADICTION, element, key,
                        "%s expects AS %u, the other side is AS %u: BGP never "
                        "comes up",
                        who, told, is);
}

static void
find_asns(const Find *f)
{
    const HsOnprem *site, *other;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(f->scenario, i)); i++) {
        find_asn(f, &dx->element, dx->cgw_remote_asn, dx->aws_asn,
                 "cgw.remote-asn", "the customer gateway");
        find_asn(f, &dx->element, dx->aws_remote_asn, dx->site->asn,
                 "aws.remote-asn", "AWS");
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(f->scenario, i)); i++) {
        find_asn(f, &vpn->element, vpn->cgw_remote_asn, vpn->gateway->asn,
                 "cgw.remote-asn", "the customer gateway");
        find_asn(f, &vpn->element, vpn->aws_remote_asn, vpn->site->asn,
                 "aws.remote-asn", "AWS");
    }
    for (unsigned i = 0; (site = hs_scenario_onprem(f->scenario, i)); i++)
        for (unsigned j = 0; j < i; j++) {
            other = hs_scenario_onprem(f->scenario, j);
            if (other->asn == site->asn)
                hs_findings_add(
                    f->findings, HS_FINDING_ASN_CONTRADICTION, &site->element,
                    "asn",
                    "[onprem %s] has the same, %u; what AWS passes on from one "
                    "to the other (CloudHub) is dropped there as a loop",
                    other->element.name, site->asn);
        }
}

/* Peerings need a route on either side. */
static void
find_in_peering(const Find *f, const HsPeering *peering)
{
    for (unsigned end = 0; end < 2; end++) {
        bool routed = false;
        const HsTable *table;

        for (unsigned i = 0; (table = hs_scenario_table(f->scenario, i)); i++)
            for (unsigned r = 0; r < table->routes.count; r++)
                routed |= table->of == peering->ends[end] &&
                          table->routes.values[r].via == &peering->element;
        if (!routed)
            hs_findings_add(f->findings, HS_FINDING_PEERING_WITHOUT_ROUTE,
                            &peering->element, NULL,
                            "no [table] of [%s %s] has a route via %s",
                            hs_kind_name(peering->ends[end]->kind),
                            peering->ends[end]->name, peering->element.name);
    }
}

void
hs_findings_static(const HsScenario *scenario, GPtrArray *findings)
{
    const Find f = {scenario, findings};
    g_autoptr(GArray) paths = all_paths(scenario);
    const HsDatabase *db = hs_scenario_database(scenario, 0);
    const HsOnprem *site;
    const HsPeering *peering;
    const HsDx *dx;
    const HsVpn *vpn;

    if (db != NULL)
        find_in_clear(&f, paths, db);
    find_prepending(&f, paths);
    find_in_pairs(&f, paths);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        find_redundancy(&f, paths, site);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        find_in_dx(&f, dx);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        find_in_vpn(&f, vpn);
    find_asns(&f);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        find_in_peering(&f, peering);
}
