/* Which of several Direct Connect routes to one prefix AWS takes (Direct
 * Connect user guide, "Private virtual interface and transit virtual interface
 * routing policies"): local-preference communities before everything else, then
 * the shorter AS_PATH, then the lower MED; what is equal then shares the load,
 * flow by flow.
 *
 *     7224:7300  high
 *     7224:7200  medium; also what has no community and comes in at a location
 *                of the gateway's own region
 *                what has no community and comes in at another region's
 *     7224:7100  low
 *
 * A community speaks for itself wherever it came in: AWS advises to tag alike
 * what shall share the load between regions. So the same route may be the best
 * for one gateway and not for another, in another region. */

#ifndef HS_AWS_DX_ROUTES_H
#define HS_AWS_DX_ROUTES_H

#include "models/bgp/decide.h"

#define HS_DX_STEP_LOCAL     "announced by AWS"
#define HS_DX_STEP_COMMUNITY "higher local-preference community"
#define HS_DX_STEP_REGION    "a location of the gateway's own region"
#define HS_DX_STEP_PATH      "shorter AS_PATH"
#define HS_DX_STEP_MED       "lower MED"
#define HS_DX_STEP_CHOICE    "AWS's own choice"

/* Local preference as the communities are imported (models/net/control.c); AWS
 * gives no numbers, only their order. */
#define HS_DX_PREFERENCE_LOW    50
#define HS_DX_PREFERENCE_FAR    75
#define HS_DX_PREFERENCE_MEDIUM 100
#define HS_DX_PREFERENCE_HIGH   150

/* From where routes are looked at. */
typedef struct {
    const char *region; /* of the gateway; NULL: regions do not count */
    /* The regions of the virtual interfaces, by the routes' tags. */
    const char *const *regions; /* borrowed */
    unsigned n;
} HsDxView;

uint32_t hs_dx_preference(const BgpRoute *route, const HsDxView *view);

/* A BgpCompareFunc. USER_DATA: a HsDxView, or NULL. */
int hs_dx_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                  BgpVerdict *ret_verdict);

#endif
