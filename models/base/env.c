/* The calls on handles: each implementation's handle begins with an
 * HsEnvHandle that names its functions. */

#include "config.h"

#include "models/base/env.h"

#include <glib.h>

static const struct HsEnvOps *
ops_of(const void *handle)
{
    const HsEnvHandle *head = handle;

    return head->ops;
}

const char *
hs_stream_end_name(HsStreamEnd end)
{
    static const char *const names[] = {
#define X(name, text) [HS_STREAM_##name] = text,
        HS_STREAM_ENDS(X)
#undef X
    };

    g_assert((unsigned)end < G_N_ELEMENTS(names));
    return names[end];
}

void
hs_alarm_set(HsAlarm *alarm, HsTime due)
{
    ops_of(alarm)->alarm_set(alarm, due);
}

void
hs_alarm_free(HsAlarm *alarm)
{
    if (alarm != NULL)
        ops_of(alarm)->alarm_free(alarm);
}

void
hs_stream_set_events(HsStream *stream, const HsStreamEvents *events,
                     void *user_data)
{
    ops_of(stream)->stream_set_events(stream, events, user_data);
}

void
hs_stream_set_limits(HsStream *stream, const HsStreamLimits *limits)
{
    ops_of(stream)->stream_set_limits(stream, limits);
}

void
hs_stream_send(HsStream *stream, const void *data, size_t length)
{
    ops_of(stream)->stream_send(stream, data, length);
}

void
hs_stream_close(HsStream *stream)
{
    ops_of(stream)->stream_close(stream);
}

void
hs_stream_free(HsStream *stream)
{
    if (stream != NULL)
        ops_of(stream)->stream_free(stream);
}

void
hs_listener_free(HsListener *listener)
{
    if (listener != NULL)
        ops_of(listener)->listener_free(listener);
}

void
hs_udp_send(HsUdp *udp, const HsAddr *to, uint16_t to_port, const void *data,
            size_t length)
{
    ops_of(udp)->udp_send(udp, to, to_port, data, length);
}

void
hs_udp_free(HsUdp *udp)
{
    if (udp != NULL)
        ops_of(udp)->udp_free(udp);
}
