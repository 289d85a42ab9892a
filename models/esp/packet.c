/* One packet through an SA, where it stands.
 *
 * Outwards the inner packet stays in place; the trailer grows behind it and
 * everything else in front:
 *
 *      headroom                                             tailroom
 *      | IPv4 | UDP | SPI seq | IV | inner packet | 1 2 3.. | len nh | ICV |
 *        20     8       8      8/16                pad         2       12-32
 *             NAT-T                |---- encrypted ------------------|
 *                     |------------ authenticated -------------------|
 *
 * Inwards the same in reverse, in the order of RFC 4303 3.4: find the SA,
 * check the number against the window, check the integrity, only then move
 * the window, and look at the inside last.
 *
 * The header of the outer packet follows RFC 4301 5.1.2.1: DF as configured,
 * TTL of our own, DSCP copied; ECN is copied outwards and merged inwards as
 * RFC 6040 4 has it, which updates RFC 4301 there.
 *
 * The IV of GCM is the sequence number, all 64 bits of it: unique under a key
 * because the number is (RFC 4106 3.1 leaves the choice to the sender). That
 * of CBC is drawn from the seeded stream: RFC 3602 3 wants it unpredictable,
 * which it is to everyone who has not got the scenario.
 *
 * Departure: of RFC 4301 5.2 step 4 there is no check of the inner addresses
 * against traffic selectors; a route-based tunnel's selectors are 0/0, and
 * what may enter is the router's decision. The UDP checksum of a peer that
 * sends one is not looked at: RFC 3948 2.1 forbids to depend on its being zero,
 * and the ICV covers more. IPv6 is carried neither inside nor outside. */

#include "config.h"

#include "models/base/wire.h"
#include "models/esp/private.h"
#include "models/esp/wire.h"

#include <string.h>

static inline void
put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)(value & 0xff);
}

static inline void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value >> 16);
    put_u16(at + 2, value & 0xffff);
}

static inline unsigned
get_u16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* RFC 1071: zero over a header that holds its checksum. */
static unsigned
checksum(const uint8_t *data, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += get_u16(data + i);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static bool
refuse(EspSa *sa, EspDrop why, EspDrop *ret_why)
{
    sa->counters.drops[why]++;
    if (ret_why != NULL)
        *ret_why = why;
    return false;
}

/* The total length of an IPv4 packet of which LENGTH bytes are there; 0 if it
 * is not one, or not all there. */
static size_t
ipv4_length(const uint8_t *data, size_t length)
{
    size_t header, total;

    if (length < ESP_IPV4_HEADER || data[0] >> 4 != 4)
        return 0;
    header = (size_t)(data[0] & 0x0f) * 4;
    total = get_u16(data + ESP_IPV4_LENGTH);
    if (header < ESP_IPV4_HEADER || total < header || total > length)
        return 0;
    return total;
}

/* Why ipv4_length() gave 0. */
static EspDrop
not_ipv4(const uint8_t *data, size_t length)
{
    return length > 0 && data[0] >> 4 == 6 ? ESP_DROP_IPV6 : ESP_DROP_INNER;
}

/* Outwards */

static unsigned
outer_flags(const EspSa *sa, const uint8_t *inner)
{
    switch (sa->config.df) {
    case ESP_DF_COPY:
        return get_u16(inner + ESP_IPV4_FLAGS) & ESP_IPV4_DF;
    case ESP_DF_SET:
        return ESP_IPV4_DF;
    case ESP_DF_CLEAR:
        return 0;
    }
    g_assert_not_reached();
}

/* The IPv4 header and, with NAT-T, the UDP header of a packet of LENGTH bytes.
 * Returns what stands behind them. */
static uint8_t *
write_outer(EspSa *sa, uint8_t *at, size_t length, uint8_t tos, unsigned flags)
{
    const EspSaConfig *config = &sa->config;

    at[0] = 0x45;
    at[ESP_IPV4_TOS] = tos;
    put_u16(at + ESP_IPV4_LENGTH, (unsigned)length);
    put_u16(at + ESP_IPV4_ID, sa->next_id++);
    put_u16(at + ESP_IPV4_FLAGS, flags);
    at[ESP_IPV4_TTL] = config->ttl;
    at[ESP_IPV4_PROTOCOL] = config->nat_t ? ESP_PROTOCOL_UDP : ESP_PROTOCOL_ESP;
    put_u16(at + ESP_IPV4_CHECKSUM, 0);
    memcpy(at + ESP_IPV4_SOURCE, config->source.bytes, 4);
    memcpy(at + ESP_IPV4_DEST, config->destination.bytes, 4);
    put_u16(at + ESP_IPV4_CHECKSUM, checksum(at, ESP_IPV4_HEADER));
    at += ESP_IPV4_HEADER;
    if (!config->nat_t)
        return at;
    put_u16(at, config->source_port);
    put_u16(at + 2, config->destination_port);
    put_u16(at + 4, (unsigned)(length - ESP_IPV4_HEADER));
    put_u16(at + 6, 0); /* RFC 3948 2.1: the checksum should be zero */
    return at + ESP_UDP_HEADER;
}

/* What GCM authenticates besides the encrypted part: RFC 4106 5. */
static size_t
make_aad(const EspSa *sa, uint64_t number, uint8_t aad[ESP_AAD_ESN])
{
    size_t length = 0;

    put_u32(aad, sa->config.spi);
    length += 4;
    if (sa->config.esn) {
        put_u32(aad + length, (uint32_t)(number >> 32));
        length += 4;
    }
    put_u32(aad + length, (uint32_t)number);
    return length + 4;
}

static void
make_nonce(const EspSa *sa, const uint8_t *iv, uint8_t nonce[CRYPTO_AEAD_NONCE])
{
    memcpy(nonce, sa->salt, ESP_SALT);
    memcpy(nonce + ESP_SALT, iv, ESP_GCM_IV);
}

/* The code over SIGNED bytes at ESP and, with ESN, over the upper half of the
 * number that was not sent (RFC 4303 2.2.1); it is left to be read. */
static void
start_mac(EspSa *sa, const uint8_t *esp, size_t length, uint64_t number)
{
    uint8_t high[4];

    crypto_mac_start(sa->mac);
    crypto_mac_add(sa->mac, esp, length);
    if (sa->config.esn) {
        put_u32(high, (uint32_t)(number >> 32));
        crypto_mac_add(sa->mac, high, sizeof high);
    }
}

/* ESP points at the SPI, ENCRYPTED counts from behind the IV to the ICV. */
static void
seal(EspSa *sa, uint8_t *esp, size_t encrypted, uint64_t number)
{
    uint8_t *iv = esp + ESP_HEADER;
    uint8_t *data = iv + sa->info->iv;
    uint8_t aad[ESP_AAD_ESN], nonce[CRYPTO_AEAD_NONCE];
    size_t aad_length;

    if (sa->aead != NULL) {
        put_u32(iv, (uint32_t)(number >> 32));
        put_u32(iv + 4, (uint32_t)number);
        make_nonce(sa, iv, nonce);
        aad_length = make_aad(sa, number, aad);
        crypto_aead_seal(sa->aead, nonce, aad, aad_length, data, encrypted,
                         data + encrypted);
        return;
    }
    hs_rng_bytes(sa->rng, iv, sa->info->iv);
    crypto_cbc_encrypt(sa->cbc, iv, data, encrypted);
    start_mac(sa, esp, (size_t)(data - esp) + encrypted, number);
    crypto_mac_end(sa->mac, data + encrypted, sa->info->icv);
}

/* May another packet with LENGTH bytes inside go out? */
static EspDrop
may_send(const EspSa *sa, size_t length)
{
    if (esp_outer_length(&sa->config, length) > ESP_IPV4_MAX)
        return ESP_DROP_TOO_BIG;
    if (esp_sa_is_spent(sa))
        return ESP_DROP_EXPIRED;
    /* RFC 4303 3.3.3: the number must not cycle. */
    if (sa->sent == (sa->config.esn ? UINT64_MAX : UINT32_MAX))
        return ESP_DROP_SEQUENCE_END;
    return ESP_DROP_NONE;
}

/* Puts around PACKET, which is all inside, what stands in the drawing above. */
static void
wrap(EspSa *sa, HsPacket *packet, uint8_t next, uint8_t tos, unsigned flags)
{
    size_t inner = hs_packet_length(packet);
    size_t outer = esp_outer_length(&sa->config, inner);
    size_t header = ESP_IPV4_HEADER + (sa->config.nat_t ? ESP_UDP_HEADER : 0u) +
                    ESP_HEADER + sa->info->iv;
    size_t encrypted = outer - header - sa->info->icv;
    size_t fill = sa->config.fill > inner ? sa->config.fill - inner : 0;
    size_t padding = encrypted - inner - fill - ESP_TRAILER;
    uint8_t *at =
        hs_packet_put(packet, fill + padding + ESP_TRAILER + sa->info->icv);

    memset(at, 0, fill);
    at += fill;
    for (size_t i = 0; i < padding; i++)
        at[i] = (uint8_t)(i + 1);
    at[padding] = (uint8_t)padding;
    at[padding + 1] = next;
    at = hs_packet_push(packet, header);
    at = write_outer(sa, at, outer, tos, flags);
    sa->sent++;
    put_u32(at, sa->config.spi);
    put_u32(at + 4, (uint32_t)sa->sent);
    seal(sa, at, encrypted, sa->sent);
    esp_sa_count(sa, encrypted, sa->sent);
}

bool
esp_encapsulate(EspSa *sa, HsPacket **packet, EspDrop *ret_why)
{
    const uint8_t *inner = hs_packet_data(*packet);
    size_t length = ipv4_length(inner, hs_packet_length(*packet));
    EspDrop why;

    if (length == 0)
        return refuse(sa, not_ipv4(inner, hs_packet_length(*packet)), ret_why);
    why = may_send(sa, length);
    if (why != ESP_DROP_NONE)
        return refuse(sa, why, ret_why);
    *packet = hs_packet_writable(*packet);
    hs_packet_trim(*packet, length);
    inner = hs_packet_data(*packet);
    wrap(sa, *packet, ESP_NEXT_IPV4, inner[ESP_IPV4_TOS],
         outer_flags(sa, inner));
    sa->counters.packets++;
    sa->counters.bytes += length;
    return true;
}

HsPacket *
esp_dummy_new(EspSa *sa, size_t length, EspDrop *ret_why)
{
    EspDrop why = may_send(sa, length);
    HsPacket *packet;

    if (why != ESP_DROP_NONE) {
        refuse(sa, why, ret_why);
        return NULL;
    }
    packet = hs_packet_new(NULL, length);
    hs_rng_bytes(sa->rng, hs_packet_bytes(packet), length);
    wrap(sa, packet, ESP_NEXT_NONE, 0,
         sa->config.df == ESP_DF_SET ? ESP_IPV4_DF : 0);
    return packet;
}

HsPacket *
esp_keepalive_new(EspSa *sa)
{
    size_t length = ESP_IPV4_HEADER + ESP_UDP_HEADER + 1;
    HsPacket *packet = hs_packet_new(NULL, length);

    g_assert(sa->config.nat_t);
    *write_outer(sa, hs_packet_bytes(packet), length, 0, 0) = ESP_KEEPALIVE;
    return packet;
}

/* Inwards */

/* Behind the IPv4 header of a UDP datagram; R ends with the packet. */
static EspDrop
parse_udp(HsReader *r, EspOuter *outer)
{
    uint16_t source = hs_reader_u16(r);
    uint16_t destination = hs_reader_u16(r);
    size_t length = hs_reader_u16(r);

    hs_reader_skip(r, 2);
    if (!hs_reader_ok(r))
        return ESP_DROP_OUTER;
    /* A NAT may have changed the port of the side behind it. */
    if (source != ESP_NATT_PORT && destination != ESP_NATT_PORT)
        return ESP_DROP_NOT_ESP;
    if (length < ESP_UDP_HEADER || length - ESP_UDP_HEADER > hs_reader_left(r))
        return ESP_DROP_OUTER;
    outer->in_udp = true;
    outer->source_port = source;
    outer->esp += ESP_UDP_HEADER;
    outer->length = length - ESP_UDP_HEADER;
    if (outer->length == 1 && hs_reader_u8(r) == ESP_KEEPALIVE)
        return ESP_DROP_KEEPALIVE;
    return ESP_DROP_NONE;
}

EspDrop
esp_outer_parse(const uint8_t *data, size_t length, EspOuter *ret_outer)
{
    EspOuter outer = {0};
    size_t total = ipv4_length(data, length);
    size_t header = total > 0 ? (size_t)(data[0] & 0x0f) * 4 : 0;
    HsReader r = hs_reader_of(data, total);
    uint8_t protocol;
    EspDrop why;

    if (total == 0 || checksum(data, header) != 0)
        return ESP_DROP_OUTER;
    protocol = data[ESP_IPV4_PROTOCOL];
    if (protocol != ESP_PROTOCOL_ESP && protocol != ESP_PROTOCOL_UDP)
        return ESP_DROP_NOT_ESP;
    /* RFC 4303 3.4.1: reassembly comes before. */
    if (get_u16(data + ESP_IPV4_FLAGS) & (ESP_IPV4_MORE | ESP_IPV4_OFFSET))
        return ESP_DROP_FRAGMENT;
    outer.tos = data[ESP_IPV4_TOS];
    outer.source.family = HS_FAMILY_IPV4;
    memcpy(outer.source.bytes, data + ESP_IPV4_SOURCE, 4);
    outer.esp = header;
    outer.length = total - header;
    hs_reader_skip(&r, header);
    if (protocol == ESP_PROTOCOL_UDP) {
        why = parse_udp(&r, &outer);
        if (why != ESP_DROP_NONE)
            return why;
    }
    if (outer.length < ESP_HEADER)
        return ESP_DROP_SHORT;
    outer.spi = hs_reader_u32(&r);
    if (outer.in_udp && outer.spi == 0)
        return ESP_DROP_IKE;
    *ret_outer = outer;
    return ESP_DROP_NONE;
}

EspDrop
esp_classify(const HsPacket *packet, uint32_t *ret_spi)
{
    EspOuter outer;
    EspDrop why = esp_outer_parse(hs_packet_data(packet),
                                  hs_packet_length(packet), &outer);

    if (why == ESP_DROP_NONE)
        *ret_spi = outer.spi;
    return why;
}

bool
esp_unseal(EspSa *sa, uint8_t *esp, size_t encrypted, uint64_t number)
{
    const uint8_t *iv = esp + ESP_HEADER;
    uint8_t *data = esp + ESP_HEADER + sa->info->iv;
    uint8_t aad[ESP_AAD_ESN], nonce[CRYPTO_AEAD_NONCE];
    size_t aad_length;

    if (sa->aead != NULL) {
        make_nonce(sa, iv, nonce);
        aad_length = make_aad(sa, number, aad);
        return crypto_aead_open(sa->aead, nonce, aad, aad_length, data,
                                encrypted, data + encrypted);
    }
    start_mac(sa, esp, (size_t)(data - esp) + encrypted, number);
    if (!crypto_mac_check(sa->mac, data + encrypted, sa->info->icv))
        return false;
    crypto_cbc_decrypt(sa->cbc, iv, data, encrypted);
    return true;
}

/* The inner packet's length by the trailer of LENGTH decrypted bytes. */
static EspDrop
read_trailer(const uint8_t *data, size_t length, size_t *ret_length)
{
    uint8_t next = data[length - 1];
    size_t padding = data[length - 2];
    size_t inner;

    if (padding > length - ESP_TRAILER)
        return ESP_DROP_PADDING;
    inner = length - ESP_TRAILER - padding;
    /* RFC 4303 2.6: its inside means nothing, and it is no error. */
    if (next == ESP_NEXT_NONE)
        return ESP_DROP_DUMMY;
    for (size_t i = 0; i < padding; i++) /* RFC 4303 2.4 */
        if (data[inner + i] != i + 1)
            return ESP_DROP_PADDING;
    if (next == ESP_NEXT_IPV6)
        return ESP_DROP_IPV6;
    if (next != ESP_NEXT_IPV4)
        return ESP_DROP_NEXT_HEADER;
    /* RFC 4303 2.7: what exceeds the inner length is TFC padding. */
    inner = ipv4_length(data, inner);
    if (inner == 0)
        return ESP_DROP_INNER;
    *ret_length = inner;
    return ESP_DROP_NONE;
}

/* RFC 6040 4.2: what the inner header's ECN becomes by the outer one's. */
static bool
merge_ecn(uint8_t *inner, uint8_t outer_tos)
{
    unsigned outer = outer_tos & ESP_ECN_MASK;
    unsigned old = inner[ESP_IPV4_TOS] & ESP_ECN_MASK;
    unsigned before = get_u16(inner), sum;

    if (outer == ESP_ECN_CE && old == ESP_ECN_NOT_ECT)
        return false;
    if (old == ESP_ECN_NOT_ECT || old == ESP_ECN_CE || outer == old ||
        !(outer == ESP_ECN_CE ||
          (outer == ESP_ECN_ECT1 && old == ESP_ECN_ECT0)))
        return true;
    inner[ESP_IPV4_TOS] =
        (uint8_t)((inner[ESP_IPV4_TOS] & ~(unsigned)ESP_ECN_MASK) | outer);
    /* RFC 1624 3 */
    sum = (~get_u16(inner + ESP_IPV4_CHECKSUM) & 0xffff) + (~before & 0xffff) +
          get_u16(inner);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put_u16(inner + ESP_IPV4_CHECKSUM, ~sum & 0xffff);
    return true;
}

bool
esp_open(EspSa *sa, HsPacket **packet, const EspOuter *outer, EspDrop *ret_why)
{
    size_t front = ESP_HEADER + sa->info->iv;
    size_t encrypted, inner = 0;
    const uint8_t *low;
    uint64_t number;
    uint8_t *esp;
    EspDrop why;

    if (esp_sa_is_spent(sa))
        return refuse(sa, ESP_DROP_EXPIRED, ret_why);
    if (outer->in_udp != sa->config.nat_t)
        return refuse(sa, ESP_DROP_ENCAPSULATION, ret_why);
    if (outer->length < front + sa->info->block + sa->info->icv)
        return refuse(sa, ESP_DROP_SHORT, ret_why);
    encrypted = outer->length - front - sa->info->icv;
    if (encrypted % sa->info->block != 0)
        return refuse(sa, ESP_DROP_ALIGNMENT, ret_why);

    low = hs_packet_data(*packet) + outer->esp + 4;
    switch (esp_window_check(&sa->window,
                             (uint32_t)get_u16(low) << 16 | get_u16(low + 2),
                             &number)) {
    case ESP_WINDOW_NEW:
        break;
    case ESP_WINDOW_SEEN:
        return refuse(sa, ESP_DROP_REPLAY, ret_why);
    case ESP_WINDOW_OLD:
        return refuse(sa, ESP_DROP_OLD, ret_why);
    }

    *packet = hs_packet_writable(*packet);
    esp = hs_packet_bytes(*packet) + outer->esp;
    if (!esp_unseal(sa, esp, encrypted, number))
        return refuse(sa, ESP_DROP_INTEGRITY, ret_why);
    /* The newest only: a straggler that comes after the NAT gave its sender
     * another port still shows the old one. */
    if (outer->in_udp && number > sa->window.top)
        esp_sa_heard_from(sa, &outer->source, outer->source_port);
    esp_window_mark(&sa->window, number);
    esp_sa_count(sa, encrypted, number);

    why = read_trailer(esp + front, encrypted, &inner);
    if (why != ESP_DROP_NONE)
        return refuse(sa, why, ret_why);
    if (!merge_ecn(esp + front, outer->tos))
        return refuse(sa, ESP_DROP_ECN, ret_why);
    hs_packet_pull(*packet, outer->esp + front);
    hs_packet_trim(*packet, inner);
    sa->counters.packets++;
    sa->counters.bytes += inner;
    return true;
}

bool
esp_decapsulate(EspSa *sa, HsPacket **packet, EspDrop *ret_why)
{
    EspOuter outer;
    EspDrop why = esp_outer_parse(hs_packet_data(*packet),
                                  hs_packet_length(*packet), &outer);

    if (why == ESP_DROP_NONE && outer.spi != sa->config.spi)
        why = ESP_DROP_NO_SA;
    if (why != ESP_DROP_NONE)
        return refuse(sa, why, ret_why);
    return esp_open(sa, packet, &outer, ret_why);
}
