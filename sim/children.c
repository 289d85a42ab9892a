/* Child runs: one process a run, because ns-3 has one simulator a process and
 * a run that dies must not take the others with it. */

#include "config.h"

#include "sim/cli.h"
#include "sim/interrupt.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    GPtrArray *children; /* borrowed */
    GArray *pids;        /* GPid, owned: of those that run */
    GMainLoop *loop;     /* owned */
    guint watch;         /* source of interrupts, or 0 */
    unsigned next, running, ended;
    bool stopped;
    HsChildEnded done; /* may be NULL */
    void *user_data;
} Pool;

typedef struct {
    Pool *pool;
    HsChild *child;
    int errors; /* owned: its stderr, a file because a pipe can fill; it has no
                 * name any more, so that none is left if we are interrupted */
} Job;

static void start_next(Pool *pool);

void
hs_child_free(HsChild *child)
{
    g_strfreev(child->argv);
    g_free(child->errors);
    g_free(child);
}

/* No other child is started, and those that run are ended. */
static void
stop(Pool *pool)
{
    pool->stopped = true;
    pool->next = pool->children->len;
    for (guint i = 0; i < pool->pids->len; i++)
        kill(g_array_index(pool->pids, GPid, i), SIGTERM);
}

static void
tell(Pool *pool, const HsChild *child)
{
    if (pool->done != NULL && child->ended &&
        !pool->done(pool->user_data, child, pool->ended, pool->children->len))
        stop(pool);
}

static void
forget_pid(Pool *pool, GPid pid)
{
    for (guint i = 0; i < pool->pids->len; i++)
        if (g_array_index(pool->pids, GPid, i) == pid) {
            g_array_remove_index_fast(pool->pids, i);
            return;
        }
}

static void
job_ended(GPid pid, int status, void *user_data)
{
    Job *job = user_data;
    Pool *pool = job->pool;
    HsChild *child = job->child;
    g_autofree char *errors = g_strdup_printf("/proc/self/fd/%d", job->errors);

    forget_pid(pool, pid);
    g_spawn_close_pid(pid);
    g_file_get_contents(errors, &child->errors, NULL, NULL);
    close(job->errors);
    child->ended =
        (hs_interrupt_signal() == 0 && !pool->stopped) ||
        (WIFEXITED(status) && WEXITSTATUS(status) <= HS_EXIT_NOTHING);
    if (WIFEXITED(status)) {
        child->status = WEXITSTATUS(status);
    } else {
        char *said = child->errors;

        child->status = HS_EXIT_INTERNAL;
        child->errors =
            g_strdup_printf("%sthe run died: %s\n", said != NULL ? said : "",
                            strsignal(WTERMSIG(status)));
        g_free(said);
    }
    g_free(job);
    pool->running--;
    pool->ended++;
    tell(pool, child);
    start_next(pool);
}

/* In the child. Ctrl-C goes to everybody at the terminal: we take it, and end
 * the children; and they do not outlive us, however we end. */
static void
before_exec(void *user_data)
{
    (void)user_data;
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* False: it could not be started, and has ended. */
static bool
start(Pool *pool, HsChild *child)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    Job *job = g_new0(Job, 1);
    g_autofree char *errors_path = NULL;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    char program[] = "/proc/self/exe";
    GPid pid;

    g_ptr_array_add(argv, program);
    for (char **word = child->argv; *word != NULL; word++)
        g_ptr_array_add(argv, *word);
    g_ptr_array_add(argv, NULL);
    job->pool = pool;
    job->child = child;
    job->errors = g_file_open_tmp("hybridsim-XXXXXX", &errors_path, &error);
    if (job->errors >= 0)
        g_unlink(errors_path);
    if (job->errors >= 0 &&
        g_spawn_async_with_fds(NULL, (char **)argv->pdata, NULL,
                               G_SPAWN_DO_NOT_REAP_CHILD, before_exec, NULL,
                               &pid, -1, null, job->errors, &error)) {
        close(null);
        pool->running++;
        g_array_append_val(pool->pids, pid);
        g_child_watch_add(pid, job_ended, job);
        return true;
    }
    close(null);
    child->status = HS_EXIT_INTERNAL;
    child->errors = g_strdup_printf("%s\n", error->message);
    child->ended = true;
    if (job->errors >= 0)
        close(job->errors);
    g_free(job);
    pool->ended++;
    tell(pool, child);
    return false;
}

static void
start_next(Pool *pool)
{
    while (pool->next < pool->children->len &&
           !start(pool, pool->children->pdata[pool->next++]))
        ;
    if (pool->running == 0 && pool->next == pool->children->len)
        g_main_loop_quit(pool->loop);
}

static gboolean
interrupted(gint fd, GIOCondition condition, gpointer user_data)
{
    Pool *pool = user_data;

    (void)fd;
    (void)condition;
    pool->watch = 0;
    stop(pool);
    if (pool->running == 0)
        g_main_loop_quit(pool->loop);
    return G_SOURCE_REMOVE;
}

unsigned
hs_children_finished(const GPtrArray *children)
{
    unsigned finished = 0;

    for (guint i = 0; i < children->len; i++)
        finished += ((const HsChild *)children->pdata[i])->ended;
    return finished;
}

void
hs_children_run_each(GPtrArray *children, unsigned jobs, HsChildEnded done,
                     void *user_data)
{
    Pool pool = {
        .children = children,
        .loop = g_main_loop_new(NULL, FALSE),
        .done = done,
        .user_data = user_data,
        .pids = g_array_new(FALSE, FALSE, sizeof(GPid)),
    };

    hs_interrupt_catch();
    pool.watch = g_unix_fd_add(hs_interrupt_fd(), G_IO_IN, interrupted, &pool);
    for (unsigned i = 0; i < MAX(jobs, 1); i++)
        start_next(&pool);
    if (pool.ended < children->len)
        g_main_loop_run(pool.loop);
    if (pool.watch != 0)
        g_source_remove(pool.watch);
    g_array_unref(pool.pids);
    g_main_loop_unref(pool.loop);
}

typedef struct {
    void (*done)(void *user_data, unsigned ended, unsigned all);
    void *user_data;
} Counter;

static bool
count(void *user_data, const HsChild *child, unsigned ended, unsigned all)
{
    const Counter *counter = user_data;

    (void)child;
    if (counter->done != NULL)
        counter->done(counter->user_data, ended, all);
    return true;
}

void
hs_children_run(GPtrArray *children, unsigned jobs,
                void (*done)(void *user_data, unsigned ended, unsigned all),
                void *user_data)
{
    Counter counter = {done, user_data};

    hs_children_run_each(children, jobs, count, &counter);
}
