/* Bytes written out in hex, for packets that stand in a test as text. */

#ifndef HS_TESTS_HARNESS_HEX_H
#define HS_TESTS_HARNESS_HEX_H

#include <glib.h>

/* "20 c8 03 18": blanks and newlines are skipped; anything else that is not a
 * pair of hex digits ends the test (transfer full). */
GBytes *hex_bytes(const char *text);

#endif
