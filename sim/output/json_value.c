#include "config.h"

#include "sim/output/json_value.h"

#include <glib.h>

void
hs_json_set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);

    g_assert(failed == 0);
}

json_t *
hs_json_number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *
hs_json_seconds(HsTime at)
{
    return at == HS_TIME_NEVER ? json_null() : json_real((double)at / 1e9);
}

json_t *
hs_json_milliseconds(HsDuration span)
{
    return span == HS_TIME_NEVER ? json_null() : json_real((double)span / 1e6);
}

json_t *
hs_json_text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}
