/* The environment of a simulated node: HsEnv over the engine.
 *
 * One for each node. It gives a model the simulation's clock, alarms, the
 * node's named random streams and, if the node has one, its host stack; and it
 * puts the model's facts and trace lines into the run's streams. The other
 * implementation of HsEnv is tests/harness/fake_env.h. */

#ifndef HS_WORLD_ENV_H
#define HS_WORLD_ENV_H

#include "models/base/env.h"
#include "sim/engine/ns3_shim.h"

typedef struct HsSimEnv HsSimEnv;

/* What the nodes of one run share; it outlives them. */
typedef struct {
    HsSim *sim; /* borrowed */
    uint64_t seed;
    /* Takes each fact, complete. */
    void (*fact)(void *user_data, const HsFact *fact);
    /* Takes each trace line; NULL when nobody reads the trace. */
    void (*trace)(void *user_data, const char *line);
    void *user_data; /* borrowed */
} HsSimEnvShared;

/* SHARED is borrowed and outlives it. HOST is the stack for streams and
 * datagrams, or NULL for a node without one. */
HsSimEnv *
hs_sim_env_new(const HsSimEnvShared *shared, const char *node, HsSimHost *host);
void hs_sim_env_free(HsSimEnv *env); /* NULL is fine */

/* The face that models see; lives as long as ENV. */
HsEnv *hs_sim_env_face(HsSimEnv *env);

/* The node is handling a packet from here to the next call; EVIDENCE NULL: no
 * more. */
void hs_sim_env_handling(HsSimEnv *env, const HsEvidence *evidence);

#endif
