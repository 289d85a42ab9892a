#include "config.h"

#include "tests/harness/run.h"

#include <stdio.h>
#include <stdlib.h>

int
run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed, ran;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    ran = srunner_ntests_run(runner);
    srunner_free(runner);
    if (ran == 0)
        fputs("no test ran\n", stderr);
    return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
run_suite_by_the_wall_clock(Suite *(*make_suite)(void))
{
    for (unsigned more = 2; more > 0; more--) {
        if (run_suite(make_suite()) == EXIT_SUCCESS)
            return EXIT_SUCCESS;
        puts("once more: the machine may have been busy");
    }
    return run_suite(make_suite());
}
