/* Captures: the bytes of a small one, and what tshark and libpcap read back. */

#include "config.h"

#include "pcap/capture.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of the test's own, removed by the teardown. */
static char *folder;

static void
make_folder(void)
{
    folder = g_dir_make_tmp("hybridsim-capture-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void
remove_folder(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
}

static char *
in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static unsigned
files_in_folder(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    unsigned count = 0;

    while (g_dir_read_name(dir) != NULL)
        count++;
    g_dir_close(dir);
    return count;
}

/* Without g_file_set_contents()'s wait for the disk. */
static void
write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static CaptureWriter *
writer_new(const char *path, const CaptureConfig *config)
{
    GError *error = NULL;
    CaptureWriter *writer = capture_writer_new(path, config, &error);

    ck_assert_msg(writer != NULL, "%s", error != NULL ? error->message : "");
    return writer;
}

static void
finish(CaptureWriter *writer)
{
    GError *error = NULL;

    ck_assert_msg(capture_writer_finish(writer, &error), "%s",
                  error != NULL ? error->message : "");
}

/* UDP 10.0.1.10:40000 -> 172.16.0.20:5432 of LENGTH bytes, 28 or more. */
static void
udp_packet(uint8_t *data, size_t length, uint16_t port)
{
    uint32_t sum = 0;

    memset(data, 0, length);
    memcpy(data, "\x45\x00\x00\x00\x12\x34\x40\x00\x3f\x11\x00\x00", 12);
    memcpy(data + 12, "\x0a\x00\x01\x0a\xac\x10\x00\x14\x9c\x40", 10);
    data[2] = (uint8_t)(length >> 8);
    data[3] = (uint8_t)(length & 0xff);
    data[22] = (uint8_t)(port >> 8);
    data[23] = (uint8_t)(port & 0xff);
    data[24] = (uint8_t)((length - 20) >> 8);
    data[25] = (uint8_t)((length - 20) & 0xff);
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    data[10] = (uint8_t)(~sum >> 8 & 0xff);
    data[11] = (uint8_t)(~sum & 0xff);
}

/* The blocks by hand, from draft-ietf-opsawg-pcapng section 4. */
static const char tiny[] =
    /* section header: 1.0, length unknown, comment "c", application "ab" */
    "0a0d0d0a 00000030 1a2b3c4d 0001 0000 ffffffffffffffff"
    "0001 0001 63000000 0004 0002 61620000 0000 0000 00000030"
    /* interface 0: raw IP, snap length 262144, "dx", "DX", 10^9 bit/s, 10^-9 s
     */
    "00000001 0000003c 0065 0000 00040000"
    "0002 0002 64780000 0003 0002 44580000 0008 0008 000000003b9aca00"
    "0009 0001 09000000 0000 0000 0000003c"
    /* names: 10.0.0.1 "app" */
    "00000004 0000001c 0001 0008 0a000001 61707000 0000 0000 0000001c"
    /* packet 1: interface 0, 5 s and 1 ns, 3 of 3 bytes, outbound, with the
     * comments "one" and "more" */
    "00000006 00000040 00000000 00000001 2a05f201 00000003 00000003 01020300"
    "0001 0003 6f6e6500 0001 0004 6d6f7265 0002 0004 00000002 0000 0000"
    "00000040"
    /* packet 2: no direction, 4 bytes, with a comment */
    "00000006 00000030 00000000 00000001 2a05f202 00000004 00000004 04050607"
    "0001 0001 78000000 0000 0000 00000030"
    /* packet 3: nothing else */
    "00000006 00000024 00000000 00000001 2a05f203 00000001 00000001 08000000"
    "00000024"
    /* names: ::1 "v6", given after the first packet */
    "00000004 00000028 0002 0013 00000000000000000000000000000001 76360000"
    "0000 0000 00000028"
    /* statistics of interface 0 */
    "00000005 00000064 00000000 00000001 2a05f203"
    "0002 0008 0000000000000000 0003 0008 000000012a05f203"
    "0004 0008 0000000000000003 0005 0008 0000000000000000"
    "0006 0008 0000000000000003 0008 0008 0000000000000003 0000 0000 00000064";

START_TEST(a_small_file_is_as_written_by_hand)
{
    g_autofree char *path = in_folder("tiny.pcapng");
    CaptureConfig config = {.comment = "c", .application = "ab"};
    CaptureWriter *writer = writer_new(path, &config);
    g_autoptr(GBytes) expected = hex_bytes(tiny);
    HsAddr app = hs_addr_ipv4(0x0a000001), six = {.family = HS_FAMILY_IPV6};
    g_autofree char *got = NULL;
    gsize length;

    six.bytes[15] = 1;
    ck_assert_uint_eq(capture_writer_add_link(writer, "dx", "DX", 1000000000),
                      0);
    capture_writer_add_name(writer, &app, "app");
    ck_assert_uint_eq(capture_writer_packet(writer, 0, HS_SEC(5) + 1,
                                            CAPTURE_OUT, "\1\2\3", 3),
                      1);
    capture_writer_add_name(writer, &six, "v6");
    capture_writer_comment(writer, 1, "one");
    ck_assert_uint_eq(capture_writer_packet(writer, 0, HS_SEC(5) + 2,
                                            CAPTURE_NO_DIRECTION, "\4\5\6\7",
                                            4),
                      2);
    ck_assert_uint_eq(capture_writer_packet(writer, 0, HS_SEC(5) + 3,
                                            CAPTURE_NO_DIRECTION, "\10", 1),
                      3);
    capture_writer_comment(writer, 2, "x");
    capture_writer_comment(writer, 1, "more");
    capture_writer_comment(writer, 0, "nothing has this number");
    capture_writer_comment(writer, 4, "nor this");
    finish(writer);
    ck_assert(g_file_get_contents(path, &got, &length, NULL));
    for (gsize i = 0; i < MIN(length, g_bytes_get_size(expected)); i++)
        ck_assert_msg((uint8_t)got[i] == ((const uint8_t *)g_bytes_get_data(
                                             expected, NULL))[i],
                      "byte %zu is %02x", i, (unsigned)(uint8_t)got[i]);
    ck_assert_uint_eq(length, g_bytes_get_size(expected));
    ck_assert_uint_eq(files_in_folder(), 1);
}
END_TEST

/* Second opinions */

static char *
tshark(const char *path, const char *arguments)
{
    const char *program = g_getenv("TSHARK");
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *command = NULL;
    char *output = NULL;
    const char *argv[] = {"sh", "-c", NULL, NULL};
    int status;

    if (program == NULL || g_str_equal(program, "no")) {
        printf("skipped: tshark is missing (on Debian: apt-get install "
               "tshark)\n");
        return NULL;
    }
    command = g_strdup_printf("TZ=UTC %s -r %s %s 2>&1 | grep -v '^Running as'",
                              program, quoted, arguments);
    argv[2] = command;
    ck_assert(g_spawn_sync(NULL, (char **)(gintptr)argv, NULL,
                           G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                           &status, NULL));
    return output;
}

/* Two links, names, and comments on the second and the fifth of six packets. */
static void
write_sample(const char *path)
{
    CaptureConfig config = {.hardware = "dx-cut",
                            .os = "ns-3.37",
                            .application = "hybridsim",
                            .comment = "seed 1"};
    CaptureWriter *writer = writer_new(path, &config);
    HsAddr app = hs_addr_ipv4(0x0a00010a), db = hs_addr_ipv4(0xac100014);
    uint8_t data[100];

    udp_packet(data, sizeof data, 5432);
    capture_writer_add_link(writer, "dx", "DX primary", 1000000000);
    capture_writer_add_link(writer, "internet", NULL, 0);
    capture_writer_add_name(writer, &app, "app.example");
    capture_writer_add_name(writer, &db, "db.example");
    for (unsigned i = 0; i < 6; i++)
        ck_assert_uint_eq(
            capture_writer_packet(writer, i % 2, HS_SEC(60) + (HsTime)i * 7,
                                  i % 2 ? CAPTURE_IN : CAPTURE_OUT, data,
                                  sizeof data - i),
            i + 1);
    capture_writer_comment(writer, 5, "last before the cut");
    capture_writer_comment(writer, 2, "first reply");
    finish(writer);
}

START_TEST(tshark_reads_it)
{
    g_autofree char *path = in_folder("sample.pcapng");
    g_autofree char *output = NULL;

    write_sample(path);
    output = tshark(path, "-T fields -E separator=/s -e frame.number "
                          "-e frame.time_epoch -e frame.interface_name "
                          "-e frame.packet_flags_direction "
                          "-e frame.len -e frame.comment");
    if (output == NULL)
        return;
    ck_assert_str_eq(output, "1 60.000000000 dx 0x00000002 100 \n"
                             "2 60.000000007 internet 0x00000001 99 "
                             "first reply\n"
                             "3 60.000000014 dx 0x00000002 98 \n"
                             "4 60.000000021 internet 0x00000001 97 \n"
                             "5 60.000000028 dx 0x00000002 96 "
                             "last before the cut\n"
                             "6 60.000000035 internet 0x00000001 95 \n");
}
END_TEST

START_TEST(tshark_shows_the_names)
{
    g_autofree char *path = in_folder("sample.pcapng");
    g_autofree char *output = NULL;

    write_sample(path);
    output = tshark(path, "-N n -c 1 -T fields -E separator=/s "
                          "-e ip.src_host -e ip.dst_host");
    if (output != NULL)
        ck_assert_str_eq(output, "app.example db.example\n");
}
END_TEST

START_TEST(our_reader_reads_it)
{
    g_autofree char *path = in_folder("sample.pcapng");
    g_autoptr(CaptureReader) reader = NULL;
    g_autoptr(GError) error = NULL;
    CapturePacket packet;

    write_sample(path);
    reader = capture_reader_new(path, NULL, &error);
    ck_assert_msg(reader != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_int_eq(capture_reader_link_type(reader), 101);
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_msg(capture_reader_next(reader, &packet, &error) ==
                          CAPTURE_READ_PACKET,
                      "%s", error != NULL ? error->message : "the end");
        ck_assert_int_eq(packet.at, HS_SEC(60) + (HsTime)i * 7);
        ck_assert_uint_eq(packet.length, 100 - i);
        ck_assert_uint_eq(packet.original, 100 - i);
        ck_assert_uint_eq(packet.link, i % 2);
        ck_assert_uint_eq(packet.data[0], 0x45);
    }
    ck_assert_int_eq(capture_reader_next(reader, &packet, &error),
                     CAPTURE_READ_END);
}
END_TEST

/* What is kept and what is not */

START_TEST(filter_snaplen_and_numbers)
{
    g_autofree char *path = in_folder("f.pcapng");
    CaptureConfig config = {.filter = "udp port 5432", .snaplen = 40};
    CaptureWriter *writer = writer_new(path, &config);
    g_autoptr(CaptureReader) reader = NULL;
    CapturePacket packet;
    uint8_t database[100], other[60], small[32];

    udp_packet(database, sizeof database, 5432);
    udp_packet(other, sizeof other, 3784);
    udp_packet(small, sizeof small, 5432);
    capture_writer_add_link(writer, "dx", NULL, 0);
    ck_assert_uint_eq(
        capture_writer_packet(writer, 0, 1, CAPTURE_OUT, other, sizeof other),
        0);
    ck_assert_uint_eq(capture_writer_packet(writer, 0, 2, CAPTURE_OUT, database,
                                            sizeof database),
                      1);
    ck_assert_uint_eq(
        capture_writer_packet(writer, 0, 3, CAPTURE_OUT, other, sizeof other),
        0);
    ck_assert_uint_eq(
        capture_writer_packet(writer, 0, 4, CAPTURE_OUT, small, sizeof small),
        2);
    ck_assert_uint_eq(capture_writer_counters(writer)->packets, 2);
    ck_assert_uint_eq(capture_writer_counters(writer)->filtered, 2);
    ck_assert_uint_eq(capture_writer_counters(writer)->bytes, 72);
    ck_assert(!capture_writer_limited(writer));
    finish(writer);

    reader = capture_reader_new(path, NULL, NULL);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_uint_eq(packet.length, 40);
    ck_assert_uint_eq(packet.original, 100);
    ck_assert_mem_eq(packet.data, database, 40);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_uint_eq(packet.length, 32);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
}
END_TEST

START_TEST(the_limit_stops_and_says_so)
{
    g_autofree char *path = in_folder("l.pcapng");
    CaptureConfig config = {.limit = 10000};
    CaptureWriter *writer = writer_new(path, &config);
    g_autoptr(CaptureReader) reader = NULL;
    CapturePacket packet;
    uint8_t data[1000];
    unsigned written = 0;

    udp_packet(data, sizeof data, 5432);
    capture_writer_add_link(writer, "dx", NULL, 0);
    for (unsigned i = 0; i < 20; i++)
        written += capture_writer_packet(writer, 0, i, CAPTURE_OUT, data,
                                         sizeof data) != 0;
    /* 1000 bytes are 1044 in the file, behind less than 100 of headers. */
    ck_assert_uint_eq(written, 9);
    ck_assert(capture_writer_limited(writer));
    /* A shorter one would fit, but the capture ended where it ended. */
    ck_assert_uint_eq(
        capture_writer_packet(writer, 0, 30, CAPTURE_OUT, data, 28), 0);
    ck_assert_uint_eq(capture_writer_counters(writer)->over_limit, 12);
    finish(writer);
    reader = capture_reader_new(path, NULL, NULL);
    for (unsigned i = 0; i < 9; i++)
        ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                         CAPTURE_READ_PACKET);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
}
END_TEST

/* More than the buffer, with comments at its seams: the packets come back.
 * Written at once, or by a thread. */
START_TEST(a_large_file_keeps_every_packet)
{
    enum { COUNT = 20000 };
    g_autofree char *path = in_folder("large.pcapng");
    CaptureConfig config = {.background = _i >= 2};
    CaptureWriter *writer = writer_new(path, &config);
    g_autoptr(CaptureReader) reader = NULL;
    CapturePacket packet;
    uint8_t data[1400];

    capture_writer_add_link(writer, "a", NULL, 0);
    for (unsigned i = 1; i <= COUNT; i++) {
        udp_packet(data, 28 + i % 1373, 5432);
        data[27] = (uint8_t)(i & 0xff);
        ck_assert_uint_eq(capture_writer_packet(writer, 0, i, CAPTURE_IN, data,
                                                28 + i % 1373),
                          i);
    }
    /* Close together, copied by us, or far apart, copied by the kernel. */
    for (unsigned i = COUNT; i > 0; i -= _i % 2 == 0 ? 250 : 5000)
        capture_writer_comment(writer, i, "a comment of some length");
    capture_writer_comment(writer, 1, "the first");
    finish(writer);
    reader = capture_reader_new(path, NULL, NULL);
    ck_assert_ptr_nonnull(reader);
    for (unsigned i = 1; i <= COUNT; i++) {
        ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                         CAPTURE_READ_PACKET);
        ck_assert_int_eq(packet.at, i);
        ck_assert_uint_eq(packet.length, 28 + i % 1373);
        ck_assert_uint_eq(packet.data[27], i & 0xff);
    }
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
}
END_TEST

START_TEST(each_link_has_a_classic_file)
{
    g_autofree char *path = in_folder("c.pcapng");
    g_autofree char *dx = in_folder("dx-1.pcap");
    g_autofree char *internet = in_folder("internet.pcap");
    CaptureConfig config = {.link_folder = folder};
    CaptureWriter *writer = writer_new(path, &config);
    g_autoptr(CaptureReader) reader = NULL;
    g_autofree char *bytes = NULL;
    CapturePacket packet;
    uint8_t data[100];
    gsize length;

    udp_packet(data, sizeof data, 5432);
    capture_writer_add_link(writer, "dx/1", NULL, 0);
    capture_writer_add_link(writer, "internet", NULL, 0);
    capture_writer_packet(writer, 0, HS_SEC(3) + 7, CAPTURE_IN, data, 100);
    capture_writer_packet(writer, 1, HS_SEC(4), CAPTURE_IN, data, 99);
    capture_writer_packet(writer, 0, HS_SEC(5), CAPTURE_IN, data, 98);
    finish(writer);
    ck_assert_uint_eq(files_in_folder(), 3);
    ck_assert(g_file_get_contents(dx, &bytes, &length, NULL));
    ck_assert_uint_eq(length, 24 + 16 + 100 + 16 + 98);
    /* The magic of nanoseconds, in this machine's order. */
    ck_assert_uint_eq(*(const uint32_t *)(const void *)bytes, 0xa1b23c4d);
    reader = capture_reader_new(dx, NULL, NULL);
    ck_assert_int_eq(capture_reader_link_type(reader), 101);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_int_eq(packet.at, HS_SEC(3) + 7);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_uint_eq(packet.length, 98);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
    g_clear_pointer(&reader, capture_reader_free);
    reader = capture_reader_new(internet, "udp port 5432", NULL);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_uint_eq(packet.length, 99);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
}
END_TEST

/* The same in little-endian order, microseconds by default and 2^-10 s, with
 * an unknown block between. */
static const char little[] =
    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
    "01000000 14000000 6500 0000 00000000 14000000"
    "01000000 20000000 6500 0000 00000000 0900 0100 8a000000 0000 0000 20000000"
    "bb0b0000 10000000 01020304 10000000"
    "06000000 24000000 00000000 00000000 40420f00 02000000 09000000 05060000"
    "24000000"
    "06000000 24000000 01000000 00000000 01020000 01000000 01000000 07000000"
    "24000000";

START_TEST(foreign_pcapng_is_read)
{
    g_autofree char *path = in_folder("le.pcapng");
    g_autoptr(GBytes) bytes = hex_bytes(little);
    g_autoptr(CaptureReader) reader = NULL;
    CapturePacket packet;

    ck_assert(g_file_set_contents(path, g_bytes_get_data(bytes, NULL),
                                  (gssize)g_bytes_get_size(bytes), NULL));
    reader = capture_reader_new(path, NULL, NULL);
    ck_assert_ptr_nonnull(reader);
    ck_assert_int_eq(capture_reader_link_type(reader), CAPTURE_LINKTYPE_RAW);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_int_eq(packet.at, HS_SEC(1));
    ck_assert_uint_eq(packet.length, 2);
    ck_assert_uint_eq(packet.original, 9);
    ck_assert_mem_eq(packet.data, "\5\6", 2);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_int_eq(packet.at, HS_MSEC(500) + 976562); /* 513 / 1024 s */
    ck_assert_uint_eq(packet.link, 1);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
}
END_TEST

/* One thing wrong in that file; or nothing, as a check of the check. */
static const struct {
    const char *name;
    size_t at;
    uint8_t value;
    bool fine;
} wrongs[] = {
    {"nothing", 0, 0x0a, true},
    {"magic", 8, 0x4e, false},
    {"length not a multiple of four", 4, 0x1d, false},
    {"length too small", 4, 0x08, false},
    {"lengths that differ", 24, 0x20, false},
    {"link types that differ", 56, 0x01, true},
    {"option beyond its block", 66, 0xf0, false},
    {"simple packet longer than its block", 80, 0x03, false},
    {"packet longer than its block", 116, 0x40, false},
    {"unknown interface", 104, 0x02, false},
    {"time beyond 2262", 111, 0xff, false},
};

START_TEST(broken_pcapng_is_refused)
{
    g_autofree char *path = in_folder("le.pcapng");
    g_autoptr(GByteArray) bytes = g_bytes_unref_to_array(hex_bytes(little));
    g_autoptr(CaptureReader) reader = NULL;
    g_autoptr(GError) error = NULL;
    CaptureRead got = CAPTURE_READ_ERROR;
    CapturePacket packet;

    bytes->data[wrongs[_i].at] = wrongs[_i].value;
    if (g_str_equal(wrongs[_i].name, "simple packet longer than its block"))
        bytes->data[81] = 0;
    ck_assert(g_file_set_contents(path, (const char *)bytes->data,
                                  (gssize)bytes->len, NULL));
    reader = capture_reader_new(path, NULL, &error);
    if (reader != NULL)
        do
            got = capture_reader_next(reader, &packet, &error);
        while (got == CAPTURE_READ_PACKET);
    ck_assert_msg((got == CAPTURE_READ_END) == wrongs[_i].fine, "%s",
                  wrongs[_i].name);
    ck_assert_msg(wrongs[_i].fine || g_error_matches(error, CAPTURE_ERROR,
                                                     CAPTURE_ERROR_FORMAT),
                  "%s", wrongs[_i].name);
}
END_TEST

/* Two sections, in the two byte orders: an Ethernet interface "eth0", then a
 * raw one without a name. In the first a packet of the obsolete kind and, with
 * its time, a simple one, cut by the snap length of 4. */
static const char mixed[] =
    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
    "01000000 20000000 0100 0000 04000000 0200 0400 65746830 0000 0000 20000000"
    "02000000 24000000 0000 ffff 00000000 40420f00 01000000 01000000 07000000"
    "24000000"
    "03000000 14000000 06000000 01020304 14000000"
    "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
    "00000001 00000014 0065 0000 00000000 00000014"
    "00000006 00000024 00000000 00000000 001e8480 00000001 00000001 08000000"
    "00000024";

START_TEST(interfaces_may_differ)
{
    static const struct {
        HsTime at;
        uint32_t link;
        int link_type;
        size_t length, original;
        uint8_t first;
        const char *name;
    } packets[] = {
        {HS_SEC(1), 0, CAPTURE_LINKTYPE_ETHERNET, 1, 1, 7, "eth0"},
        {HS_SEC(1), 0, CAPTURE_LINKTYPE_ETHERNET, 4, 6, 1, "eth0"},
        {HS_SEC(2), 1, CAPTURE_LINKTYPE_RAW, 1, 1, 8, NULL},
    };
    g_autofree char *path = in_folder("mixed.pcapng");
    g_autoptr(GBytes) bytes = hex_bytes(mixed);
    g_autoptr(CaptureReader) reader = NULL;
    g_autoptr(GError) error = NULL;
    CapturePacket packet;
    CaptureRead got;

    ck_assert(g_file_set_contents(path, g_bytes_get_data(bytes, NULL),
                                  (gssize)g_bytes_get_size(bytes), NULL));
    reader = capture_reader_new(path, NULL, NULL);
    ck_assert_ptr_nonnull(reader);
    for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++) {
        ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                         CAPTURE_READ_PACKET);
        ck_assert_int_eq(packet.at, packets[i].at);
        ck_assert_uint_eq(packet.link, packets[i].link);
        ck_assert_int_eq(packet.link_type, packets[i].link_type);
        ck_assert_uint_eq(packet.length, packets[i].length);
        ck_assert_uint_eq(packet.original, packets[i].original);
        ck_assert_uint_eq(packet.data[0], packets[i].first);
        ck_assert_pstr_eq(capture_reader_link_name(reader, packet.link),
                          packets[i].name);
    }
    ck_assert_uint_eq(capture_reader_link_count(reader), 2);
    ck_assert_ptr_null(capture_reader_link_name(reader, 2));
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_END);
    g_clear_pointer(&reader, capture_reader_free);
    /* A filter is made for one link type. */
    reader = capture_reader_new(path, "less 100", NULL);
    do
        got = capture_reader_next(reader, &packet, &error);
    while (got == CAPTURE_READ_PACKET);
    ck_assert_int_eq(got, CAPTURE_READ_ERROR);
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT));
}
END_TEST

START_TEST(reading_can_filter)
{
    g_autofree char *path = in_folder("r.pcapng");
    g_autoptr(CaptureReader) reader = NULL;
    g_autoptr(GError) error = NULL;
    CapturePacket packet;

    write_sample(path);
    ck_assert_ptr_null(capture_reader_new(path, "nonsense here", &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER));
    reader = capture_reader_new(path, "less 96", NULL);
    ck_assert_int_eq(capture_reader_next(reader, &packet, NULL),
                     CAPTURE_READ_PACKET);
    ck_assert_uint_eq(packet.length, 96);
}
END_TEST

START_TEST(same_packets_same_bytes)
{
    g_autofree char *one = in_folder("1.pcapng");
    g_autofree char *two = in_folder("2.pcapng");
    g_autofree char *a = NULL, *b = NULL;
    gsize a_length, b_length;

    write_sample(one);
    write_sample(two);
    ck_assert(g_file_get_contents(one, &a, &a_length, NULL));
    ck_assert(g_file_get_contents(two, &b, &b_length, NULL));
    ck_assert_uint_eq(a_length, b_length);
    ck_assert_mem_eq(a, b, a_length);
}
END_TEST

/* What goes wrong */

START_TEST(a_folder_that_is_not_there)
{
    g_autofree char *path = in_folder("none/x.pcapng");
    CaptureConfig config = {0};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(capture_writer_new(path, &config, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE));
    ck_assert_ptr_nonnull(strstr(error->message, path));
    ck_assert_ptr_nonnull(strstr(error->message, "No such file"));
}
END_TEST

START_TEST(a_filter_that_is_wrong)
{
    g_autofree char *path = in_folder("x.pcapng");
    CaptureConfig config = {.filter = "tcp port banana"};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(capture_writer_new(path, &config, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER));
    ck_assert_ptr_nonnull(strstr(error->message, "tcp port banana"));
    ck_assert_uint_eq(files_in_folder(), 0);
}
END_TEST

/* A disk that is full: at once with much data, at the end with little, or when
 * a thread writes it. */
START_TEST(a_full_disk)
{
    g_autofree char *path = in_folder("x.pcapng");
    g_autofree char *part = in_folder("x.pcapng.part");
    CaptureConfig config = {.background = _i >= 2};
    g_autoptr(GError) error = NULL;
    CaptureWriter *writer;
    unsigned count = _i % 2 == 0 ? 3 : 2000;
    uint64_t last = 0;
    uint8_t data[1400];

    ck_assert_int_eq(symlink("/dev/full", part), 0);
    udp_packet(data, sizeof data, 5432);
    writer = writer_new(path, &config);
    capture_writer_add_link(writer, "a", NULL, 0);
    for (unsigned i = 0; i < count; i++)
        last = capture_writer_packet(writer, 0, i, CAPTURE_IN, data, 1400);
    ck_assert_uint_eq(last, _i == 1 ? 0 : count);
    ck_assert(!capture_writer_finish(writer, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE));
    ck_assert_ptr_nonnull(strstr(error->message, "No space left"));
    ck_assert_uint_eq(files_in_folder(), 0);
}
END_TEST

START_TEST(a_link_file_that_cannot_be)
{
    g_autofree char *path = in_folder("x.pcapng");
    g_autofree char *missing = in_folder("none");
    CaptureConfig config = {.link_folder = _i == 0 ? missing : folder};
    g_autoptr(GError) error = NULL;
    CaptureWriter *writer = writer_new(path, &config);

    capture_writer_add_link(writer, "a/b", NULL, 0);
    capture_writer_add_link(writer, "a-b", NULL, 0);
    ck_assert_uint_eq(
        capture_writer_packet(writer, 0, 1, CAPTURE_IN, "\0\0\0", 3), 0);
    ck_assert(!capture_writer_finish(writer, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE));
    ck_assert_uint_eq(files_in_folder(), 0);
}
END_TEST

START_TEST(an_aborted_capture_leaves_nothing)
{
    g_autofree char *path = in_folder("x.pcapng");
    CaptureConfig config = {.link_folder = folder};
    CaptureWriter *writer = writer_new(path, &config);

    capture_writer_add_link(writer, "a", NULL, 0);
    capture_writer_packet(writer, 0, 1, CAPTURE_IN, "\0\0\0", 3);
    ck_assert_uint_eq(files_in_folder(), 2);
    capture_writer_abort(writer);
    ck_assert_uint_eq(files_in_folder(), 0);
    capture_writer_abort(NULL);
}
END_TEST

/* A capture cut anywhere is read up to there, or refused; never more. */
START_TEST(truncated_captures_are_refused)
{
    g_autofree char *path = in_folder("t.pcapng");
    g_autofree char *cut = in_folder("cut.pcapng");
    g_autofree char *bytes = NULL;
    gsize length;

    write_sample(path);
    ck_assert(g_file_get_contents(path, &bytes, &length, NULL));
    for (gsize i = 0; i < length; i += 5) {
        g_autoptr(CaptureReader) reader = NULL;
        g_autoptr(GError) error = NULL;
        unsigned packets = 0;
        CapturePacket packet;
        CaptureRead got;

        write_bytes(cut, bytes, i);
        reader = capture_reader_new(cut, NULL, &error);
        if (reader == NULL) {
            ck_assert(
                g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT));
            ck_assert_ptr_nonnull(strstr(error->message, cut));
            continue;
        }
        while ((got = capture_reader_next(reader, &packet, &error)) ==
               CAPTURE_READ_PACKET)
            packets++;
        ck_assert_uint_le(packets, 6);
        if (got == CAPTURE_READ_ERROR)
            ck_assert_ptr_nonnull(strstr(error->message, cut));
    }
    g_unlink(cut);
}
END_TEST

START_TEST(not_a_capture)
{
    g_autofree char *path = in_folder("readme");
    g_autofree char *missing = in_folder("missing");
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, "# Not a capture, really\n", -1, NULL));
    ck_assert_ptr_null(capture_reader_new(path, NULL, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT));
    g_clear_error(&error);
    ck_assert_ptr_null(capture_reader_new(missing, NULL, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "No such file"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture");
    TCase *tcase = tcase_create("files");

    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_test(tcase, a_small_file_is_as_written_by_hand);
    tcase_add_test(tcase, tshark_reads_it);
    tcase_add_test(tcase, tshark_shows_the_names);
    tcase_add_test(tcase, our_reader_reads_it);
    tcase_add_test(tcase, foreign_pcapng_is_read);
    tcase_add_loop_test(tcase, broken_pcapng_is_refused, 0,
                        G_N_ELEMENTS(wrongs));
    tcase_add_test(tcase, filter_snaplen_and_numbers);
    tcase_add_test(tcase, the_limit_stops_and_says_so);
    tcase_add_loop_test(tcase, a_large_file_keeps_every_packet, 0, 4);
    tcase_add_test(tcase, each_link_has_a_classic_file);
    tcase_add_test(tcase, interfaces_may_differ);
    tcase_add_test(tcase, reading_can_filter);
    tcase_add_test(tcase, same_packets_same_bytes);
    tcase_add_test(tcase, a_folder_that_is_not_there);
    tcase_add_test(tcase, a_filter_that_is_wrong);
    tcase_add_loop_test(tcase, a_full_disk, 0, 4);
    tcase_add_loop_test(tcase, a_link_file_that_cannot_be, 0, 2);
    tcase_add_test(tcase, an_aborted_capture_leaves_nothing);
    tcase_add_test(tcase, truncated_captures_are_refused);
    tcase_add_test(tcase, not_a_capture);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
