/* The pcapng file of a run.
 *
 * During the run blocks go to PATH.part in the order in which they come:
 *
 *     section | interface ... | names | packet | packet | ... | statistics ...
 *
 * Interfaces that come late stand where they came, late names at the end. A
 * packet is made in the output's buffer: 28 bytes in front, the data, its
 * direction, the length again; nothing is allocated for it. What is kept of it
 * is where its block begins.
 *
 * Comments are known only when the run is over and its timeline is drawn. If
 * there are any, finishing copies the file once, in large pieces, and remakes
 * the few blocks that get a comment; if not, it only renames it. */

#include "config.h"

#include "pcap/capture.h"
#include "pcap/filter.h"
#include "pcap/link_file.h"
#include "pcap/output.h"
#include "pcap/pcapng.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What "all of it" is for readers: libpcap's own maximum. */
#define NO_SNAPLEN 262144

/* IPv4's and IPv6's longest, without jumbograms, and some. */
#define MOST_BYTES (CAPTURE_OUTPUT_MOST / 2)

typedef struct {
    uint64_t seen, accepted, written;
    CaptureLinkFile *file; /* owned; NULL: not asked for */
} Link;

typedef struct {
    HsAddr addr;
    char *name; /* owned */
} Name;

typedef struct {
    uint64_t number;
    guint order; /* in which it was given */
    char *text;  /* owned */
} Comment;

struct CaptureWriter {
    char *path, *part;     /* owned */
    char *link_folder;     /* owned; NULL: no files for links */
    char *filter_text;     /* owned */
    CaptureFilter *filter; /* owned; NULL: everything */
    uint32_t snaplen;
    uint64_t limit; /* 0: none */
    CaptureOutput out;
    GArray *links;    /* Link */
    GArray *names;    /* Name, not yet written */
    GArray *comments; /* Comment */
    GArray *offsets;  /* uint64_t: where packet 1, 2, … begin */
    GError *error;    /* owned: of a link's file; the first one */
    CaptureCounters counters;
    HsTime last;
};

static void
clear_link(gpointer pointer)
{
    Link *link = pointer;

    capture_link_file_abort(g_steal_pointer(&link->file));
}

static void
clear_name(gpointer pointer)
{
    g_free(((Name *)pointer)->name);
}

static void
clear_comment(gpointer pointer)
{
    g_free(((Comment *)pointer)->text);
}

static void
output_block(CaptureOutput *out, HsWriter *w)
{
    g_assert(hs_writer_ok(w));
    capture_output_write(out, w->bytes->data, w->bytes->len);
}

static void
write_section(CaptureWriter *writer, const CaptureConfig *config)
{
    g_auto(HsWriter) w = {0};
    PcapngBlock block;

    hs_writer_init(&w);
    block = pcapng_begin(&w, PCAPNG_SECTION);
    hs_writer_u32(&w, PCAPNG_MAGIC);
    hs_writer_u16(&w, 1); /* version 1.0 */
    hs_writer_u16(&w, 0);
    hs_writer_u64(&w, UINT64_MAX); /* section length: up to the end */
    pcapng_option_text(&w, PCAPNG_OPT_COMMENT, config->comment);
    pcapng_option_text(&w, PCAPNG_SHB_HARDWARE, config->hardware);
    pcapng_option_text(&w, PCAPNG_SHB_OS, config->os);
    pcapng_option_text(&w, PCAPNG_SHB_APPLICATION, config->application);
    pcapng_option_end(&w);
    pcapng_end(&block);
    output_block(&writer->out, &w);
}

CaptureWriter *
capture_writer_new(const char *path, const CaptureConfig *config,
                   GError **error)
{
    CaptureWriter *writer;
    CaptureFilter *filter = NULL;
    g_autofree char *part = g_strdup_printf("%s.part", path);
    CaptureOutput out;

    if (config->filter != NULL) {
        filter =
            capture_filter_new(config->filter, CAPTURE_LINKTYPE_RAW, error);
        if (filter == NULL)
            return NULL;
    }
    if (!capture_output_open(&out, part, error)) {
        capture_filter_free(filter);
        return NULL;
    }
    writer = g_new0(CaptureWriter, 1);
    writer->path = g_strdup(path);
    writer->part = g_steal_pointer(&part);
    writer->link_folder = g_strdup(config->link_folder);
    writer->filter_text = g_strdup(config->filter);
    writer->filter = filter;
    writer->snaplen = config->snaplen > 0 ? config->snaplen : NO_SNAPLEN;
    writer->limit = config->limit;
    writer->out = out;
    writer->links = g_array_new(FALSE, FALSE, sizeof(Link));
    g_array_set_clear_func(writer->links, clear_link);
    writer->names = g_array_new(FALSE, FALSE, sizeof(Name));
    g_array_set_clear_func(writer->names, clear_name);
    writer->comments = g_array_new(FALSE, FALSE, sizeof(Comment));
    g_array_set_clear_func(writer->comments, clear_comment);
    writer->offsets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    if (config->background)
        capture_output_background(&writer->out);
    write_section(writer, config);
    return writer;
}

static void
free_writer(CaptureWriter *writer)
{
    capture_output_clear(&writer->out);
    capture_filter_free(writer->filter);
    g_array_unref(writer->links);
    g_array_unref(writer->names);
    g_array_unref(writer->comments);
    g_array_unref(writer->offsets);
    g_clear_error(&writer->error);
    g_free(writer->path);
    g_free(writer->part);
    g_free(writer->link_folder);
    g_free(writer->filter_text);
    g_free(writer);
}

void
capture_writer_abort(CaptureWriter *writer)
{
    if (writer == NULL)
        return;
    unlink(writer->part);
    free_writer(writer);
}

/* Links and names */

/* Two links whose names differ only in what a file name cannot hold would
 * share a file. */
static CaptureLinkFile *
new_link_file(CaptureWriter *writer, const char *name)
{
    g_autofree char *path = capture_link_file_path(writer->link_folder, name);

    for (guint i = 0; i < writer->links->len; i++) {
        const Link *other = &g_array_index(writer->links, Link, i);

        if (other->file != NULL && capture_link_file_is(other->file, path)) {
            capture_file_error(&writer->error, path, EEXIST);
            return NULL;
        }
    }
    return capture_link_file_new(path, writer->snaplen, &writer->error);
}

uint32_t
capture_writer_add_link(CaptureWriter *writer, const char *name,
                        const char *description, uint64_t rate)
{
    static const uint8_t resolution = PCAPNG_NANOSECONDS;
    g_autofree uint8_t *expression = NULL;
    g_auto(HsWriter) w = {0};
    PcapngBlock block;
    Link link = {0};

    hs_writer_init(&w);
    block = pcapng_begin(&w, PCAPNG_INTERFACE);
    hs_writer_u16(&w, CAPTURE_LINKTYPE_RAW);
    hs_writer_u16(&w, 0);
    hs_writer_u32(&w, writer->snaplen);
    pcapng_option_text(&w, PCAPNG_IF_NAME, name);
    pcapng_option_text(&w, PCAPNG_IF_DESCRIPTION, description);
    if (rate > 0)
        pcapng_option_u64(&w, PCAPNG_IF_SPEED, rate);
    pcapng_option(&w, PCAPNG_IF_TSRESOL, &resolution, 1);
    if (writer->filter_text != NULL) {
        /* The first byte says that it is text. */
        size_t length = MIN(strlen(writer->filter_text), UINT16_MAX - 1);

        expression = g_malloc0(length + 1);
        memcpy(expression + 1, writer->filter_text, length);
        pcapng_option(&w, PCAPNG_IF_FILTER, expression, length + 1);
    }
    pcapng_option_end(&w);
    pcapng_end(&block);
    output_block(&writer->out, &w);
    if (writer->link_folder != NULL && writer->error == NULL)
        link.file = new_link_file(writer, name);
    g_array_append_val(writer->links, link);
    return writer->links->len - 1;
}

void
capture_writer_add_name(CaptureWriter *writer, const HsAddr *addr,
                        const char *name)
{
    Name copy = {*addr, g_strdup(name)};

    g_assert(hs_addr_is_set(addr));
    g_array_append_val(writer->names, copy);
}

static void
write_names(CaptureWriter *writer)
{
    g_auto(HsWriter) w = {0};
    PcapngBlock block;

    if (writer->names->len == 0)
        return;
    hs_writer_init(&w);
    block = pcapng_begin(&w, PCAPNG_NAMES);
    for (guint i = 0; i < writer->names->len; i++) {
        const Name *name = &g_array_index(writer->names, Name, i);

        pcapng_name(&w, &name->addr, name->name);
    }
    hs_writer_u32(&w, PCAPNG_NRB_END); /* with its length of 0 */
    pcapng_end(&block);
    output_block(&writer->out, &w);
    g_array_set_size(writer->names, 0);
}

/* Packets */

static uint8_t *
put_u32(uint8_t *at, uint64_t value)
{
    guint32 big = GUINT32_TO_BE((guint32)(value & UINT32_MAX));

    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

static size_t
packet_block_length(size_t kept, CaptureDirection direction)
{
    size_t options =
        direction == CAPTURE_NO_DIRECTION ? 0 : 2 * PCAPNG_OPTION_HEADER + 4;

    return PCAPNG_PACKET_HEADER + (kept + 3) / 4 * 4 + options +
           PCAPNG_BLOCK_TRAILER;
}

static bool
write_packet(CaptureWriter *writer, uint32_t link, HsTime at,
             CaptureDirection direction, const void *data, size_t kept,
             size_t length)
{
    size_t total = packet_block_length(kept, direction);
    uint8_t *to = capture_output_reserve(&writer->out, total);
    size_t padding = (4 - kept % 4) % 4;

    if (to == NULL)
        return false;
    to = put_u32(to, PCAPNG_PACKET);
    to = put_u32(to, total);
    to = put_u32(to, link);
    to = put_u32(to, (uint64_t)at >> 32);
    to = put_u32(to, (uint64_t)at);
    to = put_u32(to, kept);
    to = put_u32(to, length);
    if (kept > 0)
        memcpy(to, data, kept);
    memset(to + kept, 0, padding);
    to += kept + padding;
    if (direction != CAPTURE_NO_DIRECTION) {
        to = put_u32(to, PCAPNG_EPB_FLAGS << 16 | 4);
        to = put_u32(to, direction == CAPTURE_IN ? 1 : 2);
        to = put_u32(to, PCAPNG_OPT_END);
    }
    put_u32(to, total);
    return true;
}

static bool
beyond_limit(CaptureWriter *writer, size_t block)
{
    if (writer->limit == 0)
        return false;
    /* Once reached, it stays reached: no later, shorter packet slips in. */
    return writer->counters.over_limit > 0 ||
           capture_output_offset(&writer->out) + block > writer->limit;
}

uint64_t
capture_writer_packet(CaptureWriter *writer, uint32_t link, HsTime at,
                      CaptureDirection direction, const void *data,
                      size_t length)
{
    size_t kept = MIN(length, MIN(writer->snaplen, MOST_BYTES));
    uint64_t offset;
    Link *on;

    g_assert(link < writer->links->len && at >= 0 && at != HS_TIME_NEVER);
    on = &g_array_index(writer->links, Link, link);
    on->seen++;
    writer->last = hs_time_max(writer->last, at);
    if (writer->filter != NULL &&
        !capture_filter_matches(writer->filter, data, length)) {
        writer->counters.filtered++;
        return 0;
    }
    on->accepted++;
    if (beyond_limit(writer, packet_block_length(kept, direction))) {
        writer->counters.over_limit++;
        return 0;
    }
    if (writer->counters.packets == 0)
        write_names(writer);
    offset = capture_output_offset(&writer->out);
    if (writer->error != NULL ||
        !write_packet(writer, link, at, direction, data, kept, length))
        return 0;
    g_array_append_val(writer->offsets, offset);
    on->written++;
    if (on->file != NULL)
        capture_link_file_packet(on->file, at, data, kept, length);
    writer->counters.bytes += kept;
    return ++writer->counters.packets;
}

void
capture_writer_comment(CaptureWriter *writer, uint64_t number, const char *text)
{
    Comment comment = {number, writer->comments->len, NULL};

    if (number == 0 || number > writer->counters.packets)
        return;
    comment.text = g_strdup(text);
    g_array_append_val(writer->comments, comment);
}

bool
capture_writer_limited(const CaptureWriter *writer)
{
    return writer->counters.over_limit > 0;
}

bool
capture_writer_failed(const CaptureWriter *writer)
{
    return writer->error != NULL || writer->out.error != NULL;
}

const CaptureCounters *
capture_writer_counters(const CaptureWriter *writer)
{
    return &writer->counters;
}

/* The end */

static void
write_statistics(CaptureWriter *writer)
{
    for (guint i = 0; i < writer->links->len; i++) {
        const Link *link = &g_array_index(writer->links, Link, i);
        uint64_t last = (uint64_t)writer->last;
        g_auto(HsWriter) w = {0};
        PcapngBlock block;

        hs_writer_init(&w);
        block = pcapng_begin(&w, PCAPNG_STATISTICS);
        hs_writer_u32(&w, i);
        hs_writer_u64(&w, last);
        pcapng_option_u64(&w, PCAPNG_ISB_STARTTIME, 0);
        pcapng_option_u64(&w, PCAPNG_ISB_ENDTIME, last);
        pcapng_option_u64(&w, PCAPNG_ISB_IFRECV, link->seen);
        pcapng_option_u64(&w, PCAPNG_ISB_IFDROP, 0);
        pcapng_option_u64(&w, PCAPNG_ISB_FILTERACCEPT, link->accepted);
        pcapng_option_u64(&w, PCAPNG_ISB_USRDELIV, link->written);
        pcapng_option_end(&w);
        pcapng_end(&block);
        output_block(&writer->out, &w);
    }
}

static int
compare_comments(gconstpointer a, gconstpointer b)
{
    const Comment *left = a, *right = b;

    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* LENGTH bytes of IN at OFFSET; false, with out->error set, if it fails. */
static bool
read_at(CaptureOutput *in, CaptureOutput *out, uint64_t offset, uint8_t *to,
        size_t length)
{
    while (length > 0) {
        ssize_t n = pread(in->fd, to, length, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (out->error == NULL)
                capture_file_error(&out->error, in->path, n == 0 ? EIO : errno);
            return false;
        }
        to += n;
        offset += (uint64_t)n;
        length -= (size_t)n;
    }
    return true;
}

/* The kernel copies pages without showing them to us, several times as fast.
 * Where it cannot (another file system, an old kernel, a full disk) it says
 * so, and the plain way goes on from *FROM, or meets the same error. */
static void
copy_in_kernel(CaptureOutput *in, CaptureOutput *out, uint64_t *from,
               uint64_t to)
{
    capture_output_flush(out);
    while (*from < to && out->error == NULL) {
        off_t offset = (off_t)*from;
        ssize_t n = copy_file_range(in->fd, &offset, out->fd, NULL,
                                    (size_t)(to - *from), 0);

        if (n <= 0)
            return;
        *from += (uint64_t)n;
        out->flushed += (uint64_t)n;
    }
}

static void
copy(CaptureOutput *in, CaptureOutput *out, uint64_t from, uint64_t to)
{
    if (to - from >= CAPTURE_OUTPUT_MOST)
        copy_in_kernel(in, out, &from, to);
    while (from < to) {
        size_t length = (size_t)MIN(to - from, CAPTURE_OUTPUT_MOST / 2);
        uint8_t *at = capture_output_reserve(out, length);

        if (at == NULL || !read_at(in, out, from, at, length))
            return;
        from += length;
    }
}

/* A packet's block again, with the comments from FIRST up to END in front of
 * its other options. */
static void
write_commented(GArray *comments, guint first, guint end, const uint8_t *old,
                size_t old_length, CaptureOutput *out)
{
    HsReader r = hs_reader_of(old, old_length);
    g_auto(HsWriter) w = {0};
    PcapngBlock block;
    size_t data, options;

    hs_reader_skip(&r, 20);
    data = ((size_t)hs_reader_u32(&r) + 3) / 4 * 4;
    options = old_length - PCAPNG_PACKET_HEADER - data - PCAPNG_BLOCK_TRAILER;
    hs_writer_init(&w);
    block = pcapng_begin(&w, PCAPNG_PACKET);
    hs_writer_bytes(&w, old + 8, PCAPNG_PACKET_HEADER - 8 + data);
    for (guint i = first; i < end; i++)
        pcapng_option_text(&w, PCAPNG_OPT_COMMENT,
                           g_array_index(comments, Comment, i).text);
    if (options > 0)
        hs_writer_bytes(&w, old + PCAPNG_PACKET_HEADER + data, options);
    else
        pcapng_option_end(&w);
    pcapng_end(&block);
    output_block(out, &w);
}

static void
copy_with_comments(CaptureWriter *writer, CaptureOutput *out)
{
    GArray *comments = writer->comments;
    CaptureOutput *in = &writer->out;
    g_autofree uint8_t *block = g_malloc(CAPTURE_OUTPUT_MOST);
    uint64_t done = 0;
    guint next;

    g_array_sort(comments, compare_comments);
    for (guint i = 0; i < comments->len; i = next) {
        uint64_t number = g_array_index(comments, Comment, i).number;
        uint64_t offset = g_array_index(writer->offsets, uint64_t, number - 1);
        HsReader r;
        size_t length;

        for (next = i + 1; next < comments->len; next++)
            if (g_array_index(comments, Comment, next).number != number)
                break;
        copy(in, out, done, offset);
        if (!read_at(in, out, offset, block, 8))
            return;
        r = hs_reader_of(block, 8);
        hs_reader_skip(&r, 4);
        length = hs_reader_u32(&r);
        g_assert(length <= CAPTURE_OUTPUT_MOST); /* our own block */
        if (!read_at(in, out, offset, block, length))
            return;
        write_commented(comments, i, next, block, length, out);
        done = offset + length;
    }
    copy(in, out, done, in->flushed);
}

/* PATH.part remade as PATH.comments, which then takes its place. */
static bool
insert_comments(CaptureWriter *writer, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s.comments", writer->path);
    CaptureOutput out;
    bool ok;

    capture_output_flush(&writer->out);
    capture_output_foreground(&writer->out);
    if (!capture_output_open(&out, path, error))
        return false;
    copy_with_comments(writer, &out);
    ok = capture_output_close(&out, error);
    capture_output_clear(&out);
    if (ok && rename(path, writer->part) != 0) {
        capture_file_error(error, writer->part, errno);
        ok = false;
    }
    if (!ok)
        unlink(path);
    return ok;
}

static bool
finish_links(CaptureWriter *writer, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < writer->links->len; i++) {
        Link *link = &g_array_index(writer->links, Link, i);

        if (link->file != NULL && ok)
            ok = capture_link_file_finish(g_steal_pointer(&link->file), error);
    }
    return ok;
}

bool
capture_writer_finish(CaptureWriter *writer, GError **error)
{
    bool ok;

    write_names(writer);
    write_statistics(writer);
    capture_output_flush(&writer->out);
    if (writer->error != NULL && writer->out.error == NULL)
        writer->out.error = g_steal_pointer(&writer->error);
    ok = writer->out.error != NULL || writer->comments->len == 0 ||
         insert_comments(writer, error);
    ok = ok && capture_output_close(&writer->out, error);
    ok = ok && finish_links(writer, error);
    if (ok && rename(writer->part, writer->path) != 0) {
        capture_file_error(error, writer->path, errno);
        ok = false;
    }
    if (!ok)
        unlink(writer->part);
    free_writer(writer);
    return ok;
}
