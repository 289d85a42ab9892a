/* The translation is models/net/napt.h's; what is AWS's own is the answer to a
 * segment of a connection that was forgotten. */

#include "config.h"

#include "models/aws/nat_gateway.h"

#include "models/net/ipv4.h"

#include <string.h>

#define PORTS      55000
#define IDLE       HS_SEC(350)
#define TCP_HEADER 20
#define TCP_FIN    0x01
#define TCP_SYN    0x02
#define TCP_RST    0x04
#define TCP_ACK    0x10
#define RESET_TTL  64

struct HsAwsNat {
    HsNapt *napt; /* owned */
};

HsAwsNat *
hs_aws_nat_new(HsEnv *env, const HsAwsNatConfig *config)
{
    HsAwsNat *nat = g_new0(HsAwsNat, 1);
    HsDuration idle = config->idle_timeout != 0 ? config->idle_timeout : IDLE;

    nat->napt = hs_napt_new(
        env, &(HsNaptConfig){
                 .outside = config->address,
                 .ports = config->ports != 0 ? config->ports : PORTS,
                 .udp_idle = idle,
                 .tcp_idle = idle,
                 .icmp_idle = idle,
             });
    return nat;
}

void
hs_aws_nat_free(HsAwsNat *nat)
{
    if (nat == NULL)
        return;
    hs_napt_free(nat->napt);
    g_free(nat);
}

/* The sequence number behind the segment at TCP, of LENGTH bytes. */
static uint32_t
next_sequence(const uint8_t *tcp, size_t length)
{
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    uint32_t sequence = (uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 |
                        (uint32_t)tcp[6] << 8 | tcp[7];

    if (length > header)
        sequence += (uint32_t)(length - header);
    return sequence + (tcp[13] & TCP_FIN);
}

/* RFC 9293 3.10.7.1: the answer to a segment of no connection; NULL: PACKET is
 * none, or a reset itself. */
static HsPacket *
reset_for(const HsPacket *packet)
{
    const uint8_t *data = hs_packet_data(packet), *tcp;
    uint8_t answer[TCP_HEADER] = {0};
    HsIpv4 ip, back;
    HsPacket *reset;
    uint16_t sum;
    size_t length;

    if (hs_ipv4_parse(data, hs_packet_length(packet), &ip) != HS_DROP_NONE ||
        ip.protocol != HS_IP_TCP || hs_ipv4_is_fragment(&ip) ||
        ip.total_length < ip.header_length + TCP_HEADER)
        return NULL;
    tcp = data + ip.header_length;
    length = (size_t)(ip.total_length - ip.header_length);
    if (tcp[13] & (TCP_RST | TCP_SYN))
        return NULL;
    back = (HsIpv4){.ttl = RESET_TTL,
                    .fragment = HS_IPV4_DF,
                    .protocol = HS_IP_TCP,
                    .source = ip.destination,
                    .destination = ip.source};
    memcpy(answer, tcp + 2, 2);
    memcpy(answer + 2, tcp, 2);
    answer[12] = TCP_HEADER / 4 << 4;
    answer[13] = TCP_RST;
    if (tcp[13] & TCP_ACK) {
        memcpy(answer + 4, tcp + 8, 4);
    } else {
        uint32_t next = next_sequence(tcp, length);

        for (unsigned i = 0; i < 4; i++)
            answer[8 + i] = (uint8_t)(next >> (24 - 8 * i));
        answer[13] |= TCP_ACK;
    }
    sum = hs_checksum_finish(hs_checksum_add(
        hs_checksum_pseudo(&back, TCP_HEADER), answer, TCP_HEADER));
    answer[16] = (uint8_t)(sum >> 8);
    answer[17] = (uint8_t)sum;
    reset = hs_packet_new(answer, TCP_HEADER);
    hs_ipv4_push(reset, &back);
    return reset;
}

HsPacket *
hs_aws_nat_out(HsAwsNat *nat, HsPacket *packet, bool *ret_back)
{
    HsPacket *reset = NULL;
    HsNaptDrop why = hs_napt_out(nat->napt, &packet);

    *ret_back = false;
    if (why == HS_NAPT_NONE)
        return packet;
    if (why == HS_NAPT_NO_MAPPING)
        reset = reset_for(packet);
    *ret_back = reset != NULL;
    hs_packet_unref(packet);
    return reset;
}

HsPacket *
hs_aws_nat_in(HsAwsNat *nat, HsPacket *packet)
{
    if (hs_napt_in(nat->napt, &packet) == HS_NAPT_NONE)
        return packet;
    hs_packet_unref(packet);
    return NULL;
}

HsNapt *
hs_aws_nat_napt(HsAwsNat *nat)
{
    return nat->napt;
}
