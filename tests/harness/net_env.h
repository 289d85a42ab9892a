/* An HsEnv for one router on a fake clock: time, alarms, chance and facts. It
 * has no transport; a call for one ends the test. */

#ifndef HS_TESTS_HARNESS_NET_ENV_H
#define HS_TESTS_HARNESS_NET_ENV_H

#include "models/base/env.h"

#include <glib.h>

typedef struct NetEnv NetEnv;

NetEnv *net_env_new(const char *node);
void net_env_free(NetEnv *env);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetEnv, net_env_free)

HsEnv *net_env_env(NetEnv *env);

/* Fires the alarms due up to and including UNTIL, by time and then in the order
 * they were set; the clock then stands there. */
void net_env_run(NetEnv *env, HsTime until);

/* The facts since the last call, one a line; valid until the next call:
 * "[1.500000000] fib 10.0.0.0/8: - -> a (bgp)\n" */
const char *net_env_facts(NetEnv *env);

#endif
