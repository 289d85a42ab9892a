/* The types of value that name other elements, and what all parsers share. */

#ifndef HS_SCENARIO_NAMES_H
#define HS_SCENARIO_NAMES_H

#include "sim/scenario/schema.h"

typedef struct {
    const HsScenario *scenario;
    const HsRow *row;
    GString *problem; /* what is wrong with the text, if anything is */
} HsParse;

/* Appends `"TEXT" WHAT` to the problem and returns false. */
bool hs_parse_complain(const HsParse *p, const char *text, const char *what);

/* One prefix; value.c's. */
bool
hs_parse_one_prefix(const HsParse *p, const char *text, HsPrefix *ret_prefix);

/* Each stores TEXT in FIELD, or says why not in the problem and leaves FIELD;
 * each is undone by its format. */
bool hs_parse_reference(const HsParse *p, const char *text, void *field);
void hs_format_reference(const HsRow *row, const void *field, GString *text);
bool hs_parse_between(const HsParse *p, const char *text, void *field);
void hs_format_between(const HsRow *row, const void *field, GString *text);
bool hs_parse_ends(const HsParse *p, const char *text, void *field);
void hs_format_ends(const HsRow *row, const void *field, GString *text);
bool hs_parse_pair(const HsParse *p, const char *text, void *field);
void hs_format_pair(const HsRow *row, const void *field, GString *text);
bool hs_parse_elements(const HsParse *p, const char *text, void *field);
void hs_format_elements(const HsRow *row, const void *field, GString *text);
void hs_clear_elements(void *field);
bool hs_parse_routes(const HsParse *p, const char *text, void *field);
void hs_format_routes(const HsRow *row, const void *field, GString *text);
void hs_clear_routes(void *field);
bool hs_parse_target(const HsParse *p, const char *text, void *field);
void hs_format_target(const HsRow *row, const void *field, GString *text);
void hs_clear_target(void *field);
bool hs_parse_links(const HsParse *p, const char *text, void *field);
void hs_format_links(const HsRow *row, const void *field, GString *text);
void hs_clear_links(void *field);

#endif
