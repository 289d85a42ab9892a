/* The rules that take more than one value, by theme: shared by the files
 * check*.c. Each rule names the one who makes it: AWS and the page of its
 * guides, an RFC, or the sense of the experiment. */

#ifndef HS_SCENARIO_CHECK_H
#define HS_SCENARIO_CHECK_H

#include "sim/scenario/pages.h"
#include "sim/scenario/private.h"

typedef struct {
    const HsScenario *scenario;
    HsComplaints *complaints;
} HsCheckRun;

/* KEY NULL: the element as a whole. */
void hs_check_bad(const HsCheckRun *c, const HsElement *element,
                  const char *key, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Whatever the routes say, packets could get from A to B. */
bool hs_check_connected(const HsScenario *scenario, const HsElement *a,
                        const HsElement *b);

/* Both, each a HsVpc or HsOnprem, can send to the internet: a site, or a VPC
 * with an internet gateway. Whether it delivers is another matter. */
bool hs_check_by_internet(const HsScenario *scenario, const HsElement *a,
                          const HsElement *b);

/* RFC 1918's. */
bool hs_check_is_private(const HsPrefix *prefix);

/* The two BGP speakers of a session between SITE and AWS. */
void hs_check_session(const HsCheckRun *c, const HsElement *element,
                      const HsOnprem *site, uint32_t aws_asn,
                      const HsBgpTimers *customer, const HsBgpTimers *aws);
void hs_check_timers(const HsCheckRun *c, const HsElement *element,
                     const HsBgpTimers *timers, const char *key,
                     const char *hold_key);

/* ELEMENT's key "router" of a site that has so many. */
void hs_check_router(const HsCheckRun *c, const HsElement *element,
                     const HsOnprem *site, unsigned router);

void hs_check_networks(const HsCheckRun *c);
void hs_check_gateways(const HsCheckRun *c);
void hs_check_tables(const HsCheckRun *c);
void hs_check_connections(const HsCheckRun *c);
void hs_check_vpns(const HsCheckRun *c);
void hs_check_faults(const HsCheckRun *c);
void hs_check_monitoring(const HsCheckRun *c);

#endif
