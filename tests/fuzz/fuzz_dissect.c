/* The dissector fed with anything, in ways that the first byte chooses:
 *
 *   'E'  the rest is what stands encrypted in an ESP packet with a right ICV:
 *        what is carried, padding, trailer
 *   'I'  a type, and the payloads of it and those behind it, encrypted in an
 *        IKE message with a right ICV
 *   'T'  segments of a BGP connection: direction and flags, sequence number,
 *        length, bytes
 *   else a whole capture: pcapng, or pcap in little-endian order
 *
 * Besides not crashing: every message becomes text and good JSON, its frame is
 * one that was given, and the counters add up. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/ikev2/protect.h"
#include "pcap/pcapng_reader.h"
#include "sim/dissect/dissect.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SPI   0x00001000
#define SPI_I 0x0102030405060708
#define SPI_R 0x1112131415161718

#define KEY20 "000102030405060708090a0b0c0d0e0f10111213"

/* The keys of the packets made here, and of two captures among the seeds. */
static const char esp_table[] =
    "\"IPv4\",\"10.*\",\"*\",\"0x00001000\","
    "\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x" KEY20 "\",\"NULL\",\"0x\"\n"
    "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x00001000\",\"AES-CBC "
    "[RFC3602]\",\"0x0efa55cf27a98e20b9414f84a5097bfd\",\"HMAC-SHA-1-96 "
    "[RFC2404]\",\"0xf8c287d211576c94af955e264eec99a83a59dc87\"\n";
static const char ike_table[] =
    "0102030405060708,1112131415161718," KEY20 "," KEY20
    ",\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n"
    "22bef09a361e8ab1,4da382b48dd26f64,"
    "25ce2860d5b57572d9d3e702184bebdabece67e720dda116c5988a353a3711fc,"
    "a3465fa79ace5c3f761bc3c05376e9695c320ac6e68e37686e27ba54954975fc,"
    "\"AES-CBC-256 [RFC3602]\","
    "10e26fd723aa3aa0f338b9ece7cc57adbf89b69ded6e8c2e94be3a7f90e50503,"
    "6b823854109ed50689b9f050d19ab661a4ade60fab3611806e7edef8390ac03f,"
    "\"HMAC_SHA2_256_128 [RFC4868]\"\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

typedef struct {
    uint64_t given, told, wrong;
} Account;

static void
take(void *user_data, const DissectMessage *message)
{
    Account *account = user_data;
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *json;

    must(message->frame >= 1 && message->frame <= account->given);
    must(message->info[0] != '\0' && message->fields != NULL);
    dissect_field_text(message->fields, 4, text);
    g_string_truncate(text, 0);
    dissect_field_json(message->fields, text);
    json = json_loads(text->str, 0, NULL);
    must(json != NULL);
    json_decref(json);
    g_string_assign(text, "[");
    dissect_json_string(message->info, text);
    g_string_append_c(text, ']');
    json = json_loads(text->str, 0, NULL);
    must(json != NULL);
    json_decref(json);
    account->told++;
    account->wrong += message->wrong != NULL;
}

static void
give(Dissector *d, Account *account, const uint8_t *data, size_t length,
     size_t original, int link_type)
{
    const CapturePacket packet = {
        .at = HS_MSEC(account->given),
        .data = data,
        .length = length,
        .original = original,
        .link_type = link_type,
    };

    account->given++;
    dissector_packet(d, &packet, link_type);
}

/* Captures */

static void
give_pcapng(Dissector *d, Account *account, const uint8_t *data, size_t size)
{
    PcapngReader *reader = pcapng_reader_new("fuzz", data, size, NULL);
    CapturePacket packet;

    while (reader != NULL &&
           pcapng_reader_next(reader, &packet, NULL) == CAPTURE_READ_PACKET) {
        account->given++;
        dissector_packet(d, &packet, packet.link_type);
    }
    pcapng_reader_free(reader);
}

static uint32_t
little(HsReader *r)
{
    return GUINT32_SWAP_LE_BE(hs_reader_u32(r));
}

static void
give_pcap(Dissector *d, Account *account, const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);
    int link_type;

    hs_reader_skip(&r, 20);
    link_type = (int)(little(&r) & 0xffff);
    while (hs_reader_left(&r) >= 16) {
        uint32_t length, original;

        hs_reader_skip(&r, 8);
        length = little(&r);
        original = little(&r);
        if (length > hs_reader_left(&r))
            return;
        give(d, account, hs_reader_bytes(&r, length), length, original,
             link_type);
    }
}

/* Packets of our own */

static void
start_ip(HsWriter *w, uint8_t protocol, size_t payload, bool back)
{
    hs_writer_init(w);
    hs_writer_u16(w, 0x4500);
    hs_writer_u16(w, (20 + payload) & 0xffff);
    hs_writer_u32(w, 0);
    hs_writer_u8(w, 255);
    hs_writer_u8(w, protocol);
    hs_writer_u16(w, 0);
    hs_writer_u32(w, back ? 0x0a000002 : 0x0a000001);
    hs_writer_u32(w, back ? 0x0a000001 : 0x0a000002);
}

static void
give_written(Dissector *d, Account *account, HsWriter *w)
{
    g_autoptr(GBytes) bytes = hs_writer_steal(w);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    give(d, account, data, length, length, CAPTURE_LINKTYPE_RAW);
}

static void
own_key(uint8_t key[20])
{
    for (uint8_t i = 0; i < 20; i++)
        key[i] = i;
}

static void
give_esp(Dissector *d, Account *account, const uint8_t *data, size_t size)
{
    static const uint8_t header[16] = {0, 0, 0x10, 0, 0, 0, 0, 1};
    size_t length = MIN(size, 4096) / 4 * 4;
    g_autofree uint8_t *sealed = g_malloc(length + 16);
    uint8_t key[20], nonce[12] = {0};
    CryptoAead *aead;
    HsWriter w;

    own_key(key);
    memcpy(nonce, key + 16, 4);
    if (length > 0)
        memcpy(sealed, data, length);
    aead = crypto_aead_new(key, 16);
    crypto_aead_seal(aead, nonce, header, 8, sealed, length, sealed + length);
    crypto_aead_free(aead);
    start_ip(&w, 50, sizeof header + length + 16, false);
    hs_writer_bytes(&w, header, sizeof header);
    hs_writer_bytes(&w, sealed, length + 16);
    give_written(d, account, &w);
}

static void
give_ike(Dissector *d, Account *account, const uint8_t *data, size_t size)
{
    const IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                            .encr = IKE_ENCR_AES_GCM_16,
                            .key_bits = 128};
    const IkeHeader header = {.spi_i = SPI_I,
                              .spi_r = SPI_R,
                              .major = 2,
                              .exchange = IKE_EXCHANGE_AUTH,
                              .initiator = true,
                              .id = 1};
    g_autoptr(GBytes) sealed = NULL;
    HsRng *rng = hs_rng_new(1, "fuzz", "ike");
    uint8_t key[20];
    IkeProtector *p;
    gsize length;
    const uint8_t *bytes;
    IkeBuilder b;
    HsWriter w;

    own_key(key);
    p = ike_protector_new(&suite, key, NULL);
    ike_builder_init(&b);
    b.first = size > 0 ? data[0] : 0;
    if (size > 1)
        hs_writer_bytes(&b.writer, data + 1, MIN(size - 1, 8192));
    sealed = ike_seal(p, &b, &header, rng);
    must(sealed != NULL);
    bytes = g_bytes_get_data(sealed, &length);
    start_ip(&w, 17, 8 + length, false);
    hs_writer_u16(&w, 500);
    hs_writer_u16(&w, 500);
    hs_writer_u16(&w, 8 + length);
    hs_writer_u16(&w, 0);
    hs_writer_bytes(&w, bytes, length);
    give_written(d, account, &w);
    ike_protector_free(p);
    hs_rng_free(rng);
}

static void
give_segments(Dissector *d, Account *account, const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);

    while (hs_reader_left(&r) >= 6 && account->given < 256) {
        uint8_t control = hs_reader_u8(&r);
        uint16_t sequence = hs_reader_u16(&r), acknowledged = hs_reader_u16(&r);
        size_t said = hs_reader_u8(&r);
        size_t length = MIN(said, hs_reader_left(&r));
        bool back = (control & 0x80) != 0;
        HsWriter w;

        start_ip(&w, 6, 20 + length, back);
        hs_writer_u16(&w, back ? 179 : 40000);
        hs_writer_u16(&w, back ? 40000 : 179);
        hs_writer_u32(&w, sequence);
        hs_writer_u32(&w, acknowledged);
        hs_writer_u16(&w, 0x5000u | (control & 0x17u));
        hs_writer_zeros(&w, 6);
        hs_writer_bytes(&w, hs_reader_bytes(&r, length), length);
        give_written(d, account, &w);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    Account account = {0};
    DissectConfig config = {
        .keys = keys, .details = true, .sink = take, .user_data = &account};
    Dissector *d;
    const DissectCounters *counters;
    uint64_t told = 0;

    if (size == 0)
        return 0;
    dissect_keys_add_esp(keys, "esp_sa", esp_table);
    dissect_keys_add_ike(keys, "ikev2_decryption_table", ike_table);
    must(keys->complaints->len == 0);
    d = dissector_new(&config);
    switch (data[0]) {
    case 'E':
        give_esp(d, &account, data + 1, size - 1);
        break;
    case 'I':
        give_ike(d, &account, data + 1, size - 1);
        break;
    case 'T':
        give_segments(d, &account, data + 1, size - 1);
        break;
    case 0x0a:
        give_pcapng(d, &account, data, size);
        break;
    default:
        give_pcap(d, &account, data, size);
        break;
    }
    dissector_finish(d);
    counters = dissector_counters(d);
    for (unsigned i = 0; i < DISSECT_PROTOCOL_COUNT; i++)
        told += counters->messages[i];
    must(told == account.told && counters->wrong == account.wrong);
    must(counters->frames == account.given);
    dissector_free(d);
    return 0;
}
