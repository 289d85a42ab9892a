/* The kinds, and the rows of all files as one list. */

#include "config.h"

#include "sim/scenario/schema.h"

#include "sim/scenario/rows.h"

#include <string.h>

#define KIND(struct_, named_, fallback_, help_)                                \
    {                                                                          \
        .size = sizeof(struct_), .named = named_, .fallback = fallback_,       \
        .help = help_                                                          \
    }

const HsKindInfo hs_schema_kinds[HS_KIND_COUNT] = {
    [HS_KIND_SETTINGS] = KIND(HsSettings, false, NULL, "The run as a whole."),
    [HS_KIND_ONPREM] =
        KIND(HsOnprem, true, NULL,
             "A site: hosts on a LAN behind one customer gateway."),
    [HS_KIND_FIREWALL] =
        KIND(HsFirewall, true, NULL,
             "A stateful firewall of a site. It has one table of flows, and "
             "drops a packet of a flow whose opening it did not see."),
    [HS_KIND_VPC] =
        KIND(HsVpc, true, NULL,
             "A VPC: one subnet with a host for each thing that runs there."),
    [HS_KIND_NAT_GATEWAY] =
        KIND(HsNatGateway, true, NULL,
             "A NAT gateway: outbound from its VPC only, and not for what "
             "comes by VPN, Direct Connect or peering."),
    [HS_KIND_GATEWAY] =
        KIND(HsGateway, true, NULL,
             "What AWS ends Direct Connect and VPN on: a virtual private "
             "gateway or a transit gateway."),
    [HS_KIND_DXGW] =
        KIND(HsDxgw, true, NULL,
             "A Direct Connect gateway: virtual interfaces on one side, "
             "associated gateways on the other; either private interfaces and "
             "VGWs, or transit interfaces and TGWs."),
    [HS_KIND_ASSOCIATION] =
        KIND(HsAssociation, true, NULL,
             "A Direct Connect gateway's association with a gateway."),
    [HS_KIND_PEERING] =
        KIND(HsPeering, true, NULL,
             "A peering of two VPCs, or of two TGWs. Both need static routes "
             "towards it in a [table] of either side; it is not transitive."),
    [HS_KIND_TABLE] =
        KIND(HsTable, true, NULL,
             "A route table of a VPC or a TGW. A VPC without one has a main "
             "table: its own network, what its VGW propagates, and, if it is "
             "attached to a TGW, RFC 1918's networks towards that. A TGW "
             "has one unless default-table=no."),
    [HS_KIND_CONNECTION] =
        KIND(HsConnection, true, NULL,
             "A physical Direct Connect connection, or a LAG of several, that "
             "virtual interfaces share."),
    [HS_KIND_DX] =
        KIND(HsDx, true, NULL,
             "A virtual interface, on a connection of its own or on a shared "
             "[connection]. With one of its own it takes that one's keys."),
    [HS_KIND_INTERNET] =
        KIND(HsInternet, true, "internet",
             "The internet between the two edges. `[internet]` is short for "
             "`[internet internet]`, which is there without being written if "
             "a VPN names it."),
    [HS_KIND_VPN] = KIND(HsVpn, true, NULL,
                         "A Site-to-Site VPN connection with its tunnels."),
    [HS_KIND_DATABASE] =
        KIND(HsDatabase, true, NULL,
             "The database, its application, and the two clients that are "
             "always observed: one persistent connection and a pool. A "
             "scenario has one."),
    [HS_KIND_QUERY] =
        KIND(HsQuery, true, NULL,
             "One kind of transaction of the database's mix. Without any, each "
             "request is what [database] says; what a query does not say is "
             "[database]'s, too."),
    [HS_KIND_PROBE] =
        KIND(HsProbing, true, "probe",
             "The data-plane probe. `[probe]` is short for `[probe probe]`, "
             "which is there without being written if there is a database."),
    [HS_KIND_STREAM] =
        KIND(HsBulkStream, true, NULL,
             "Bulk traffic beside the database, as iperf3 runs it and in its "
             "JSON form: `out/SCENARIO/streams/NAME.json`."),
    [HS_KIND_FAULT] = KIND(HsFault, true, NULL, "What breaks, and when."),
    [HS_KIND_MONITORING] =
        KIND(HsMonitoring, false, NULL,
             "How AWS's monitoring shows the run: CloudWatch's metrics, events "
             "and logs, and what comes late. AWS publishes few of its delays."),
    [HS_KIND_ALARM] =
        KIND(HsMetricAlarm, true, NULL,
             "A CloudWatch alarm, which tells somebody by SNS. Without any, "
             "the alarms of AWS's own examples watch every connection, virtual "
             "interface and VPN."),
    [HS_KIND_CAPTURE] =
        KIND(HsCapture, false, NULL, "The packets that are kept."),
    [HS_KIND_EXPECT] =
        KIND(HsExpect, false, NULL,
             "What the result is held against: `FIGURE.max` or `FIGURE.min`, "
             "all of which must hold. A figure that was not observed meets no "
             "expectation."),
};

static const HsRows *const files[] = {
    &hs_run_rows, &hs_site_rows, &hs_aws_rows,
    &hs_dx_rows,  &hs_vpn_rows,  &hs_monitor_rows,
};

/* Where the rows of each kind stand: one behind the other, in one file. */
typedef struct {
    const HsRow *rows;
    unsigned first, count; /* first: the index over all files */
} KindRows;

static void
find_kinds(KindRows of[HS_KIND_COUNT])
{
    unsigned index = 0;

    for (unsigned f = 0; f < G_N_ELEMENTS(files); f++) {
        for (unsigned r = 0; r < files[f]->count; r++, index++) {
            KindRows *kind = &of[files[f]->rows[r].kind];

            if (kind->rows == NULL)
                *kind = (KindRows){&files[f]->rows[r], index, 0};
            g_assert(kind->first + kind->count == index);
            kind->count++;
        }
    }
}

static const KindRows *
rows_of(HsKind kind)
{
    static KindRows of[HS_KIND_COUNT];
    static gsize found;

    if (g_once_init_enter(&found)) {
        find_kinds(of);
        g_once_init_leave(&found, 1);
    }
    return &of[kind];
}

unsigned
hs_schema_row_count(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++)
        count += files[i]->count;
    return count;
}

const HsRow *
hs_schema_row(unsigned index)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
        if (index < files[i]->count)
            return &files[i]->rows[index];
        index -= files[i]->count;
    }
    g_assert_not_reached();
}

const HsRow *
hs_schema_next(HsKind kind, unsigned *index)
{
    const KindRows *of = rows_of(kind);

    if (*index < of->first)
        *index = of->first;
    if (*index >= of->first + of->count)
        return NULL;
    return &of->rows[(*index)++ - of->first];
}

unsigned
hs_schema_index(const HsRow *row)
{
    return (unsigned)(row - rows_of(row->kind)->rows);
}

unsigned
hs_schema_kind_rows(HsKind kind)
{
    return rows_of(kind)->count;
}

const HsRow *
hs_schema_find(HsKind kind, const char *key)
{
    const HsRow *row;

    for (unsigned i = 0; (row = hs_schema_next(kind, &i)) != NULL;)
        if (g_str_equal(row->key, key))
            return row;
    return NULL;
}

const char *
hs_type_name(HsType type)
{
    static const char *const names[] = {
#define X(name, text, example) text,
        HS_TYPES(X)
#undef X
    };

    g_assert((unsigned)type < G_N_ELEMENTS(names));
    return names[type];
}

const char *
hs_type_example(HsType type)
{
    static const char *const examples[] = {
#define X(name, text, example) example,
        HS_TYPES(X)
#undef X
    };

    g_assert((unsigned)type < G_N_ELEMENTS(examples));
    return examples[type];
}

bool
hs_kind_stands_alone(const char *word)
{
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++)
        if (hs_schema_kinds[kind].fallback != NULL &&
            g_str_equal(hs_schema_kinds[kind].fallback, word))
            return true;
    return false;
}

GPtrArray *
hs_schema_keys(HsKind kind)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

    const HsRow *row;

    for (unsigned i = 0; (row = hs_schema_next(kind, &i)) != NULL;)
        if (!row->fixed)
            g_ptr_array_add(keys, g_strdup(row->key));
    return keys;
}
