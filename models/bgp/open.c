/* OPEN (RFC 4271 4.2 and 6.2) with capabilities (RFC 5492): what we offer, how
 * the peer's is read, and what both agree on.
 *
 * Capabilities that we do not know are passed over (RFC 5492 4); a peer that
 * sends none is an old speaker of IPv4 with two-octet AS numbers. */

#include "config.h"

#include "models/bgp/message.h"

#include <string.h>

static void
write_capability(HsWriter *w, uint8_t code, const void *value, size_t length)
{
    hs_writer_u8(w, code);
    hs_writer_u8(w, length);
    hs_writer_bytes(w, value, length);
}

/* RFC 4724 3: the restart time, then each family whose routes we shall still
 * forward by while we restart. */
static void
write_restart(HsWriter *w, const BgpSessionConfig *config)
{
    const BgpRestart *restart = &config->restart;
    bool families = !restart->helper_only;
    bool ipv4 = families && (config->ipv4 || !config->ipv6);
    bool ipv6 = families && config->ipv6;
    uint8_t flags = restart->forwarding_lost ? 0 : BGP_RESTART_FORWARDING;

    hs_writer_u8(w, BGP_CAP_RESTART);
    hs_writer_u8(w, 2u + 4u * ipv4 + 4u * ipv6);
    hs_writer_u16(w,
                  (restart->restarting ? BGP_RESTART_STATE : 0) |
                      (restart->notification ? BGP_RESTART_NOTIFICATION : 0) |
                      (uint64_t)(restart->time / HS_SEC(1)));
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0 ? !ipv4 : !ipv6)
            continue;
        hs_writer_u16(w, i == 0 ? BGP_AFI_IPV4 : BGP_AFI_IPV6);
        hs_writer_u8(w, BGP_SAFI_UNICAST);
        hs_writer_u8(w, flags);
    }
}

static void
write_capabilities(HsWriter *w, const BgpSessionConfig *config)
{
    static const uint8_t ipv4[] = {0, BGP_AFI_IPV4, 0, BGP_SAFI_UNICAST};
    static const uint8_t ipv6[] = {0, BGP_AFI_IPV6, 0, BGP_SAFI_UNICAST};

    if (config->ipv4 || !config->ipv6)
        write_capability(w, BGP_CAP_MULTIPROTOCOL, ipv4, sizeof ipv4);
    if (config->ipv6)
        write_capability(w, BGP_CAP_MULTIPROTOCOL, ipv6, sizeof ipv6);
    if (!config->no_route_refresh)
        write_capability(w, BGP_CAP_ROUTE_REFRESH, "", 0);
    if (!config->no_four_octet_as) {
        hs_writer_u8(w, BGP_CAP_FOUR_OCTET_AS);
        hs_writer_u8(w, 4);
        hs_writer_u32(w, config->local_as);
    }
    if (config->restart.enabled)
        write_restart(w, config);
}

GBytes *
bgp_open_encode(const BgpSessionConfig *config)
{
    g_auto(HsWriter) w = {0};
    GBytes *message;
    size_t at;

    hs_writer_init(&w);
    for (unsigned i = 0; i < BGP_MARKER_LENGTH; i++)
        hs_writer_u8(&w, 0xff);
    hs_writer_u16(&w, 0);
    hs_writer_u8(&w, BGP_MSG_OPEN);
    hs_writer_u8(&w, BGP_VERSION);
    hs_writer_u16(&w, config->local_as > UINT16_MAX ? BGP_AS_TRANS
                                                    : config->local_as);
    hs_writer_u16(&w, (uint64_t)(config->hold / HS_SEC(1)));
    hs_writer_u32(&w, config->router_id);
    at = hs_writer_length(&w);
    hs_writer_u8(&w, 0);
    if (!config->no_capabilities) {
        hs_writer_u8(&w, BGP_PARAM_CAPABILITIES);
        hs_writer_u8(&w, 0);
        write_capabilities(&w, config);
        hs_writer_patch_u8(&w, at, hs_writer_length(&w) - at - 1);
        hs_writer_patch_u8(&w, at + 2, hs_writer_length(&w) - at - 3);
    }
    hs_writer_patch_u16(&w, BGP_MARKER_LENGTH, hs_writer_length(&w));
    message = hs_writer_steal(&w);
    g_assert(message != NULL);
    return message;
}

/* RFC 4724 3: of several, the last one counts. */
static bool
read_restart(BgpOpen *open, HsReader value)
{
    uint16_t head = hs_reader_u16(&value);

    open->graceful_restart = true;
    open->restarted = (head & BGP_RESTART_STATE) != 0;
    open->restart_notification = (head & BGP_RESTART_NOTIFICATION) != 0;
    open->restart_time = head & BGP_RESTART_TIME_MAX;
    open->restart_ipv4 = open->restart_ipv6 = false;
    open->forwards_ipv4 = open->forwards_ipv6 = false;
    while (hs_reader_left(&value) > 0) {
        uint16_t afi = hs_reader_u16(&value);
        uint8_t safi = hs_reader_u8(&value);
        bool forwards = (hs_reader_u8(&value) & BGP_RESTART_FORWARDING) != 0;

        if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV4) {
            open->restart_ipv4 = true;
            open->forwards_ipv4 = forwards;
        }
        if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV6) {
            open->restart_ipv6 = true;
            open->forwards_ipv6 = forwards;
        }
    }
    return hs_reader_done(&value);
}

/* False: its length contradicts its code. */
static bool
read_capability(BgpOpen *open, uint8_t code, HsReader value)
{
    uint16_t afi;
    uint8_t safi;

    switch (code) {
    case BGP_CAP_MULTIPROTOCOL: /* RFC 4760 8 */
        afi = hs_reader_u16(&value);
        hs_reader_skip(&value, 1);
        safi = hs_reader_u8(&value);
        open->multiprotocol = true;
        if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV4)
            open->ipv4 = true;
        if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV6)
            open->ipv6 = true;
        return hs_reader_done(&value);
    case BGP_CAP_ROUTE_REFRESH:
        open->route_refresh = true;
        return hs_reader_done(&value);
    case BGP_CAP_RESTART:
        return read_restart(open, value);
    case BGP_CAP_FOUR_OCTET_AS:
        open->four_octet_as = true;
        open->as = hs_reader_u32(&value);
        return hs_reader_done(&value);
    default:
        return true;
    }
}

static bool
read_capabilities(BgpOpen *open, HsReader r)
{
    while (hs_reader_left(&r) > 0) {
        uint8_t code = hs_reader_u8(&r);
        uint8_t length = hs_reader_u8(&r);
        HsReader value = hs_reader_sub(&r, length);

        if (!hs_reader_ok(&r) || !read_capability(open, code, value))
            return false;
    }
    return true;
}

/* RFC 4271 4.2, RFC 9072 2: the optional parameters, whose lengths take two
 * octets in the extended form. */
static bool
read_parameters(BgpOpen *open, HsReader *r, bool extended, BgpFault *fault)
{
    while (hs_reader_left(r) > 0) {
        uint8_t type = hs_reader_u8(r);
        uint16_t length = extended ? hs_reader_u16(r) : hs_reader_u8(r);
        HsReader value = hs_reader_sub(r, length);

        if (!hs_reader_ok(r))
            return bgp_fault_set(fault, BGP_ERR_OPEN, 0, NULL, 0);
        if (type != BGP_PARAM_CAPABILITIES)
            return bgp_fault_set(fault, BGP_ERR_OPEN,
                                 BGP_OPEN_UNSUPPORTED_PARAMETER, NULL, 0);
        if (!read_capabilities(open, value))
            return bgp_fault_set(fault, BGP_ERR_OPEN, 0, NULL, 0);
    }
    return true;
}

bool
bgp_open_decode(HsReader *body, bool four_octet_as, BgpOpen *ret_open,
                BgpFault *ret_fault)
{
    static const uint8_t our_version[] = {0, BGP_VERSION};
    BgpOpen open = {0};
    uint8_t version = hs_reader_u8(body);
    uint16_t as = hs_reader_u16(body), length;
    HsReader parameters;
    bool extended = false;

    open.as = as;
    open.hold = hs_reader_u16(body);
    open.id = hs_reader_u32(body);
    length = hs_reader_u8(body);
    if (version != BGP_VERSION)
        return bgp_fault_set(ret_fault, BGP_ERR_OPEN,
                             BGP_OPEN_UNSUPPORTED_VERSION, our_version, 2);
    if (length != 0 && hs_reader_left(body) > 0) {
        HsReader ahead = *body;

        /* RFC 9072 2: only the type tells, whatever the first length says. */
        if (hs_reader_u8(&ahead) == BGP_PARAM_EXTENDED) {
            *body = ahead;
            length = hs_reader_u16(body);
            extended = true;
        }
    }
    parameters = hs_reader_sub(body, length);
    if (!hs_reader_done(body))
        return bgp_fault_set(ret_fault, BGP_ERR_OPEN, 0, NULL, 0);
    if (!read_parameters(&open, &parameters, extended, ret_fault))
        return false;
    if (!four_octet_as) {
        open.four_octet_as = false;
        open.as = as;
    }
    if (!open.multiprotocol)
        open.ipv4 = true;
    *ret_open = open;
    return true;
}

/* RFC 4271 6.2, RFC 6793 4.2.1: an old speaker shows a large number as
 * AS_TRANS, and so it looks to an old speaker. */
static bool
is_configured_as(const BgpSessionConfig *config, const BgpOpen *open)
{
    if (open->as == 0)
        return false;
    if (config->no_four_octet_as && config->peer_as > UINT16_MAX)
        return open->as == BGP_AS_TRANS;
    return open->as == config->peer_as;
}

static bool
hold_is_acceptable(const BgpSessionConfig *config, uint16_t hold)
{
    if (hold == 0)
        return config->allow_hold_zero;
    return hold >= 3 && HS_SEC(hold) >= config->hold_min;
}

static void
agree_on_timers(const BgpSessionConfig *config, uint16_t hold, BgpNegotiated *n)
{
    n->hold = MIN(config->hold, HS_SEC(hold));
    n->keepalive = n->hold / 3;
    if (config->keepalive != 0 && config->keepalive < n->keepalive)
        n->keepalive = config->keepalive;
    /* RFC 4271 4.4: no more than one a second. */
    if (n->keepalive != 0 && n->keepalive < HS_SEC(1))
        n->keepalive = HS_SEC(1);
}

/* RFC 4724 4: only if both announce it, whatever each has to offer. */
static void
agree_on_restart(const BgpSessionConfig *config, const BgpOpen *open,
                 BgpNegotiated *n)
{
    n->graceful_restart = open->graceful_restart && config->restart.enabled &&
                          !config->no_capabilities;
    if (!n->graceful_restart)
        return;
    n->restart_notification =
        open->restart_notification && config->restart.notification;
    n->restart_time = HS_SEC(open->restart_time);
    n->restart_ipv4 = n->ipv4 && open->restart_ipv4;
    n->restart_ipv6 = n->ipv6 && open->restart_ipv6;
    n->peer_restarted = open->restarted;
    n->forwards_ipv4 = n->ipv4 && open->forwards_ipv4;
    n->forwards_ipv6 = n->ipv6 && open->forwards_ipv6;
}

bool
bgp_open_accept(const BgpSessionConfig *config, const BgpOpen *open,
                BgpNegotiated *ret_negotiated, BgpFault *ret_fault)
{
    bool ibgp = config->local_as == config->peer_as;
    bool our_ipv4 = config->ipv4 || !config->ipv6;
    BgpNegotiated n = {
        .peer_id = open->id,
        .peer_as = config->peer_as,
        .ibgp = ibgp,
        .four_octet_as = open->four_octet_as && !config->no_four_octet_as &&
                         !config->no_capabilities,
        .ipv4 = our_ipv4 && open->ipv4,
        .ipv6 = config->ipv6 && open->ipv6 && !config->no_capabilities,
        .route_refresh = open->route_refresh && !config->no_route_refresh &&
                         !config->no_capabilities,
    };

    if (!is_configured_as(config, open))
        return bgp_fault_set(ret_fault, BGP_ERR_OPEN, BGP_OPEN_BAD_PEER_AS,
                             NULL, 0);
    /* RFC 6286 2.2: not zero, and another one within the same AS. */
    if (open->id == 0 || (ibgp && open->id == config->router_id))
        return bgp_fault_set(ret_fault, BGP_ERR_OPEN, BGP_OPEN_BAD_BGP_ID, NULL,
                             0);
    if (!hold_is_acceptable(config, open->hold))
        return bgp_fault_set(ret_fault, BGP_ERR_OPEN, BGP_OPEN_BAD_HOLD_TIME,
                             NULL, 0);
    if (!n.ipv4 && !n.ipv6) {
        /* RFC 5492 5: the data is the capability that was missed. */
        uint8_t missed[] = {BGP_CAP_MULTIPROTOCOL,
                            4,
                            0,
                            our_ipv4 ? BGP_AFI_IPV4 : BGP_AFI_IPV6,
                            0,
                            BGP_SAFI_UNICAST};

        return bgp_fault_set(ret_fault, BGP_ERR_OPEN,
                             BGP_OPEN_UNSUPPORTED_CAPABILITY, missed,
                             sizeof missed);
    }
    agree_on_timers(config, open->hold, &n);
    agree_on_restart(config, open, &n);
    *ret_negotiated = n;
    return true;
}
