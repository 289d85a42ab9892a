/* What a result is made of, as RESULT.md has it: each kind of object with its
 * fields. schemas/make.py makes the table (format_result.c) from that page, so
 * that a field which is documented is one that [expect] reaches, too. */

#ifndef HS_SCENARIO_FORMAT_H
#define HS_SCENARIO_FORMAT_H

#include "sim/scenario/scenario.h"

#include <stdbool.h>

typedef enum { HS_SHAPE_ONE, HS_SHAPE_LIST, HS_SHAPE_MAP } HsShape;

typedef enum {
    HS_FIELD_TEXT,
    HS_FIELD_INTEGER,
    HS_FIELD_NUMBER,
    HS_FIELD_BOOLEAN,
    HS_FIELD_OBJECT, /* of a kind */
    HS_FIELD_OTHER,  /* a list of lists, an object of any form */
} HsFieldType;

typedef struct {
    const char *name;   /* in the file: "since_fault_ms" */
    const char *word;   /* in a path: "since_fault" */
    const char *single; /* in a path, before the name of an entry; or NULL */
    HsShape shape;
    HsFieldType type; /* of an entry, if there are several */
    HsUnit unit;
    const char *kind;  /* of an OBJECT */
    const char *words; /* of a TEXT: all that it can be, with a | between; NULL:
                        * anything */
    const char *help;
} HsField;

/* Most keys that an entry of a list has. */
#define HS_FORMAT_KEYS 3

typedef struct {
    const char *name;
    const HsField *fields;                /* ended by a NULL name */
    const char *keys[HS_FORMAT_KEYS + 1]; /* fields that name an entry */
    bool either;                          /* each of them alone does */
    bool zero;    /* a list: what has no entry did not happen */
    bool figures; /* false: paths do not go in */
} HsFormatKind;

/* The first is the file itself; ended by a NULL name. */
extern const HsFormatKind hs_format_result[];

#endif
