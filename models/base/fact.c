#include "config.h"

#include "models/base/fact.h"

#include <glib.h>

const char *
hs_fact_kind_name(HsFactKind kind)
{
    static const char *const names[] = {
#define X(name, text) [HS_FACT_##name] = text,
        HS_FACT_KINDS(X)
#undef X
    };

    g_assert(kind < HS_FACT_KIND_COUNT);
    return names[kind];
}
