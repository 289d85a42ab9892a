/* A fake world: the second implementation of HsEnv, for tests of node models
 * and of the load.
 *
 * Several nodes share one fake clock. Between each two nodes lies a path in
 * each direction, with a delay and a switch that cuts it; datagrams can also
 * be lost, doubled or damaged one by one. Streams are reliable and in order,
 * as TCP's are, and survive a cut the way TCP does, in simple numbers:
 *
 *     RTO           200 ms + round trip, doubled at each retry, at most 120 s
 *     data          16 transmissions without an answer end it: TIMEOUT
 *     SYN           after 1, 2, 4, 8, 16, 32 and 64 s without an answer:
 *                   CONNECT_TIMEOUT after 127 s
 *     nobody there  RST: REFUSED while connecting, RESET later
 *     window        none; while retrying, new data waits
 *
 * A typical test:
 *
 *     g_autoptr(FakeWorld) w = fake_world_new(1);
 *     HsEnv *app = fake_world_node(w, "app", "10.0.0.1");
 *     HsEnv *db = fake_world_node(w, "db", "172.16.0.1");
 *
 *     ... give them models ...
 *     fake_world_run(w, HS_SEC(10));
 *     fake_world_cut(w, app, db, true);
 *     fake_world_run(w, HS_SEC(20));
 *     ck_assert_uint_eq(fake_world_count(w, HS_FACT_BGP, NULL, "Idle"), 1);
 *
 * Events of one instant run in the order in which they were asked for. The
 * models are freed before the world. */

#ifndef HS_TESTS_HARNESS_FAKE_ENV_H
#define HS_TESTS_HARNESS_FAKE_ENV_H

#include "models/base/env.h"

#include <glib.h>

typedef struct FakeWorld FakeWorld;

/* One direction between two nodes. A mask's bit n concerns the n-th datagram
 * sent from now on. */
typedef struct {
    HsDuration delay; /* 1 ms unless set */
    bool cut;         /* whatever is sent now is lost */
    uint64_t lose;
    uint64_t duplicate;
    uint64_t corrupt; /* the last byte changes */
} FakePath;

FakeWorld *fake_world_new(uint64_t seed);
void fake_world_free(FakeWorld *w); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeWorld, fake_world_free)

/* A node with one address, to begin with. */
HsEnv *fake_world_node(FakeWorld *w, const char *name, const char *address);
void fake_world_add_address(FakeWorld *w, HsEnv *node, const char *address);
HsAddr fake_world_address(FakeWorld *w, HsEnv *node); /* its first */

FakePath *fake_world_path(FakeWorld *w, HsEnv *from, HsEnv *to);

/* Both directions at once. */
void fake_world_set_delay(FakeWorld *w, HsEnv *a, HsEnv *b, HsDuration delay);
void fake_world_cut(FakeWorld *w, HsEnv *a, HsEnv *b, bool cut);

HsTime fake_world_now(const FakeWorld *w);

/* Everything up to and at UNTIL; the clock stands there afterwards. */
void fake_world_run(FakeWorld *w, HsTime until);

/* Calls FUNCTION at an instant of the run. */
void fake_world_at(FakeWorld *w, HsTime at, void (*function)(void *user_data),
                   void *user_data);

/* What the nodes said */

/* HsFact, in order, with all texts interned. */
const GArray *fake_world_facts(const FakeWorld *w);

/* Facts of KIND; SUBJECT, and TO or CAUSE, count if they are not NULL. */
guint fake_world_count(const FakeWorld *w, HsFactKind kind, const char *subject,
                       const char *to_or_cause);

/* The facts as lines (transfer full): "[ 1.000000000] app request pool #3". */
char *fake_world_facts_text(const FakeWorld *w);

const char *fake_world_trace(const FakeWorld *w);

#endif
