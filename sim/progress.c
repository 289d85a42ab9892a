/* The time left is what the rest takes at the pace so far. Of things that are
 * counted the pace is known only when one of them ends, so between two ends the
 * estimate goes down with the clock.
 *
 * A line is never wider than the terminal: one that wraps cannot be wiped by
 * going back to its first column. */

#include "config.h"

#include "sim/progress.h"

#include <glib.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUIET_FOR   (2 * G_USEC_PER_SEC)
#define REDRAW      (G_USEC_PER_SEC / 5)
#define TICK_MS     500

#define COLUMNS_MAX 200

struct HsProgress {
    char *what, *note; /* owned; NULL: none */
    const char *unit;  /* borrowed: a literal */
    FILE *stream;      /* borrowed */
    unsigned columns;
    int64_t (*clock)(void);
    int64_t started, drawn, moved; /* microseconds; drawn 0: never */
    double done, all;
    bool visible;
    guint tick; /* source, or 0 */
};

/* "12 s", "1 min 20 s", "2 h 05 min" */
static void
append_span(GString *text, double seconds)
{
    unsigned s = (unsigned)ceil(seconds);

    if (s < 60)
        g_string_append_printf(text, "%u s", s);
    else if (s < 3600)
        g_string_append_printf(text, "%u min %02u s", s / 60, s % 60);
    else
        g_string_append_printf(text, "%u h %02u min", s / 3600, s / 60 % 60);
}

static void
append_left(GString *text, const HsProgress *p, int64_t now)
{
    double paced = (double)(p->moved - p->started) / 1e6;
    double left =
        paced * (p->all - p->done) / p->done - (double)(now - p->moved) / 1e6;

    /* It takes longer than the pace promised: no promise then. */
    if (p->done <= 0 || left < 0 || left > 360000)
        return;
    g_string_append(text, ", ");
    append_span(text, left);
    g_string_append(text, " left");
}

static void
draw(HsProgress *p, int64_t now)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (p->what != NULL)
        g_string_append_printf(text, "%s: ", p->what);
    if (p->unit != NULL)
        g_string_append_printf(text, "%.0f %%, %.0f of %.0f %s",
                               floor(100 * p->done / p->all), p->done, p->all,
                               p->unit);
    else
        g_string_append_printf(text, "%.0f of %.0f", p->done, p->all);
    if (p->note != NULL)
        g_string_append_printf(text, ", %s", p->note);
    append_left(text, p, now);
    if (g_utf8_strlen(text->str, -1) >= (glong)p->columns) {
        const char *end =
            g_utf8_offset_to_pointer(text->str, (glong)p->columns - 1);

        g_string_truncate(text, (gsize)(end - text->str));
    }
    fprintf(p->stream, "\r\033[K%s", text->str);
    fflush(p->stream);
    p->visible = true;
    p->drawn = now;
}

static void
draw_if_due(HsProgress *p)
{
    int64_t now = p->clock();

    if (now - p->started >= QUIET_FOR && p->all > 0 &&
        (!p->visible || now - p->drawn >= REDRAW))
        draw(p, now);
}

static gboolean
tick(void *user_data)
{
    draw_if_due(user_data);
    return G_SOURCE_CONTINUE;
}

HsProgress *
hs_progress_new_full(const char *what, FILE *stream, unsigned columns,
                     int64_t (*clock)(void))
{
    HsProgress *p = g_new0(HsProgress, 1);

    p->what = g_strdup(what);
    p->stream = stream;
    p->columns = CLAMP(columns, 20, COLUMNS_MAX);
    p->clock = clock;
    p->started = p->moved = clock();
    return p;
}

HsProgress *
hs_progress_new(const char *what)
{
    const char *terminal = g_getenv("TERM");
    struct winsize size = {0};
    HsProgress *p;

    if (!isatty(STDERR_FILENO) || terminal == NULL ||
        g_str_equal(terminal, "dumb"))
        return NULL;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        size.ws_col = 80;
    p = hs_progress_new_full(what, stderr, size.ws_col, g_get_monotonic_time);
    p->tick = g_timeout_add(TICK_MS, tick, p);
    return p;
}

void
hs_progress_free(HsProgress *p)
{
    if (p == NULL)
        return;
    hs_progress_wipe(p);
    if (p->tick != 0)
        g_source_remove(p->tick);
    g_free(p->what);
    g_free(p->note);
    g_free(p);
}

void
hs_progress_set(HsProgress *p, double done, double all, const char *unit)
{
    if (p == NULL)
        return;
    if (done < p->done)
        p->started = p->clock(); /* the next of several stages */
    if (done != p->done || all != p->all)
        p->moved = p->clock();
    p->done = done;
    p->all = all;
    p->unit = unit;
    draw_if_due(p);
}

void
hs_progress_note(HsProgress *p, const char *note)
{
    char *old;

    if (p == NULL)
        return;
    old = p->note;
    p->note = g_strdup(note);
    g_free(old);
}

void
hs_progress_wipe(HsProgress *p)
{
    if (p == NULL || !p->visible)
        return;
    fputs("\r\033[K", p->stream);
    fflush(p->stream);
    p->visible = false;
}

void
hs_progress_time(void *progress, HsTime now, HsTime end)
{
    hs_progress_set(progress, (double)now / 1e9, (double)end / 1e9, "s");
}

void
hs_progress_count(void *progress, unsigned ended, unsigned all)
{
    hs_progress_set(progress, ended, all, NULL);
}
