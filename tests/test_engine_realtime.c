/* A simulation by the wall clock. What is asserted holds on any machine,
 * however slow: nothing happens too early, in another order, or unnoticed. */

#include "config.h"

#include "sim/engine/realtime.h"
#include "tests/harness/run.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static HsSim *sim;
static HsRealtime *realtime;
static GString *story;
static int64_t began;
static HsDuration fell_behind_by;

static int64_t
clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * HS_SEC(1) + t.tv_nsec;
}

static void
note_lag(void *user_data, HsDuration lag)
{
    (void)user_data;
    fell_behind_by = MAX(fell_behind_by, lag);
}

static void
set_up(void)
{
    const HsRealtimeConfig config = {.limit = HS_MSEC(40),
                                     .fell_behind = note_lag};

    sim = hs_sim_new(1);
    realtime = hs_realtime_new(sim, &config);
    story = g_string_new(NULL);
    fell_behind_by = 0;
    began = clock_now();
}

static void
tear_down(void)
{
    hs_realtime_free(realtime);
    hs_sim_free(sim);
    g_string_free(story, TRUE);
}

/* Never before its time, by the real clock. */
static void
note(void *user_data)
{
    ck_assert_int_ge(clock_now() - began, hs_sim_now(sim));
    g_string_append_printf(story, "%s ", (const char *)user_data);
}

static void
at(HsTime when, const char *name)
{
    hs_sim_schedule(sim, when, note, (void *)(uintptr_t)name, NULL);
}

static void
dawdle(void *user_data)
{
    (void)user_data;
    g_usleep(120000);
}

static void
stop(void *user_data)
{
    (void)user_data;
    hs_realtime_stop(realtime);
}

/* Pipes */

typedef struct {
    int fd[2];
    unsigned reads;
} Pipe;

static void
open_pipe(Pipe *pipe_)
{
    ck_assert_int_eq(pipe2(pipe_->fd, O_NONBLOCK | O_CLOEXEC), 0);
    pipe_->reads = 0;
}

static void
close_pipe(Pipe *pipe_)
{
    close(pipe_->fd[0]);
    close(pipe_->fd[1]);
}

static void
write_byte(void *user_data)
{
    const Pipe *pipe_ = user_data;

    ck_assert_int_eq(write(pipe_->fd[1], "x", 1), 1);
}

static void
read_byte(void *user_data)
{
    Pipe *pipe_ = user_data;
    char byte;

    ck_assert_int_eq(read(pipe_->fd[0], &byte, 1), 1);
    pipe_->reads++;
    hs_realtime_advance(realtime);
    g_string_append(story, "read ");
}

static void
read_and_unwatch(void *user_data)
{
    Pipe *pipe_ = user_data;

    read_byte(pipe_);
    hs_realtime_unwatch(realtime, pipe_->fd[0]);
}

START_TEST(the_next_event_is_known)
{
    HsSimEvent *event;

    ck_assert_int_eq(hs_sim_next_event(sim), HS_TIME_NEVER);
    at(HS_MSEC(7), "b");
    event =
        hs_sim_schedule(sim, HS_MSEC(3), note, (void *)(uintptr_t) "a", NULL);
    ck_assert_int_eq(hs_sim_next_event(sim), HS_MSEC(3));
    hs_sim_cancel(event);
    ck_assert_int_eq(hs_sim_next_event(sim), HS_MSEC(7));
}
END_TEST

START_TEST(events_wait_for_their_time)
{
    at(HS_MSEC(20), "b");
    at(HS_MSEC(10), "a");
    at(HS_MSEC(20), "c");
    at(HS_MSEC(60), "beyond");
    hs_realtime_run(realtime, HS_MSEC(30));
    ck_assert_str_eq(story->str, "a b c ");
    ck_assert_int_eq(hs_sim_now(sim), HS_MSEC(30));
    ck_assert_int_ge(clock_now() - began, HS_MSEC(30));
}
END_TEST

/* With nothing to do it sleeps, and still ends. */
START_TEST(an_empty_simulation_ends_in_time)
{
    hs_realtime_run(realtime, HS_MSEC(12));
    ck_assert_int_eq(hs_sim_now(sim), HS_MSEC(12));
    ck_assert_int_ge(clock_now() - began, HS_MSEC(12));
}
END_TEST

START_TEST(a_descriptor_is_read_between_events)
{
    Pipe pipe_;

    open_pipe(&pipe_);
    hs_realtime_watch(realtime, pipe_.fd[0], read_byte, &pipe_);
    hs_sim_schedule(sim, HS_MSEC(5), write_byte, &pipe_, NULL);
    at(HS_SEC(30), "too late");
    hs_sim_schedule(sim, HS_MSEC(200), stop, NULL, NULL);
    hs_realtime_run(realtime, HS_SEC(60));
    ck_assert_str_eq(story->str, "read ");
    ck_assert_int_lt(hs_sim_now(sim), HS_SEC(30));
    close_pipe(&pipe_);
}
END_TEST

/* From its own READY, with the byte of another one waiting in the same
 * wake-up; and one that is watched later counts. */
START_TEST(an_unwatched_descriptor_is_not_read_again)
{
    Pipe a, b;

    open_pipe(&a);
    open_pipe(&b);
    hs_realtime_watch(realtime, a.fd[0], read_and_unwatch, &a);
    hs_realtime_watch(realtime, b.fd[0], read_byte, &b);
    for (unsigned i = 1; i <= 3; i++) {
        hs_sim_schedule(sim, HS_MSEC(i), write_byte, &a, NULL);
        hs_sim_schedule(sim, HS_MSEC(i), write_byte, &b, NULL);
    }
    hs_sim_schedule(sim, HS_MSEC(300), stop, NULL, NULL);
    hs_realtime_run(realtime, HS_SEC(60));
    ck_assert_uint_eq(a.reads, 1);
    ck_assert_uint_eq(b.reads, 3);
    close_pipe(&a);
    close_pipe(&b);
}
END_TEST

/* An event that takes 120 ms: what was due meanwhile is late, and it is told,
 * once. */
START_TEST(lateness_is_noticed)
{
    HsLag lag;

    hs_sim_schedule(sim, HS_MSEC(5), dawdle, NULL, NULL);
    at(HS_MSEC(6), "a");
    at(HS_MSEC(7), "b");
    hs_realtime_run(realtime, HS_MSEC(200));
    lag = hs_realtime_lag(realtime);
    ck_assert_str_eq(story->str, "a b ");
    ck_assert_int_ge(lag.max, HS_MSEC(100));
    ck_assert_int_ge(fell_behind_by, HS_MSEC(100));
    ck_assert_uint_ge(lag.behind, 1);
    ck_assert_uint_ge(lag.wakeups, 2);
    ck_assert_int_le(lag.median, lag.p99);
    ck_assert_int_le(lag.p99, lag.max);
    ck_assert_int_eq(lag.limit, HS_MSEC(40));
}
END_TEST

/* A stop gets through, however much there is to do: here more than all. */
static void
breed(void *user_data)
{
    unsigned *left = user_data;

    g_usleep(1000);
    if (--*left == 0)
        hs_realtime_stop(realtime);
    hs_sim_schedule(sim, hs_sim_now(sim) + HS_USEC(10), breed, left, NULL);
}

START_TEST(a_backlog_does_not_keep_it_from_stopping)
{
    unsigned left = 60;

    hs_sim_schedule(sim, 0, breed, &left, NULL);
    hs_realtime_run(realtime, HS_SEC(30));
    ck_assert_int_lt(hs_sim_now(sim), HS_SEC(10));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine realtime");
    TCase *tc = tcase_create("wall clock");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_next_event_is_known);
    tcase_add_test(tc, events_wait_for_their_time);
    tcase_add_test(tc, an_empty_simulation_ends_in_time);
    tcase_add_test(tc, a_descriptor_is_read_between_events);
    tcase_add_test(tc, an_unwatched_descriptor_is_not_read_again);
    tcase_add_test(tc, lateness_is_noticed);
    tcase_add_test(tc, a_backlog_does_not_keep_it_from_stopping);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
