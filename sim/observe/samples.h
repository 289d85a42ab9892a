/* The measurements in the stream of facts, brought together: each request of a
 * database client with what became of it, each probe with its arrival.
 *
 * The stream tells of a request twice, when it is sent and when it ends. The
 * timeline and the statistics need both ends of each, in the order in which
 * they were due to be sent. */

#ifndef HS_OBSERVE_SAMPLES_H
#define HS_OBSERVE_SAMPLES_H

#include "models/base/simtime.h"
#include "sim/observe/facts.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define HS_REQUEST_STATES(X)                                                   \
    X(PENDING, "pending") /* no end of it was seen */                          \
    X(ANSWERED, "answered")                                                    \
    X(FAILED, "failed")

typedef enum {
#define X(name, text) HS_REQUEST_##name,
    HS_REQUEST_STATES(X)
#undef X
        HS_REQUEST_STATE_COUNT
} HsRequestState;

typedef struct {
    HsTime sent; /* the intended instant: no coordinated omission */
    HsTime done; /* answered or failed; HS_TIME_NEVER while pending */
    const char *connection; /* the one that ended it, interned, or NULL */
    uint64_t id;
    size_t fact; /* of its end, or of the request itself while pending */
    HsRequestState state;
} HsRequestSample;

typedef struct {
    const char *client; /* interned */
    GArray *requests;   /* HsRequestSample by sent, then as they came; owned */
    GArray *answers;    /* guint: answered ones in REQUESTS by done; owned */
} HsClientSamples;

typedef struct {
    HsTime sent;
    HsTime arrived; /* HS_TIME_NEVER: it did not */
    uint64_t id;
    size_t sent_fact, arrived_fact;
} HsProbeSample;

typedef struct {
    const char *direction; /* "app->db", interned */
    const char *probe;     /* of APART: its name, interned; else NULL */
    GArray *probes;        /* HsProbeSample in the order of sending; owned */
    HsDuration delay_max;  /* of those that arrived */
} HsDirectionSamples;

typedef struct {
    GPtrArray *clients;    /* HsClientSamples by name; owned */
    GPtrArray *directions; /* HsDirectionSamples, as they came; owned */
    /* Likewise, of probes that are not between the database's hosts: they say
     * nothing about its data plane. */
    GPtrArray *apart;
} HsSamples;

HsSamples *hs_samples_new(const HsFacts *facts);
void hs_samples_free(HsSamples *samples); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsSamples, hs_samples_free)

/* NULL if it has no such client. */
const HsClientSamples *
hs_samples_client(const HsSamples *samples, const char *client);

static inline const HsRequestSample *
hs_client_request(const HsClientSamples *client, guint index)
{
    return &g_array_index(client->requests, HsRequestSample, index);
}

/* The INDEX-th answer in the order in which they came. */
static inline const HsRequestSample *
hs_client_answer(const HsClientSamples *client, guint index)
{
    return hs_client_request(client,
                             g_array_index(client->answers, guint, index));
}

#endif
