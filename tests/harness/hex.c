#include "config.h"

#include "tests/harness/hex.h"

#include <stdint.h>

GBytes *
hex_bytes(const char *text)
{
    GByteArray *bytes = g_byte_array_new();

    for (const char *at = text; *at != '\0'; at++) {
        uint8_t byte;

        if (g_ascii_isspace(*at))
            continue;
        g_assert(g_ascii_isxdigit(at[0]) && g_ascii_isxdigit(at[1]));
        byte = (uint8_t)(g_ascii_xdigit_value(at[0]) << 4 |
                         g_ascii_xdigit_value(at[1]));
        g_byte_array_append(bytes, &byte, 1);
        at++;
    }
    return g_byte_array_free_to_bytes(bytes);
}
