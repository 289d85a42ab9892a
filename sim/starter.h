/* A starter scenario: a whole design with comments, what fails in it, and what
 * is expected of it, from a handful of choices. */

#ifndef HS_STARTER_H
#define HS_STARTER_H

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *title;
    const char *design;       /* one of hs_starter_designs() */
    bool bfd;                 /* on Direct Connect */
    const char *rate;         /* of a virtual interface: "1Gbps" */
    const char *onprem, *vpc; /* prefixes */
    const char *requests;     /* of the database: "100/s" */
} HsStarter;

typedef struct {
    const char *name, *what;
} HsStarterDesign;

/* Ends with a name that is NULL. */
extern const HsStarterDesign hs_starter_designs[];

bool hs_starter_is_design(const char *name);

/* Appends the text of the scenario. */
void hs_starter_write(const HsStarter *starter, GString *text);

#endif
