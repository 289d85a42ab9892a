/* What a full capture costs: the same scenario through the program itself,
 * with its capture on and off, in turns.
 *
 * Processor time (user and system, of the child) and wall time, each as the
 * median of the rounds' ratios. The folder for results is made under the
 * current one, on whatever disk that is, and removed again.
 *
 * usage: bench_capture PROGRAM SCENARIO */

#include "config.h"

#include "tests/bench/measure.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 5

typedef struct {
    double cpu, wall; /* seconds */
} Cost;

static double
seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static Cost
run(const char *program, const char *scenario, const char *folder, bool capture)
{
    const char *argv[] = {program,
                          "run",
                          "--quiet",
                          "--out",
                          folder,
                          scenario,
                          capture ? NULL : "--no-capture",
                          NULL};
    gint64 start = g_get_monotonic_time();
    struct rusage usage;
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        execv(program, (char *const *)(void *)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid ||
        !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "bench_capture: %s %s did not run\n", program,
                scenario);
        exit(1);
    }
    return (Cost){.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
                  .wall = (double)(g_get_monotonic_time() - start) / 1e6};
}

/* Removes FOLDER; returns the size of its largest file, the capture. */
static uint64_t
empty(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    uint64_t most = 0;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        uint64_t size;
        struct stat info;

        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            size = empty(path);
        } else {
            size = (uint64_t)info.st_size;
            g_unlink(path);
        }
        if (size > most)
            most = size;
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_rmdir(folder);
    return most;
}

int
main(int argc, char **argv)
{
    unsigned rounds = bench_rounds(ROUNDS);
    g_autofree double *on_cpu = g_new(double, rounds);
    g_autofree double *on_wall = g_new(double, rounds);
    g_autofree double *off_cpu = g_new(double, rounds);
    g_autofree double *off_wall = g_new(double, rounds);
    g_autofree double *cpu = g_new(double, rounds);
    g_autofree double *wall = g_new(double, rounds);
    char folder[] = "bench-capture-XXXXXX";
    BenchSpread cpu_ratio, wall_ratio;
    uint64_t size = 0;

    if (argc != 3) {
        fprintf(stderr, "usage: bench_capture PROGRAM SCENARIO\n");
        return 2;
    }
    if (g_mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    for (unsigned i = 0; i < rounds; i++) {
        Cost on, off;

        off = run(argv[1], argv[2], folder, false);
        on = run(argv[1], argv[2], folder, true);
        size = empty(folder);
        on_cpu[i] = on.cpu;
        on_wall[i] = on.wall;
        off_cpu[i] = off.cpu;
        off_wall[i] = off.wall;
        cpu[i] = on.cpu / off.cpu;
        wall[i] = on.wall / off.wall;
    }
    cpu_ratio = bench_spread(cpu, rounds);
    wall_ratio = bench_spread(wall, rounds);
    printf("capture: %s, %.0f MB written\n", argv[2], (double)size / 1e6);
    printf("                on       off   ratio\n");
    printf("  cpu     %6.2f s  %6.2f s   %5.2f  (%.2f-%.2f)\n",
           bench_spread(on_cpu, rounds).median,
           bench_spread(off_cpu, rounds).median, cpu_ratio.median,
           cpu_ratio.least, cpu_ratio.most);
    printf("  wall    %6.2f s  %6.2f s   %5.2f  (%.2f-%.2f)\n",
           bench_spread(on_wall, rounds).median,
           bench_spread(off_wall, rounds).median, wall_ratio.median,
           wall_ratio.least, wall_ratio.most);
    printf("  goal: at most 1.25\n");
    return 0;
}
