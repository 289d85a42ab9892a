/* From the scenario's ports to the ends of the world's links that are real; and
 * the same for whoever has to set up the real side. */

#include "config.h"

#include "sim/world/live_private.h"

static void
end_free(void *data)
{
    LiveEnd *end = data;

    g_array_unref(end->routes);
    g_free(end);
}

/* A last argument of NODE is its own name behind the element's. */
static LiveEnd *
add_end(GPtrArray *ends, const HsPort *port, const char *netns, char *node,
        char *link, unsigned number)
{
    LiveEnd *end = g_new0(LiveEnd, 1);

    end->device = g_intern_string(port->device);
    end->netns = g_intern_string(netns);
    end->node = g_intern_string(node);
    end->link = g_intern_string(link);
    end->number = number;
    end->routes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    g_ptr_array_add(ends, end);
    g_free(node);
    g_free(link);
    return end;
}

static char *
name_of(const HsElement *element, const char *suffix)
{
    return g_strdup_printf("%s.%s", element->name, suffix);
}

static HsPrefix
on(const HsAddr *address, const HsPrefix *subnet)
{
    return (HsPrefix){.addr = *address, .length = subnet->length};
}

static void
add_route(LiveEnd *end, HsPrefix to)
{
    to = hs_prefix_masked(&to);
    g_array_append_val(end->routes, to);
}

static bool
has_uplink(const HsScenario *scenario, const HsOnprem *site)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        if (vpn->site == site && vpn->underlay_internet != NULL)
            return true;
    return false;
}

static bool
has_lan(const HsScenario *scenario, const HsOnprem *site)
{
    const HsDatabase *db;

    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++)
        if (db->server == &site->element)
            return true;
    return false;
}

/* The internet is where AWS's ends of the tunnels are; what else is there is
 * nobody's. */
static void
add_uplink(GPtrArray *ends, const HsScenario *scenario, const HsOnprem *site)
{
    LiveEnd *end = add_end(ends, &site->uplink_port, site->netns,
                           name_of(&site->element, "gateway"),
                           name_of(&site->element, "uplink"), 0);
    const HsVpn *vpn;

    end->address = hs_prefix_of(&site->outside);
    end->mtu = site->uplink.mtu;
    end->forward = true;
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        for (unsigned t = 0; t < vpn->tunnels; t++)
            if (vpn->site == site && vpn->underlay_internet != NULL)
                add_route(end, hs_prefix_of(&vpn->tunnel[t].aws_outside));
}

static void
add_gateway(GPtrArray *ends, const HsScenario *scenario, const HsOnprem *site)
{
    const HsDx *dx;
    LiveEnd *end;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++) {
        if (dx->site != site)
            continue;
        end = add_end(ends, &dx->port, site->netns,
                      name_of(&site->element, "gateway"),
                      g_strdup(dx->element.name), 0);
        end->address = on(&dx->customer_address, &dx->peer);
        end->mtu = dx->link.mtu;
        end->forward = true;
    }
    if (has_uplink(scenario, site))
        add_uplink(ends, scenario, site);
    if (!has_lan(scenario, site))
        return;
    end = add_end(ends, &site->lan_port, site->netns,
                  name_of(&site->element, "gateway"),
                  name_of(&site->element, "lan"), 1);
    end->address =
        (HsPrefix){hs_prefix_host(&site->prefix, 1), site->prefix.length};
    end->mtu = site->lan.mtu;
    end->forward = true;
}

static void
add_hosts(GPtrArray *ends, const HsScenario *scenario, const HsDatabase *db)
{
    const HsOnprem *site;
    const HsVpc *vpc;
    LiveEnd *end;

    if (hs_port_is_real(&db->server_port)) {
        end = add_end(ends, &db->server_port, db->server_netns,
                      name_of(&db->element, "server"),
                      name_of(db->server, "lan"), 0);
        end->address = on(&db->server_address, hs_place_prefix(db->server));
        end->mtu = hs_place_lan(db->server)->mtu;
        for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++)
            add_route(end, vpc->cidr);
    }
    if (hs_port_is_real(&db->client_port)) {
        end = add_end(ends, &db->client_port, db->client_netns,
                      name_of(&db->element, "client"),
                      name_of(db->client, "lan"), 1);
        end->address = on(&db->client_address, hs_place_prefix(db->client));
        end->mtu = hs_place_lan(db->client)->mtu;
        for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
            add_route(end, site->prefix);
    }
}

GPtrArray *
hs_live_ends(const HsScenario *scenario)
{
    GPtrArray *ends = g_ptr_array_new_with_free_func(end_free);
    const HsOnprem *site;
    const HsDatabase *db;

    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        if (hs_port_is_real(&site->port))
            add_gateway(ends, scenario, site);
    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++)
        add_hosts(ends, scenario, db);
    return ends;
}

/* For people */

static void
describe_end(const LiveEnd *end, GString *text)
{
    char address[HS_PREFIX_TEXT], route[HS_PREFIX_TEXT];

    g_string_append_printf(text, "  %-15s  %-18s  mtu %u, netns %s: %s of %s",
                           end->device,
                           hs_prefix_format(&end->address, address), end->mtu,
                           end->netns, end->link, end->node);
    for (guint i = 0; i < end->routes->len; i++)
        g_string_append_printf(
            text, "%s %s", i == 0 ? ", with the route to" : ",",
            hs_prefix_format(&g_array_index(end->routes, HsPrefix, i), route));
    g_string_append_c(text, '\n');
}

static void
describe_bgp(GString *text, const HsAddr *remote, uint32_t remote_as,
             const HsAddr *local, uint32_t local_as, const HsBgpTimers *aws)
{
    char r[HS_ADDR_TEXT], l[HS_ADDR_TEXT], keepalive[HS_TIME_TEXT],
        hold[HS_TIME_TEXT];

    g_string_append_printf(
        text,
        "      BGP: neighbour %s, remote AS %u; local address %s, local AS %u; "
        "AWS offers keepalive %s, hold %s\n",
        hs_addr_format(remote, r), remote_as, hs_addr_format(local, l),
        local_as, hs_duration_format(aws->keepalive, keepalive),
        hs_duration_format(aws->hold, hold));
}

static void
describe_dx(const HsDx *dx, GString *text)
{
    char interval[HS_TIME_TEXT];

    g_string_append_printf(text, "    [dx %s] on %s\n", dx->element.name,
                           dx->port.device);
    describe_bgp(text, &dx->aws_address, dx->aws_asn, &dx->customer_address,
                 dx->site->asn, &dx->aws);
    g_string_append_printf(
        text, "      BFD: AWS offers %s x %u and waits for your first packet\n",
        hs_duration_format(dx->aws_bfd.interval, interval),
        dx->aws_bfd.multiplier);
}

/* A value of VPN as a scenario would write it. */
static const char *
value_of(const GPtrArray *values, const HsVpn *vpn, const char *key)
{
    for (guint i = 0; i < values->len; i++) {
        const HsValue *value = values->pdata[i];

        if (value->kind == HS_KIND_VPN &&
            g_strcmp0(value->element, vpn->element.name) == 0 &&
            g_str_equal(value->key, key))
            return value->value;
    }
    g_assert_not_reached();
}

/* What AWS agrees to; the same in both tunnels. */
static void
describe_suites(const HsScenario *scenario, const HsVpn *vpn, GString *text)
{
    g_autoptr(GPtrArray) values = hs_scenario_values(scenario);

    g_string_append_printf(
        text,
        "    [vpn %s] in both tunnels\n"
        "      IKE SA: AWS takes %s; with CBC %s; groups %s; for %s\n"
        "      ESP: AWS takes %s; with CBC %s; groups %s; for %s\n"
        "      DPD: AWS gives you up after %s without an answer, and then: "
        "%s\n",
        vpn->element.name, value_of(values, vpn, "aws.ike.encryption"),
        value_of(values, vpn, "aws.ike.integrity"),
        value_of(values, vpn, "aws.ike.dh-group"),
        value_of(values, vpn, "aws.ike.lifetime"),
        value_of(values, vpn, "aws.esp.encryption"),
        value_of(values, vpn, "aws.esp.integrity"),
        value_of(values, vpn, "aws.esp.dh-group"),
        value_of(values, vpn, "aws.esp.lifetime"),
        value_of(values, vpn, "aws.dpd-timeout"),
        value_of(values, vpn, "aws.dpd-action"));
}

static void
describe_vpn(const HsScenario *scenario, const HsVpn *vpn, GString *text)
{
    for (unsigned i = 0; i < vpn->tunnels; i++) {
        const HsTunnelSettings *t = &vpn->tunnel[i];
        g_autofree char *psk = hs_world_psk(scenario, vpn, i);
        char local[HS_ADDR_TEXT], remote[HS_ADDR_TEXT];
        char customer[HS_ADDR_TEXT], aws[HS_ADDR_TEXT];

        g_string_append_printf(
            text,
            "    [vpn %s] tunnel %u: outside %s to AWS's %s; inside %s/%u, "
            "AWS's end %s\n",
            vpn->element.name, i + 1, hs_addr_format(&vpn->outside, local),
            hs_addr_format(&t->aws_outside, remote),
            hs_addr_format(&t->customer_inside, customer), t->inside.length,
            hs_addr_format(&t->aws_inside, aws));
        g_string_append_printf(
            text,
            "      IKEv2: pre-shared key %s, identities are the outside "
            "addresses, selectors 0.0.0.0/0; AWS %s\n",
            psk,
            vpn->aws_startup == HS_STARTUP_START ? "begins"
                                                 : "waits for you to begin");
        describe_bgp(text, &t->aws_inside, vpn->gateway->asn,
                     &t->customer_inside, vpn->site->asn, &vpn->aws);
    }
}

static void
describe_gateway(const HsScenario *scenario, const HsOnprem *site,
                 GString *text)
{
    char prefix[HS_PREFIX_TEXT];
    const HsDx *dx;
    const HsVpn *vpn;

    g_string_append_printf(text,
                           "  The customer gateway of [onprem %s] has to\n"
                           "    forward packets (net.ipv4.ip_forward = 1), "
                           "without rp_filter\n"
                           "    announce %s to each neighbour:\n",
                           site->element.name,
                           hs_prefix_format(&site->prefix, prefix));
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        if (dx->site == site)
            describe_dx(dx, text);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        if (vpn->site == site)
            describe_vpn(scenario, vpn, text);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        if (vpn->site == site)
            describe_suites(scenario, vpn, text);
}

void
hs_live_describe(const HsScenario *scenario, GString *text)
{
    g_autoptr(GPtrArray) ends = hs_live_ends(scenario);
    const HsOnprem *site;

    if (ends->len == 0)
        return;
    g_string_append(text, "Real in live mode, each a TUN device with this "
                          "address:\n");
    for (guint i = 0; i < ends->len; i++)
        describe_end(ends->pdata[i], text);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        if (hs_port_is_real(&site->port))
            describe_gateway(scenario, site, text);
}
