/* What a scenario shows without a run: each kind of error in its place. */

#include "config.h"

#include "sim/findings/private.h"

void
hs_findings_static(const HsScenario *scenario, GPtrArray *findings)
{
    const HsFind f = {scenario, findings};
    g_autoptr(GArray) paths = hs_find_paths(scenario);
    const HsDatabase *db = hs_scenario_database(scenario, 0);
    const HsOnprem *site;
    const HsPeering *peering;
    const HsDx *dx;
    const HsVpn *vpn;

    if (db != NULL)
        hs_find_in_clear(&f, paths, db);
    hs_find_prepending(&f, paths);
    hs_find_in_pairs(&f, paths);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        hs_find_redundancy(&f, paths, site);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        hs_find_in_dx(&f, dx);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        hs_find_in_vpn(&f, vpn);
    hs_find_asns(&f);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        hs_find_in_peering(&f, peering);
}
