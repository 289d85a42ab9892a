/* AS_PATH: a list of segments (type, count, numbers of four octets), kept as
 * bytes. Paths are short and read far more often than built, so every function
 * walks the segments; none keeps a parsed form. */

#include "config.h"

#include "models/bgp/path.h"

#include "models/bgp/attrs.h"
#include "models/bgp/wire.h"

#include <string.h>

typedef struct {
    uint8_t type, count;
    HsReader numbers;
} Segment;

static HsReader
reader_of_path(GBytes *path)
{
    gsize length = 0;
    const void *data = path != NULL ? g_bytes_get_data(path, &length) : NULL;

    return hs_reader_of(data, length);
}

static bool
next_segment(HsReader *r, Segment *ret_segment)
{
    if (hs_reader_left(r) == 0)
        return false;
    ret_segment->type = hs_reader_u8(r);
    ret_segment->count = hs_reader_u8(r);
    ret_segment->numbers = hs_reader_sub(r, 4u * ret_segment->count);
    return hs_reader_ok(r);
}

static GBytes *
finish(HsWriter *w)
{
    GBytes *bytes;

    if (hs_writer_length(w) == 0) {
        hs_writer_clear(w);
        return NULL;
    }
    bytes = hs_writer_steal(w);
    g_assert(bytes != NULL);
    return bytes;
}

/* RFC 5065 5.3: a confederation's segments do not count. */
static unsigned
segment_length(const Segment *segment)
{
    switch (segment->type) {
    case BGP_AS_SEQUENCE:
        return segment->count;
    case BGP_AS_SET:
        return 1;
    default:
        return 0;
    }
}

unsigned
bgp_as_path_length(GBytes *path)
{
    HsReader r = reader_of_path(path);
    Segment segment;
    unsigned length = 0;

    while (next_segment(&r, &segment))
        length += segment_length(&segment);
    return length;
}

unsigned
bgp_as_path_count(GBytes *path, uint32_t asn)
{
    HsReader r = reader_of_path(path);
    Segment segment;
    unsigned found = 0;

    while (next_segment(&r, &segment))
        for (unsigned i = 0; i < segment.count; i++)
            found += hs_reader_u32(&segment.numbers) == asn;
    return found;
}

bool
bgp_as_path_contains(GBytes *path, uint32_t asn)
{
    return bgp_as_path_count(path, asn) > 0;
}

uint32_t
bgp_as_path_first(GBytes *path)
{
    HsReader r = reader_of_path(path);
    Segment segment;

    while (next_segment(&r, &segment)) {
        if (segment.type == BGP_AS_SEQUENCE)
            return hs_reader_u32(&segment.numbers);
        if (segment.type == BGP_AS_SET)
            return 0;
    }
    return 0;
}

uint32_t
bgp_as_path_last(GBytes *path)
{
    HsReader r = reader_of_path(path);
    Segment segment;
    uint32_t last = 0;

    while (next_segment(&r, &segment)) {
        if (segment.type != BGP_AS_SEQUENCE) {
            last = 0;
            continue;
        }
        for (unsigned i = 0; i < segment.count; i++)
            last = hs_reader_u32(&segment.numbers);
    }
    return last;
}

GBytes *
bgp_as_path_prepend(GBytes *path, uint32_t asn, unsigned count)
{
    HsReader r = reader_of_path(path), rest = r;
    Segment first;
    HsWriter w;
    unsigned joined = 0;
    size_t left;

    if (count == 0)
        return path != NULL ? g_bytes_ref(path) : NULL;
    hs_writer_init(&w);
    if (next_segment(&r, &first) && first.type == BGP_AS_SEQUENCE &&
        first.count < UINT8_MAX) {
        joined = MIN(count, (unsigned)(UINT8_MAX - first.count));
        rest = r;
    }
    /* Whole new segments stand before the one that is filled up. */
    for (unsigned more = count - joined; more > 0;) {
        unsigned here = MIN(more, (unsigned)UINT8_MAX);

        hs_writer_u8(&w, BGP_AS_SEQUENCE);
        hs_writer_u8(&w, here);
        for (unsigned i = 0; i < here; i++)
            hs_writer_u32(&w, asn);
        more -= here;
    }
    if (joined > 0) {
        hs_writer_u8(&w, BGP_AS_SEQUENCE);
        hs_writer_u8(&w, first.count + joined);
        for (unsigned i = 0; i < joined; i++)
            hs_writer_u32(&w, asn);
        for (unsigned i = 0; i < first.count; i++)
            hs_writer_u32(&w, hs_reader_u32(&first.numbers));
    }
    left = hs_reader_left(&rest);
    hs_writer_bytes(&w, hs_reader_bytes(&rest, left), left);
    return finish(&w);
}

bool
bgp_as_path_decode(HsReader *r, bool four_octet_as, GBytes **ret_path)
{
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    while (hs_reader_left(r) > 0) {
        uint8_t type = hs_reader_u8(r), count = hs_reader_u8(r);

        if (type < BGP_AS_SET || type > BGP_AS_CONFED_SET || count == 0)
            return false;
        hs_writer_u8(&w, type);
        hs_writer_u8(&w, count);
        for (unsigned i = 0; i < count; i++) {
            uint32_t as = four_octet_as ? hs_reader_u32(r) : hs_reader_u16(r);

            if (as == 0) /* RFC 7607 2; also what a failed read gives */
                return false;
            hs_writer_u32(&w, as);
        }
    }
    if (!hs_reader_done(r))
        return false;
    *ret_path = finish(&w);
    return true;
}

void
bgp_as_path_encode(HsWriter *w, GBytes *path, bool four_octet_as)
{
    HsReader r = reader_of_path(path);
    Segment segment;

    while (next_segment(&r, &segment)) {
        hs_writer_u8(w, segment.type);
        hs_writer_u8(w, segment.count);
        for (unsigned i = 0; i < segment.count; i++) {
            uint32_t as = hs_reader_u32(&segment.numbers);

            if (four_octet_as)
                hs_writer_u32(w, as);
            else
                hs_writer_u16(w, as > UINT16_MAX ? BGP_AS_TRANS : as);
        }
    }
}

bool
bgp_as_path_is_wide(GBytes *path)
{
    HsReader r = reader_of_path(path);
    Segment segment;

    while (next_segment(&r, &segment))
        for (unsigned i = 0; i < segment.count; i++)
            if (hs_reader_u32(&segment.numbers) > UINT16_MAX)
                return true;
    return false;
}

/* The first KEEP numbers of SEGMENT, as a segment of its own. */
static void
write_part(HsWriter *w, Segment segment, unsigned keep)
{
    hs_writer_u8(w, segment.type);
    hs_writer_u8(w, keep);
    for (unsigned i = 0; i < keep; i++)
        hs_writer_u32(w, hs_reader_u32(&segment.numbers));
}

GBytes *
bgp_as_path_without_confederation(GBytes *path)
{
    HsReader r = reader_of_path(path);
    Segment segment;
    HsWriter w;

    hs_writer_init(&w);
    while (next_segment(&r, &segment))
        if (segment.type == BGP_AS_SEQUENCE || segment.type == BGP_AS_SET)
            write_part(&w, segment, segment.count);
    return finish(&w);
}

GBytes *
bgp_as_path_merge(GBytes *as_path, GBytes *as4_path)
{
    unsigned have = bgp_as_path_length(as_path);
    unsigned wide = bgp_as_path_length(as4_path);
    HsReader r = reader_of_path(as_path), tail = reader_of_path(as4_path);
    Segment segment;
    HsWriter w;

    if (as4_path == NULL || have < wide)
        return as_path != NULL ? g_bytes_ref(as_path) : NULL;
    hs_writer_init(&w);
    for (unsigned lead = have - wide; next_segment(&r, &segment);) {
        unsigned length = segment_length(&segment);

        /* A confederation's segment goes with the numbers before it. */
        if (lead == 0 && length > 0)
            break;
        write_part(&w, segment,
                   segment.type == BGP_AS_SEQUENCE
                       ? MIN(lead, (unsigned)segment.count)
                       : segment.count);
        lead -= MIN(lead, length);
    }
    hs_writer_bytes(&w, tail.data, tail.length);
    return finish(&w);
}

char *
bgp_as_path_format(GBytes *path)
{
    static const char *const open[] = {"", "{", "", "(", "["};
    static const char *const close[] = {"", "}", "", ")", "]"};
    HsReader r = reader_of_path(path);
    GString *text = g_string_new(NULL);
    Segment segment;

    while (next_segment(&r, &segment)) {
        const char *between = segment.type == BGP_AS_SET ? "," : " ";

        if (text->len > 0)
            g_string_append_c(text, ' ');
        g_string_append(text, open[segment.type]);
        for (unsigned i = 0; i < segment.count; i++)
            g_string_append_printf(text, "%s%u", i > 0 ? between : "",
                                   hs_reader_u32(&segment.numbers));
        g_string_append(text, close[segment.type]);
    }
    return g_string_free(text, FALSE);
}

/* "65001" or "{64512,64513}" */
static bool
parse_segment(HsWriter *w, const char *word, bool *in_sequence, size_t *head)
{
    size_t length = strlen(word);
    bool set = length > 2 && word[0] == '{' && word[length - 1] == '}';
    g_autofree char *inner =
        set ? g_strndup(word + 1, length - 2) : g_strdup(word);
    g_auto(GStrv) numbers = g_strsplit(inner, set ? "," : " ", 256);
    guint count = g_strv_length(numbers);
    guint64 as;

    if (count == 0 || count > UINT8_MAX)
        return false;
    /* Neighbouring numbers share an AS_SEQUENCE while it has room. */
    if (set || !*in_sequence || w->bytes->data[*head + 1] == UINT8_MAX) {
        *head = hs_writer_length(w);
        hs_writer_u8(w, set ? BGP_AS_SET : BGP_AS_SEQUENCE);
        hs_writer_u8(w, 0);
    }
    *in_sequence = !set;
    for (guint i = 0; i < count; i++) {
        if (!g_ascii_string_to_unsigned(numbers[i], 10, 1, UINT32_MAX, &as,
                                        NULL))
            return false;
        hs_writer_u32(w, as);
    }
    hs_writer_patch_u8(w, *head + 1, w->bytes->data[*head + 1] + count);
    return true;
}

bool
bgp_as_path_parse(const char *text, GBytes **ret_path)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_auto(HsWriter) w = {0};
    bool in_sequence = false;
    size_t head = 0;

    hs_writer_init(&w);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && !parse_segment(&w, *word, &in_sequence, &head))
            return false;
    *ret_path = finish(&w);
    return true;
}
