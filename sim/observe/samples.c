/* Requests and probes, each with its two ends.
 *
 * A request's id is its client's own; the clients choose them, so they are
 * found by a table. A reply says how long after the intended send it came:
 * that, and not the instant at which the client got round to sending, is when
 * the request was due. An end without a beginning (the stream was cut) counts
 * like any other, since it tells both instants; a second end of the same
 * request is ignored. */

#include "config.h"

#include "sim/observe/samples.h"

#include <string.h>

typedef struct {
    HsClientSamples *samples; /* borrowed */
    GHashTable *places;       /* id to index in requests, plus one */
} Client;

typedef struct {
    HsDirectionSamples *samples; /* borrowed */
    GHashTable *places;
} Direction;

typedef struct {
    GArray *clients;    /* Client, as in the result */
    GArray *directions; /* Direction */
} Builder;

static void
client_samples_free(gpointer data)
{
    HsClientSamples *client = data;

    g_array_unref(client->requests);
    g_array_unref(client->answers);
    g_free(client);
}

static void
direction_samples_free(gpointer data)
{
    HsDirectionSamples *direction = data;

    g_array_unref(direction->probes);
    g_free(direction);
}

static Client *
client_of(Builder *b, HsSamples *samples, const char *name)
{
    Client client;

    for (guint i = 0; i < b->clients->len; i++) {
        Client *known = &g_array_index(b->clients, Client, i);

        if (known->samples->client == name)
            return known;
    }
    client.samples = g_new0(HsClientSamples, 1);
    client.samples->client = name;
    client.samples->requests =
        g_array_new(FALSE, FALSE, sizeof(HsRequestSample));
    client.samples->answers = g_array_new(FALSE, FALSE, sizeof(guint));
    client.places = g_hash_table_new(NULL, NULL);
    g_ptr_array_add(samples->clients, client.samples);
    g_array_append_val(b->clients, client);
    return &g_array_index(b->clients, Client, b->clients->len - 1);
}

static Direction *
direction_of(Builder *b, HsSamples *samples, const HsFact *fact)
{
    Direction direction;

    for (guint i = 0; i < b->directions->len; i++) {
        Direction *known = &g_array_index(b->directions, Direction, i);

        if (known->samples->direction == fact->subject)
            return known;
    }
    direction.samples = g_new0(HsDirectionSamples, 1);
    direction.samples->direction = fact->subject;
    direction.samples->probe = fact->peer;
    direction.samples->probes =
        g_array_new(FALSE, FALSE, sizeof(HsProbeSample));
    direction.places = g_hash_table_new(NULL, NULL);
    g_ptr_array_add(fact->peer != NULL ? samples->apart : samples->directions,
                    direction.samples);
    g_array_append_val(b->directions, direction);
    return &g_array_index(b->directions, Direction, b->directions->len - 1);
}

/* The place of ID in an array of length LENGTH, which is LENGTH for one that
 * is not there yet. */
static guint
place_of(GHashTable *places, uint64_t id, guint length)
{
    gpointer key = GSIZE_TO_POINTER(id);
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));

    if (place != 0)
        return place - 1;
    g_hash_table_insert(places, key, GUINT_TO_POINTER(length + 1));
    return length;
}

static HsRequestSample *
request_of(Client *client, const HsFact *fact, size_t index)
{
    GArray *requests = client->samples->requests;
    guint place = place_of(client->places, fact->id, requests->len);

    if (place == requests->len) {
        HsRequestSample request = {
            .sent = fact->at,
            .done = HS_TIME_NEVER,
            .connection = fact->peer,
            .id = fact->id,
            .fact = index,
            .state = HS_REQUEST_PENDING,
        };

        g_array_append_val(requests, request);
    }
    return &g_array_index(requests, HsRequestSample, place);
}

static void
take_end(Client *client, const HsFact *fact, size_t index, HsRequestState state)
{
    HsRequestSample *request = request_of(client, fact, index);

    if (request->state != HS_REQUEST_PENDING)
        return;
    request->state = state;
    request->done = fact->at;
    request->sent = fact->at - fact->value;
    if (fact->peer != NULL)
        request->connection = fact->peer;
    request->fact = index;
}

static HsProbeSample *
probe_of(Direction *direction, const HsFact *fact, size_t index)
{
    GArray *probes = direction->samples->probes;
    guint place = place_of(direction->places, fact->id, probes->len);

    if (place == probes->len) {
        HsProbeSample probe = {
            .sent = fact->at,
            .arrived = HS_TIME_NEVER,
            .id = fact->id,
            .sent_fact = index,
        };

        g_array_append_val(probes, probe);
    }
    return &g_array_index(probes, HsProbeSample, place);
}

static void
take_arrival(Direction *direction, const HsFact *fact, size_t index)
{
    HsProbeSample *probe = probe_of(direction, fact, index);

    if (probe->arrived != HS_TIME_NEVER)
        return; /* a duplicate */
    probe->sent = fact->at - fact->value;
    probe->arrived = fact->at;
    probe->arrived_fact = index;
    if (fact->value > direction->samples->delay_max)
        direction->samples->delay_max = fact->value;
}

static int
by_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
by_time(HsTime a, HsTime b)
{
    return (a > b) - (a < b);
}

static gint
requests_by_sent(gconstpointer a, gconstpointer b)
{
    const HsRequestSample *x = a, *y = b;

    return x->sent != y->sent ? by_time(x->sent, y->sent)
                              : by_number(x->id, y->id);
}

static gint
answers_by_done(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const HsClientSamples *client = user_data;
    const HsRequestSample *x = hs_client_request(client, *(const guint *)a);
    const HsRequestSample *y = hs_client_request(client, *(const guint *)b);

    return x->done != y->done ? by_time(x->done, y->done)
                              : by_number(x->fact, y->fact);
}

static gint
probes_by_sent(gconstpointer a, gconstpointer b)
{
    const HsProbeSample *x = a, *y = b;

    return x->sent != y->sent ? by_time(x->sent, y->sent)
                              : by_number(x->id, y->id);
}

/* Which client happened to ask first is chance; their names are not. */
static gint
clients_by_name(gconstpointer a, gconstpointer b)
{
    const HsClientSamples *const *x = a, *const *y = b;

    return strcmp((*x)->client, (*y)->client);
}

static void
finish(Builder *b, HsSamples *all)
{
    g_ptr_array_sort(all->clients, clients_by_name);
    for (guint i = 0; i < b->clients->len; i++) {
        Client *client = &g_array_index(b->clients, Client, i);
        HsClientSamples *samples = client->samples;

        g_array_sort(samples->requests, requests_by_sent);
        for (guint k = 0; k < samples->requests->len; k++)
            if (hs_client_request(samples, k)->state == HS_REQUEST_ANSWERED)
                g_array_append_val(samples->answers, k);
        g_array_sort_with_data(samples->answers, answers_by_done, samples);
        g_hash_table_unref(client->places);
    }
    for (guint i = 0; i < b->directions->len; i++) {
        Direction *direction = &g_array_index(b->directions, Direction, i);

        g_array_sort(direction->samples->probes, probes_by_sent);
        g_hash_table_unref(direction->places);
    }
    g_array_unref(b->clients);
    g_array_unref(b->directions);
}

HsSamples *
hs_samples_new(const HsFacts *facts)
{
    const uint32_t kinds =
        HS_FACT_BIT(HS_FACT_REQUEST) | HS_FACT_BIT(HS_FACT_REPLY) |
        HS_FACT_BIT(HS_FACT_REQUEST_FAILED) | HS_FACT_BIT(HS_FACT_PROBE_SENT) |
        HS_FACT_BIT(HS_FACT_PROBE_RECEIVED);
    HsSamples *samples = g_new0(HsSamples, 1);
    Builder b = {
        .clients = g_array_new(FALSE, FALSE, sizeof(Client)),
        .directions = g_array_new(FALSE, FALSE, sizeof(Direction)),
    };
    HsFact fact;

    samples->clients = g_ptr_array_new_with_free_func(client_samples_free);
    samples->directions =
        g_ptr_array_new_with_free_func(direction_samples_free);
    samples->apart = g_ptr_array_new_with_free_func(direction_samples_free);
    for (size_t i = 0; hs_facts_next(facts, &i, kinds, &fact);) {
        if (fact.kind == HS_FACT_REQUEST)
            request_of(client_of(&b, samples, fact.subject), &fact, i - 1);
        else if (fact.kind == HS_FACT_REPLY)
            take_end(client_of(&b, samples, fact.subject), &fact, i - 1,
                     HS_REQUEST_ANSWERED);
        else if (fact.kind == HS_FACT_REQUEST_FAILED)
            take_end(client_of(&b, samples, fact.subject), &fact, i - 1,
                     HS_REQUEST_FAILED);
        else if (fact.kind == HS_FACT_PROBE_SENT)
            probe_of(direction_of(&b, samples, &fact), &fact, i - 1);
        else
            take_arrival(direction_of(&b, samples, &fact), &fact, i - 1);
    }
    finish(&b, samples);
    return samples;
}

void
hs_samples_free(HsSamples *samples)
{
    if (samples == NULL)
        return;
    g_ptr_array_unref(samples->clients);
    g_ptr_array_unref(samples->directions);
    g_ptr_array_unref(samples->apart);
    g_free(samples);
}

const HsClientSamples *
hs_samples_client(const HsSamples *samples, const char *client)
{
    for (guint i = 0; i < samples->clients->len; i++) {
        const HsClientSamples *known = g_ptr_array_index(samples->clients, i);

        if (g_strcmp0(known->client, client) == 0)
            return known;
    }
    return NULL;
}
