/* Customers of a gateway of AWS's, for tests of the gateway alone: each is a
 * control plane on a node of its own, with a session to an endpoint of AWS's,
 * in a fake world. There is no data path: what counts is what is told and what
 * stands in the gateway's table.
 *
 *     site N   169.254.N.2 ──── 169.254.N.1   endpoint N ── gateway's port */

#ifndef HS_TESTS_HARNESS_AWS_SITES_H
#define HS_TESTS_HARNESS_AWS_SITES_H

#include "models/net/control.h"
#include "tests/harness/fake_env.h"

#define AWS_SITES 6

typedef struct {
    HsEnv *env, *aws_env;
    HsRouter *router, *aws_router;
    HsControl *control;
    HsControlPeer *peer; /* the customer's side */
    HsControlPeer *aws;  /* set by the test */
} AwsSite;

typedef struct {
    FakeWorld *world;
    AwsSite site[AWS_SITES];
    unsigned n;
} AwsSites;

void aws_sites_init(AwsSites *sites);
void aws_sites_clear(AwsSites *sites); /* the gateway is freed before */

/* Another customer, of AS ASN; POLICY gives prepend, MED, communities and
 * hold time (0: 90 s, negative: 0). What is returned is AWS's side: name,
 * endpoint, addresses and timers; the caller adds the egress and gives it to
 * its gateway. */
HsControlPeerConfig
aws_sites_add(AwsSites *sites, const char *name, uint32_t asn, uint32_t aws_asn,
              const HsControlPeerConfig *policy);

/* Site number SITE announces PREFIX, or no longer. */
void aws_site_announce(AwsSites *sites, unsigned site, const char *prefix);
void aws_site_withdraw(AwsSites *sites, unsigned site, const char *prefix);
void aws_sites_start(AwsSites *sites);

/* From now on for SECONDS. */
void aws_sites_run(AwsSites *sites, unsigned seconds);

/* The AS_PATH with which SITE has PREFIX from AWS; "none" (transfer full). */
char *aws_site_path(const AwsSites *sites, unsigned site, const char *prefix);

/* What ROUTER sends to PREFIX by: "a" or "a, b"; "none" (transfer full). */
char *aws_ways(const HsRouter *router, const char *prefix);

#endif
