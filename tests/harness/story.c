#include "config.h"

#include "tests/harness/story.h"

#include <check.h>

void
story_init(Story *s)
{
    *s = (Story){.written = g_array_new(FALSE, FALSE, sizeof(HsFact)),
                 .end = STORY_END};
}

void
story_clear(Story *s)
{
    g_array_unref(s->written);
    hs_timeline_free(s->timeline);
    hs_samples_free(s->samples);
    hs_facts_free(s->facts);
}
void
tell(Story *s, HsFact fact)
{
    g_array_append_val(s->written, fact);
}

static gint
by_at(gconstpointer a, gconstpointer b)
{
    const HsFact *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

void
story_close(Story *s)
{
    if (s->timeline != NULL)
        return;
    s->facts = hs_facts_new();
    g_array_sort(s->written, by_at);
    for (guint i = 0; i < s->written->len; i++)
        hs_facts_append(s->facts, &g_array_index(s->written, HsFact, i));
    s->samples = hs_samples_new(s->facts);
    s->timeline = hs_timeline_new(s->facts, s->samples, s->start, s->end);
}

const HsFaultTimeline *
story_fault(Story *s, guint index)
{
    story_close(s);
    ck_assert_uint_lt(index, s->timeline->faults->len);
    return g_ptr_array_index(s->timeline->faults, index);
}

void
tell_requests(Story *s, const char *client, HsTime from, HsTime back,
              HsDuration before, HsDuration after)
{
    uint64_t id = 0;

    for (HsTime at = 0; at < s->end; at += HS_MSEC(10)) {
        HsTime done = at + (at < from ? before : after);

        if (at >= from)
            done = hs_time_max(done, back);
        TELL(s, .at = at, .kind = HS_FACT_REQUEST, .node = "app",
             .subject = client, .peer = "c1", .id = ++id);
        if (done < s->end)
            TELL(s, .at = done, .kind = HS_FACT_REPLY, .node = "app",
                 .subject = client, .peer = "c1", .id = id, .value = done - at,
                 .evidence = {"lan", id});
    }
}

void
tell_probes(Story *s, const char *direction, HsTime from, HsTime back)
{
    uint64_t id = 1;

    for (HsTime at = HS_MSEC(1); at < s->end; at += HS_MSEC(10), id++) {
        TELL(s, .at = at, .kind = HS_FACT_PROBE_SENT, .subject = direction,
             .id = id, .evidence = {"dx", id});
        if ((at < from || at >= back) && at + HS_MSEC(2) < s->end)
            TELL(s, .at = at + HS_MSEC(2), .kind = HS_FACT_PROBE_RECEIVED,
                 .subject = direction, .id = id, .value = HS_MSEC(2),
                 .evidence = {"vpn", id});
    }
}

void
tell_fault(Story *s, HsTime t0, HsTime cleared, uint64_t touched)
{
    TELL(s, .at = t0, .kind = HS_FACT_FAULT, .subject = "cut",
         .peer = "primary", .to = "applied", .cause = "blackhole");
    TELL(s, .at = cleared, .kind = HS_FACT_FAULT, .subject = "cut",
         .peer = "primary", .to = "cleared", .cause = "blackhole",
         .id = touched, .value = (int64_t)touched);
}

void
tell_bfd(Story *s, const char *node, HsTime at, const char *from,
         const char *to, const char *cause)
{
    TELL(s, .at = at, .kind = HS_FACT_BFD, .node = node,
         .subject = "primary bfd", .from = from, .to = to, .cause = cause,
         .evidence = {"dx", (uint64_t)(at / HS_MSEC(1))});
}

void
tell_bgp(Story *s, const char *node, HsTime at, const char *from,
         const char *to, const char *cause)
{
    TELL(s, .at = at, .kind = HS_FACT_BGP, .node = node,
         .subject = "primary bgp", .from = from, .to = to, .cause = cause);
}

void
tell_fib(Story *s, const char *node, HsTime at, const char *from,
         const char *to)
{
    TELL(s, .at = at, .kind = HS_FACT_FIB, .node = node,
         .subject = "10.0.0.0/16", .from = from, .to = to,
         .evidence = {"dx", 1});
}
