#include "config.h"

#include "models/net/drop.h"

#include <glib.h>

const char *
hs_drop_name(HsDrop drop)
{
    static const char *const names[] = {
#define X(name, text) [HS_DROP_##name] = text,
        HS_DROPS(X)
#undef X
    };

    g_assert(drop < HS_DROP_COUNT);
    return names[drop];
}
