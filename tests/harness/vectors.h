/* Files of test vectors: INI, one vector a group, bytes in hexadecimal. */

#ifndef HS_TESTS_HARNESS_VECTORS_H
#define HS_TESTS_HARNESS_VECTORS_H

#include <glib.h>

/* As hex_bytes(), to be changed. */
GByteArray *bytes_from_hex(const char *text);

/* The INI file NAME of tests/vectors, found by TOP_SRCDIR. */
GKeyFile *vectors_open(const char *name);

/* A key of a group, from hex; the test fails if it is not there. */
GByteArray *vectors_bytes(GKeyFile *file, const char *group, const char *key);

#endif
