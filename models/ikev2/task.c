/* What an IKE SA wants to do when it has no request out.
 *
 * The window is one request, so wishes wait in a queue: rekeys, deletes,
 * probes. One that can begin now does so at the end of the call that brought
 * it; one that was told TEMPORARY_FAILURE waits for its instant. Closing the SA
 * goes before everything. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

bool
ike_task_has(const IkeSa *sa, IkeTaskKind kind, unsigned child)
{
    if (sa->request != NULL && sa->request->task.kind == kind &&
        sa->request->task.child == child)
        return true;
    for (const GList *l = sa->tasks.head; l != NULL; l = l->next) {
        const IkeTask *task = l->data;

        if (task->kind == kind && task->child == child)
            return true;
    }
    return false;
}

void
ike_task_add(IkeSa *sa, HsTime now, IkeTaskKind kind, unsigned child,
             IkeCause cause, HsDuration wait)
{
    const IkeTask task = {.kind = kind,
                          .child = child,
                          .cause = cause,
                          .not_before = hs_time_add(now, wait)};

    ike_task_again(sa, &task);
}

void
ike_task_again(IkeSa *sa, const IkeTask *task)
{
    IkeTask *copy = g_new(IkeTask, 1);

    *copy = *task;
    if (task->kind == IKE_TASK_CLOSE || task->kind == IKE_TASK_FAILED)
        g_queue_push_head(&sa->tasks, copy);
    else
        g_queue_push_tail(&sa->tasks, copy);
}

void
ike_task_drop(IkeSa *sa, IkeTaskKind kind)
{
    GList *next;

    for (GList *l = sa->tasks.head; l != NULL; l = next) {
        IkeTask *task = l->data;

        next = l->next;
        if (task->kind == kind) {
            g_free(task);
            g_queue_delete_link(&sa->tasks, l);
        }
    }
}

/* Whether anything can be begun at all. */
static bool
may_begin(const IkeSa *sa)
{
    return sa->request == NULL &&
           (sa->stage == IKE_SA_UP || sa->stage == IKE_SA_REPLACED ||
            sa->stage == IKE_SA_AUTH_SENT);
}

static void
start(IkeSa *sa, HsTime now, const IkeTask *task)
{
    switch (task->kind) {
    case IKE_TASK_INIT:
    case IKE_TASK_AUTH:
        g_assert_not_reached(); /* never queued */
    case IKE_TASK_CLOSE:
    case IKE_TASK_FAILED:
    case IKE_TASK_DELETE_CHILD:
    case IKE_TASK_PROBE:
        ike_inform_start(sa, now, task);
        return;
    case IKE_TASK_REKEY_IKE:
        ike_rekey_start(sa, now, task);
        return;
    case IKE_TASK_REKEY_CHILD:
    case IKE_TASK_NEW_CHILD:
        ike_create_start(sa, now, task);
        return;
    }
    g_assert_not_reached();
}

static IkeTask *
take(IkeSa *sa, HsTime now)
{
    for (GList *l = sa->tasks.head; l != NULL; l = l->next) {
        IkeTask *task = l->data;

        if (task->not_before <= now) {
            g_queue_delete_link(&sa->tasks, l);
            return task;
        }
    }
    return NULL;
}

void
ike_task_run(IkeSa *sa, HsTime now)
{
    while (may_begin(sa)) {
        g_autofree IkeTask *task = take(sa, now);

        if (task == NULL)
            return;
        start(sa, now, task);
    }
}

HsTime
ike_task_next(const IkeSa *sa)
{
    HsTime next = HS_TIME_NEVER;

    if (!may_begin(sa))
        return next;
    for (const GList *l = sa->tasks.head; l != NULL; l = l->next) {
        const IkeTask *task = l->data;

        next = hs_time_min(next, task->not_before);
    }
    return next;
}
