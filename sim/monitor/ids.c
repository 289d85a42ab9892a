#include "config.h"

#include "sim/monitor/ids.h"

#include <glib.h>
#include <string.h>

static char *
digest(const char *prefix, const char *name)
{
    g_autofree char *text = g_strdup_printf("%s/%s", prefix, name);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

const char *
hs_aws_id(const char *prefix, const char *name)
{
    g_autofree char *hex = digest(prefix, name);
    bool short_ = g_str_has_prefix(prefix, "dx");
    g_autofree char *id = g_strdup_printf(
        "%s-%s%.*s", prefix, short_ ? "ff" : "0", short_ ? 6 : 16, hex);

    return g_intern_string(id);
}

char *
hs_aws_uuid(const char *text)
{
    g_autofree char *hex = digest("event", text);

    return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                           hex + 16, hex + 20);
}

static GDateTime *
wall(int64_t epoch, HsTime at)
{
    return g_date_time_new_from_unix_utc(epoch + at / HS_SEC(1));
}

char *
hs_wall_seconds(int64_t epoch, HsTime at)
{
    g_autoptr(GDateTime) when = wall(epoch, at);

    return g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");
}

char *
hs_wall_milliseconds(int64_t epoch, HsTime at)
{
    g_autoptr(GDateTime) when = wall(epoch, at);
    g_autofree char *seconds = g_date_time_format(when, "%Y-%m-%dT%H:%M:%S");

    return g_strdup_printf("%s.%03d+0000", seconds,
                           (int)(at % HS_SEC(1) / HS_MSEC(1)));
}
