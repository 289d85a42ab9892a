/* The details of a message, as a tree: groups, lists, numbers, texts, flags.
 *
 * Names are Wireshark's where it has one ("bfd.sta"), so that what we say of a
 * capture can be held against what tshark says. A number may carry its meaning
 * in words; the words are for people, the number for programs.
 *
 * Every function takes a NULL parent and then does nothing and returns NULL:
 * where nobody wants details, none are made. Names are literals. */

#ifndef HS_DISSECT_FIELD_H
#define HS_DISSECT_FIELD_H

#include "models/base/addr.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DissectField DissectField;

DissectField *dissect_field_new(void);        /* a group without a name */
void dissect_field_free(DissectField *field); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DissectField, dissect_field_free)

/* What they return belongs to PARENT. */
DissectField *dissect_group(DissectField *parent, const char *name);

/* Its members are given with the name NULL. */
DissectField *dissect_list(DissectField *parent, const char *name);

/* MEANING is copied and may be NULL. */
void dissect_number(DissectField *parent, const char *name, uint64_t value,
                    const char *meaning);

/* The number as 0x and DIGITS digits: a string in JSON, as tshark has it. */
void
dissect_hex(DissectField *parent, const char *name, uint64_t value, int digits);
void dissect_flag(DissectField *parent, const char *name, bool value);
void dissect_text(DissectField *parent, const char *name, const char *text);
void dissect_textf(DissectField *parent, const char *name, const char *format,
                   ...) G_GNUC_PRINTF(3, 4);

/* Bytes of whoever sent the packet, taken for text: what is not printable
 * ASCII or good UTF-8 is escaped. */
void dissect_string(DissectField *parent, const char *name, const void *data,
                    size_t length);

/* In hexadecimal digits, all of them. */
void dissect_bytes(DissectField *parent, const char *name, const void *data,
                   size_t length);
void dissect_addr(DissectField *parent, const char *name, const HsAddr *addr);

/* Each field a line, INDENT blanks in front; long bytes are cut. */
void
dissect_field_text(const DissectField *field, unsigned indent, GString *text);

/* {"name":value,…}: numbers, texts, booleans, objects and arrays. */
void dissect_field_json(const DissectField *field, GString *json);

/* TEXT as a JSON string, quotes included. It need not be good UTF-8. */
void dissect_json_string(const char *text, GString *json);

#endif
