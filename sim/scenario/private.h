/* A scenario from the inside: for the files of this folder. */

#ifndef HS_SCENARIO_PRIVATE_H
#define HS_SCENARIO_PRIVATE_H

#include "sim/scenario/complaint.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

/* Of one value: parallel to the rows of its kind. */
typedef struct HsProvenance {
    HsOrigin origin;
    HsPlace place; /* for FILE and SET */
    const char *source; /* of a default that is not the row's; else NULL */
} HsProvenance;

struct HsScenario {
    char *path;
    char *name;
    char *sha256;
    GPtrArray *sets; /* owned: copies of the overrides, which places borrow */
    GPtrArray *elements[HS_KIND_COUNT]; /* owned HsElement * */
    GHashTable *by_name; /* borrowed name -> borrowed HsElement *; of kinds that
                          * have names */
    GHashTable *broken; /* names of groups that were refused: no complaint
                         * about a reference to them */
};

/* Where ELEMENT's value for KEY was given, or else its group. */
HsPlace hs_element_place(const HsElement *element, const char *key);

/* The file or an override gave it. */
bool hs_element_given(const HsElement *element, const char *key);

/* "dx primary": as its group is written. Transfer full. */
char *hs_element_group(const HsElement *element);

/* What a profile says instead of the row's own default. */
typedef struct {
    const char *value, *source;
    HsOrigin origin;
} HsProfileDefault;

/* NULL: the row's own counts. PROFILE is read before the keys it changes. */
const HsProfileDefault *
hs_profile_default(const HsElement *element, const HsRow *row);

/* Letters, digits, "-" and "_", as links, tunnels and --set can be spelled. */
bool hs_is_name(const char *name);

/* Whether KEY of [fault] says anything with ACTION. */
bool hs_fault_uses(HsFaultAction action, const char *key);

/* A node or link "SITE.PART" that only a site with two routers has. */
bool hs_is_part_of_two(const char *part);

/* What it is that PART of an element of this kind names. */
bool hs_is_link_part(HsKind kind, const char *part);

/* No dedicated connection has it. */
bool hs_dx_is_hosted_rate(uint64_t rate);

/* Fills in what follows from other values. */
void hs_scenario_derive(HsScenario *scenario, HsComplaints *complaints);

/* Of what is real in `hybridsim live`: names of devices and namespaces, and
 * what does not go together. */
void hs_scenario_derive_ports(HsScenario *scenario, HsComplaints *complaints);
void
hs_scenario_check_ports(const HsScenario *scenario, HsComplaints *complaints);

/* The rules that take more than one value. */
void hs_scenario_check(const HsScenario *scenario, HsComplaints *complaints);

#endif
