/* The handler does what a handler may: it stores a number, puts the defaults
 * back and writes to a descriptor. All else is done by who asks. */

#include "config.h"

#include "sim/interrupt.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int caught[] = {SIGINT, SIGTERM};

static volatile sig_atomic_t came;
static int wake = -1;

static void
handle(int number)
{
    static const uint64_t one = 1;
    int saved = errno;

    came = number;
    for (unsigned i = 0; i < G_N_ELEMENTS(caught); i++)
        signal(caught[i], SIG_DFL);
    /* It cannot be full: this is the only write there is. */
    if (write(wake, &one, sizeof one) < 0)
        came = number;
    errno = saved;
}

void
hs_interrupt_catch(void)
{
    if (wake >= 0)
        return;
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (unsigned i = 0; i < G_N_ELEMENTS(caught); i++) {
        struct sigaction action = {.sa_handler = handle,
                                   .sa_flags = SA_RESTART};
        struct sigaction before;

        sigaction(caught[i], NULL, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
    }
}

int
hs_interrupt_signal(void)
{
    return (int)came;
}

int
hs_interrupt_status(void)
{
    return 128 + (int)came;
}

int
hs_interrupt_fd(void)
{
    return wake;
}
