/* The main() of a check program: runs its suites, each test in a process of
 * its own, and names every failure. */

#ifndef HS_TESTS_HARNESS_RUN_H
#define HS_TESTS_HARNESS_RUN_H

#include <check.h>

/* Runs SUITE (transfer full) and returns main()'s value. A suite in which no
 * test ran is a failure. */
int run_suite(Suite *suite);

/* For suites in which real daemons meet us by the wall clock, where a busy
 * machine can be the one that is late: what fails is tried up to twice more, as a
 * whole, and each is shown. */
int run_suite_by_the_wall_clock(Suite *(*make_suite)(void));

#endif
