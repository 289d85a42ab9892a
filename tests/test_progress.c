/* The line that says how far something has come: when it is there, what it
 * says, and that nothing of it is left. */

#include "config.h"

#include "sim/progress.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <stdlib.h>

static int64_t now;

static int64_t
fake_clock(void)
{
    return now;
}

static void
wait_s(double seconds)
{
    now += (int64_t)(seconds * 1e6);
}

typedef struct {
    HsProgress *progress;
    FILE *stream;
    char *text;
    size_t length;
} Screen;

static void
screen_init(Screen *s, const char *what, unsigned columns)
{
    now = 5000000;
    *s = (Screen){0};
    s->stream = open_memstream(&s->text, &s->length);
    s->progress = hs_progress_new_full(what, s->stream, columns, fake_clock);
}

static void
screen_clear(Screen *s)
{
    hs_progress_free(s->progress);
    fclose(s->stream);
    free(s->text);
}

#define LINE "\r\033[K"

START_TEST(a_short_run_shows_nothing)
{
    Screen s;

    screen_init(&s, "dx-cut", 80);
    for (int i = 0; i < 19; i++) {
        wait_s(0.1);
        hs_progress_time(s.progress, HS_SEC(15) * i, HS_SEC(300));
    }
    hs_progress_free(g_steal_pointer(&s.progress));
    fflush(s.stream);
    ck_assert_uint_eq(s.length, 0);
    screen_clear(&s);
}
END_TEST

START_TEST(a_run_has_its_time_left)
{
    Screen s;

    screen_init(&s, "dx-cut", 80);
    wait_s(3);
    hs_progress_time(s.progress, HS_SEC(60), HS_SEC(300));
    fflush(s.stream);
    ck_assert_str_eq(s.text, LINE "dx-cut: 20 %, 60 of 300 s, 12 s left");
    screen_clear(&s);
}
END_TEST

START_TEST(it_is_drawn_a_few_times_a_second)
{
    Screen s;
    unsigned lines = 0;

    screen_init(&s, "dx-cut", 80);
    wait_s(3);
    for (int i = 1; i <= 1000; i++) {
        wait_s(0.001);
        hs_progress_time(s.progress, HS_MSEC(300) * i, HS_SEC(300));
    }
    fflush(s.stream);
    for (const char *c = s.text; *c != '\0'; c++)
        lines += *c == '\r';
    ck_assert_uint_ge(lines, 4);
    ck_assert_uint_le(lines, 6);
    screen_clear(&s);
}
END_TEST

/* Children: between two that end the estimate goes down by itself, and one that
 * proved wrong is not shown. */
START_TEST(children_are_counted)
{
    Screen s;

    screen_init(&s, "check", 80);
    wait_s(30);
    hs_progress_count(s.progress, 1, 5);
    hs_progress_note(s.progress, "1 failed");
    wait_s(20);
    hs_progress_count(s.progress, 1, 5);
    wait_s(110);
    hs_progress_count(s.progress, 1, 5);
    fflush(s.stream);
    ck_assert_str_eq(s.text,
                     LINE "check: 1 of 5, 2 min 00 s left" LINE
                          "check: 1 of 5, 1 failed, 1 min 40 s left" LINE
                          "check: 1 of 5, 1 failed");
    screen_clear(&s);
}
END_TEST

START_TEST(hours_are_hours)
{
    Screen s;

    screen_init(&s, NULL, 80);
    wait_s(100);
    hs_progress_count(s.progress, 1, 100);
    fflush(s.stream);
    ck_assert_str_eq(s.text, LINE "1 of 100, 2 h 45 min left");
    screen_clear(&s);
}
END_TEST

START_TEST(what_is_wiped_comes_back)
{
    Screen s;

    screen_init(&s, NULL, 80);
    wait_s(4);
    hs_progress_count(s.progress, 1, 2);
    hs_progress_wipe(s.progress);
    hs_progress_wipe(s.progress);
    wait_s(0.01);
    hs_progress_count(s.progress, 1, 2);
    hs_progress_free(g_steal_pointer(&s.progress));
    fflush(s.stream);
    ck_assert_str_eq(s.text,
                     LINE "1 of 2, 4 s left" LINE LINE "1 of 2, 4 s left" LINE);
    screen_clear(&s);
}
END_TEST

/* One that wraps could not be wiped. */
START_TEST(a_line_is_never_wider_than_the_terminal)
{
    Screen s;

    screen_init(&s, "a-scenario-with-a-long-näme", 30);
    wait_s(4);
    hs_progress_count(s.progress, 1, 2);
    fflush(s.stream);
    ck_assert_str_eq(s.text, LINE "a-scenario-with-a-long-näme: ");
    screen_clear(&s);
}
END_TEST

START_TEST(none_is_fine)
{
    hs_progress_set(NULL, 1, 2, "s");
    hs_progress_note(NULL, "x");
    hs_progress_wipe(NULL);
    hs_progress_time(NULL, 1, 2);
    hs_progress_count(NULL, 1, 2);
    hs_progress_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tcase = tcase_create("progress");

    tcase_add_test(tcase, a_short_run_shows_nothing);
    tcase_add_test(tcase, a_run_has_its_time_left);
    tcase_add_test(tcase, it_is_drawn_a_few_times_a_second);
    tcase_add_test(tcase, children_are_counted);
    tcase_add_test(tcase, hours_are_hours);
    tcase_add_test(tcase, what_is_wiped_comes_back);
    tcase_add_test(tcase, a_line_is_never_wider_than_the_terminal);
    tcase_add_test(tcase, none_is_fine);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
