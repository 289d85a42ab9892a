/* What the searches of sim/findings/static*.c have in common.
 *
 * Half of them are about paths: what a site announces where, which of its paths
 * AWS takes for it, and which the customer gateway takes. A path is a virtual
 * interface or a VPN that ends, in one or two steps, on a gateway; only those
 * of one site and one gateway are compared. */

#ifndef HS_FINDINGS_PRIVATE_H
#define HS_FINDINGS_PRIVATE_H

#include "sim/findings/finding.h"

#include <string.h>

typedef struct {
    const HsScenario *scenario;
    GPtrArray *findings;
} HsFind;

typedef struct {
    const HsElement *element;
    const HsDx *dx; /* one of the two is NULL */
    const HsVpn *vpn;
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsPrefixes *announced; /* or AWS's static routes */
    const HsPrefixes *told;      /* by AWS, of a TGW; NULL: its VPCs */
    const HsBgpPolicy *policy;
    unsigned router;
} HsFindPath;

#define HS_FIND_PATH(paths, i) (&g_array_index(paths, HsFindPath, i))

/* HsFindPath, in the order of the file: interfaces, then VPNs (transfer full).
 */
GArray *hs_find_paths(const HsScenario *scenario);

bool hs_find_same_ends(const HsFindPath *a, const HsFindPath *b);

/* Nothing is announced on DX (may be NULL) but the tunnels' own addresses: what
 * carries a private IP VPN is no path of the site's by itself. */
bool hs_find_is_transport(const HsFind *f, const HsDx *dx);

/* The longest of PREFIXES that has ADDRESS, or -1. */
int hs_find_longest(const HsPrefixes *prefixes, const HsAddr *address);

/* The searches */

void
hs_find_in_clear(const HsFind *f, const GArray *paths, const HsDatabase *db);
void hs_find_macsec(const HsFind *f, const HsDx *dx);
void hs_find_prepending(const HsFind *f, const GArray *paths);
void
hs_find_asymmetry(const HsFind *f, const HsFindPath *a, const HsFindPath *b);
void hs_find_in_pairs(const HsFind *f, const GArray *paths);
void
hs_find_redundancy(const HsFind *f, const GArray *paths, const HsOnprem *site);
void hs_find_in_dx(const HsFind *f, const HsDx *dx);
void hs_find_in_vpn(const HsFind *f, const HsVpn *vpn);
void hs_find_asns(const HsFind *f);
void hs_find_in_peering(const HsFind *f, const HsPeering *peering);

#endif
