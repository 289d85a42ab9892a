#include "config.h"

#include "tests/harness/vectors.h"

#include "tests/harness/hex.h"

#include <check.h>

GByteArray *
bytes_from_hex(const char *text)
{
    return g_bytes_unref_to_array(hex_bytes(text));
}

GKeyFile *
vectors_open(const char *name)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "tests",
                                             "vectors", name, NULL);
    g_autoptr(GError) error = NULL;
    GKeyFile *file = g_key_file_new();

    ck_assert_msg(
        g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error), "%s",
        error != NULL ? error->message : "");
    return file;
}

GByteArray *
vectors_bytes(GKeyFile *file, const char *group, const char *key)
{
    g_autofree char *text = g_key_file_get_string(file, group, key, NULL);

    ck_assert_msg(text != NULL, "[%s] has no %s", group, key);
    return bytes_from_hex(text);
}
