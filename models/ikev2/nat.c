/* NAT: seen in IKE_SA_INIT, and what follows from it (RFC 7296 2.23, RFC 3948).
 *
 * Each side sends a hash of the addresses and ports that it believes in. What
 * the other computes from the packet differs behind a NAT:
 *
 *     source differs       the peer is behind one    nat_there
 *     destination differs  we are                    nat_here
 *
 * Either way IKE moves to port 4500 with the next message and ESP goes in UDP.
 * Who is behind the NAT keeps its mapping alive. Who is not follows the peer,
 * when an authentic and new message comes from elsewhere, because a NAT may
 * forget and map anew. force_encap sends a hash of nothing, so that the peer
 * sees a NAT; charon does that where it can only do ESP in UDP. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

void
ike_nat_notifies(IkeSession *s, IkeBuilder *b, uint64_t spi_i, uint64_t spi_r,
                 const IkeSa *sa)
{
    const HsAddr nobody = hs_addr_ipv4(0);
    uint8_t hash[IKE_NAT_HASH];

    if (s->config.force_encap)
        ike_nat_hash(hash, spi_i, spi_r, &nobody, 0);
    else
        ike_nat_hash(hash, spi_i, spi_r, &sa->local, sa->local_port);
    ike_notify_encode(b, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, hash, sizeof hash);
    ike_nat_hash(hash, spi_i, spi_r, &sa->remote, sa->remote_port);
    ike_notify_encode(b, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, hash,
                      sizeof hash);
}

/* Whether there are notifies of TYPE and none has HASH. A peer with several
 * addresses sends several of its source. */
static bool
differs(const IkeChain *chain, uint16_t type, const uint8_t *hash)
{
    const IkePayload *p;
    size_t from = 0;
    bool there = false;

    while ((p = ike_chain_find(chain, IKE_PAYLOAD_NOTIFY, &from)) != NULL) {
        IkeNotify n;

        if (ike_notify_decode(p, &n) != IKE_FAULT_NONE || n.type != type)
            continue;
        there = true;
        if (ike_bytes_equal(n.data, (IkeBytes){hash, IKE_NAT_HASH}))
            return false;
    }
    return there;
}

void
ike_nat_detect(IkeSa *sa, const IkeChain *chain, uint64_t spi_r)
{
    uint8_t hash[IKE_NAT_HASH];

    ike_nat_hash(hash, sa->spi_i, spi_r, &sa->remote, sa->remote_port);
    sa->nat_there = differs(chain, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, hash);
    ike_nat_hash(hash, sa->spi_i, spi_r, &sa->local, sa->local_port);
    sa->nat_here =
        differs(chain, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, hash);
    if (sa->session->config.force_encap)
        sa->nat_here = true;
}

void
ike_nat_float(IkeSa *sa)
{
    if (!sa->nat_here && !sa->nat_there && !sa->session->config.float_always)
        return;
    sa->local_port = sa->remote_port = IKE_NATT_PORT;
}

void
ike_nat_follow(IkeSa *sa, HsTime now, const HsAddr *local, uint16_t local_port,
               const HsAddr *remote, uint16_t remote_port)
{
    bool moved =
        !hs_addr_equal(&sa->remote, remote) || sa->remote_port != remote_port;

    /* the initiator floats with IKE_AUTH, whether there is a NAT or not */
    if (sa->stage != IKE_SA_HALF_OPEN) {
        if (!moved || !sa->nat_there || sa->nat_here)
            return;
    }
    sa->local = *local;
    sa->local_port = local_port;
    sa->remote = *remote;
    sa->remote_port = remote_port;
    if (moved)
        ike_child_moved(sa, now);
}

HsTime
ike_keepalive_due(const IkeSa *sa)
{
    const IkeSession *s = sa->session;
    HsTime last = s->last_sent;

    if (sa->stage != IKE_SA_UP || !sa->nat_here || s->config.nat_keepalive == 0)
        return HS_TIME_NEVER;
    if (s->traffic_sent != HS_TIME_NEVER)
        last = hs_time_max(last, s->traffic_sent);
    return hs_time_add(last, s->config.nat_keepalive);
}

void
ike_keepalive_send(IkeSa *sa, HsTime now)
{
    static const uint8_t byte = 0xff;
    IkeSession *s = sa->session;
    IkeOutput *output = ike_output_add(s, IKE_OUTPUT_SEND);

    output->local = sa->local;
    output->local_port = sa->local_port;
    output->remote = sa->remote;
    output->remote_port = sa->remote_port;
    output->bytes = g_bytes_new_static(&byte, 1);
    s->last_sent = now;
    ike_count(s, IKE_COUNT_KEEPALIVES);
    ike_count(s, IKE_COUNT_SENT);
}
