/* What comes out of a session: the queue, the names, the counters. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

const char *
ike_state_name(IkeState state)
{
    static const char *const names[] = {
#define X(name, text) [IKE_STATE_##name] = text,
        IKE_STATES(X)
#undef X
    };

    g_assert((unsigned)state < G_N_ELEMENTS(names));
    return names[state];
}

const char *
ike_cause_name(IkeCause cause)
{
    static const char *const names[] = {
#define X(name, text) [IKE_CAUSE_##name] = text,
        IKE_CAUSES(X)
#undef X
    };

    g_assert((unsigned)cause < G_N_ELEMENTS(names));
    return names[cause];
}

const char *
ike_counter_name(IkeCounter counter)
{
    static const char *const names[] = {
#define X(name, text) [IKE_COUNT_##name] = text,
        IKE_COUNTERS(X)
#undef X
    };

    g_assert((unsigned)counter < G_N_ELEMENTS(names));
    return names[counter];
}

void
ike_output_clear(IkeOutput *output)
{
    g_clear_pointer(&output->bytes, g_bytes_unref);
    if (output->keys != NULL)
        explicit_bzero(output->keys, sizeof *output->keys);
    g_clear_pointer(&output->keys, g_free);
    if (output->child != NULL)
        explicit_bzero(output->child, sizeof *output->child);
    g_clear_pointer(&output->child, g_free);
}

void
ike_output_free(void *data)
{
    IkeOutput *output = data;

    ike_output_clear(output);
    g_free(output);
}

IkeOutput *
ike_output_add(IkeSession *s, IkeOutputKind kind)
{
    IkeOutput *output = g_new0(IkeOutput, 1);

    output->kind = kind;
    g_queue_push_tail(&s->outputs, output);
    return output;
}

bool
ike_session_poll(IkeSession *s, IkeOutput *ret_output)
{
    IkeOutput *output = g_queue_pop_head(&s->outputs);

    if (output == NULL)
        return false;
    *ret_output = *output;
    g_free(output);
    return true;
}

uint64_t
ike_session_counter(const IkeSession *s, IkeCounter counter)
{
    g_assert((unsigned)counter < IKE_COUNTER_COUNT);
    return s->counters[counter];
}

void
ike_count(IkeSession *s, IkeCounter counter)
{
    s->counters[counter]++;
}
