#include "config.h"

#include "sim/report/get.h"

#include <math.h>
#include <string.h>

const json_t *
hs_get(const json_t *object, const char *path)
{
    const json_t *at = object;

    while (at != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");

        /* "p99.9_ms" has a dot of its own. */
        if (json_object_get(at, path) != NULL)
            length = strlen(path);
        at = json_object_getn(at, path, length);
        path += length + (path[length] == '.');
    }
    return at == NULL || json_is_null(at) ? NULL : at;
}

const char *
hs_get_text(const json_t *object, const char *path)
{
    return json_string_value(hs_get(object, path));
}

const char *
hs_get_text_or(const json_t *object, const char *path, const char *otherwise)
{
    const char *text = hs_get_text(object, path);

    return text != NULL ? text : otherwise;
}

bool
hs_get_number(const json_t *object, const char *path, double *ret)
{
    const json_t *value = hs_get(object, path);

    if (!json_is_number(value))
        return false;
    *ret = json_number_value(value);
    return true;
}

double
hs_get_real(const json_t *object, const char *path)
{
    double value = NAN;

    (void)hs_get_number(object, path, &value);
    return value;
}

json_int_t
hs_get_integer(const json_t *object, const char *path)
{
    return json_integer_value(hs_get(object, path));
}

bool
hs_get_bool(const json_t *object, const char *path)
{
    return json_is_true(hs_get(object, path));
}

size_t
hs_get_length(const json_t *object, const char *path)
{
    return json_array_size(hs_get(object, path));
}

const json_t *
hs_get_item(const json_t *object, const char *path, size_t i)
{
    return json_array_get(hs_get(object, path), i);
}

bool
hs_get_is(const json_t *object, const char *path, const char *text)
{
    return g_strcmp0(hs_get_text(object, path), text) == 0;
}

/* Numbers. g_ascii_*: the decimal point does not hang on the locale. */

static const char *
decimal(double value, const char *format, const char *unit, char *text)
{
    if (isnan(value))
        return g_strlcpy(text, "-", HS_NUMBER_TEXT), text;
    g_ascii_formatd(text, HS_NUMBER_TEXT, format, value);
    g_strlcat(text, unit, HS_NUMBER_TEXT);
    return text;
}

const char *
hs_seconds_text(double ms, char *text)
{
    return decimal(ms / 1e3, "%.3f", "\u00a0s", text);
}

const char *
hs_ms_text(double ms, char *text)
{
    return decimal(ms, ms < 100 ? "%.1f" : "%.0f", "\u00a0ms", text);
}

const char *
hs_bytes_text(double bytes, char *text)
{
    if (bytes < 1000)
        return decimal(bytes, "%.0f", "\u00a0B", text);
    if (bytes < 1e6)
        return decimal(bytes / 1e3, "%.1f", "\u00a0kB", text);
    if (bytes < 1e9)
        return decimal(bytes / 1e6, "%.1f", "\u00a0MB", text);
    return decimal(bytes / 1e9, "%.1f", "\u00a0GB", text);
}

const char *
hs_count_text(json_int_t count, char *text)
{
    g_autofree char *digits =
        g_strdup_printf("%" JSON_INTEGER_FORMAT, ABS(count));
    size_t length = strlen(digits);
    g_autoptr(GString) out = g_string_new(count < 0 ? "-" : NULL);

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append(out, "\u202f");
        g_string_append_c(out, digits[i]);
    }
    g_strlcpy(text, out->str, HS_NUMBER_TEXT);
    return text;
}
