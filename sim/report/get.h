/* Reading result.json: fields that may be absent or null, and how their
 * numbers are written. hs_shape_check() has already refused wrong types, so
 * what is asked for here is of its type, null or absent. */

#ifndef HS_REPORT_GET_H
#define HS_REPORT_GET_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* PATH: keys with dots between. NULL if absent or null (borrowed). */
const json_t *hs_get(const json_t *object, const char *path);
/* NULL if absent or null (borrowed). */
const char *hs_get_text(const json_t *object, const char *path);
/* The same, or OTHERWISE. */
const char *
hs_get_text_or(const json_t *object, const char *path, const char *otherwise);
bool hs_get_number(const json_t *object, const char *path, double *ret);
/* NAN if absent or null. */
double hs_get_real(const json_t *object, const char *path);
/* 0 if absent or null. */
json_int_t hs_get_integer(const json_t *object, const char *path);
bool hs_get_bool(const json_t *object, const char *path);
/* Of a list; 0 if it is absent. */
size_t hs_get_length(const json_t *object, const char *path);
const json_t *hs_get_item(const json_t *object, const char *path, size_t i);
bool hs_get_is(const json_t *object, const char *path, const char *text);

/* Times as the verdict of the program writes them: seconds with three
 * decimals, the same digits in every output. */
#define HS_NUMBER_TEXT 40
/* "1.553 s"; NAN: "-". TEXT has HS_NUMBER_TEXT bytes and is returned. */
const char *hs_seconds_text(double ms, char *text);
/* "6.3 ms" */
const char *hs_ms_text(double ms, char *text);
/* "48.1 MB", of 1000 each, as the verdict writes it */
const char *hs_bytes_text(double bytes, char *text);
/* Digits in groups of three: "48 065 408" (thin spaces). */
const char *hs_count_text(json_int_t count, char *text);

#endif
