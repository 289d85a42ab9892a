/* One row for each field that a report reads. What has no row is not looked
 * at: new fields may come. A field may be absent, because an older program
 * wrote none, unless the row says that it must be there. */

#include "config.h"

#include "sim/report/shape.h"

#include <stdio.h>
#include <string.h>

/* Of seconds and of buckets: a year is 32 million seconds. */
#define MOST 100000000

/* A path: keys with dots between, "[]" for each of a list, "*" for each phase
 * or notice (check_path() has their names). Then a type of: t text, n number, i
 * integer, b boolean, o object, l list; "?": or null; "!": must be there; "+":
 * above zero, and no more than anybody could draw. Above the fields of an
 * object stands the object. */
static const struct {
    const char *path, *type;
} rows[] = {
    {"format", "t!"},
    {"version", "i!"},
    {"program", "o!"},
    {"program.name", "t"},
    {"program.version", "t!"},
    {"program.engine", "t"},
    {"program.engine_version", "t"},
    {"scenario", "o!"},
    {"scenario.name", "t!"},
    {"scenario.title", "t?"},
    {"scenario.sha256", "t"},
    {"scenario.seed", "t"},
    {"scenario.duration_s", "n!+"},
    {"scenario.warmup_s", "n"},
    {"verdict", "o!"},
    {"verdict.passed", "b!"},
    {"verdict.exit_code", "i"},
    {"verdict.lesson", "b"},
    {"verdict.checks", "l"},
    {"verdict.checks[]", "o"},
    {"verdict.checks[].figure", "t!"},
    {"verdict.checks[].comparison", "t"},
    {"verdict.checks[].source", "t?"},
    {"verdict.checks[].outcome", "t!"},
    {"verdict.checks[].text", "t"},
    {"verdict.checks[].why", "t?"},
    {"verdict.checks[].must_fail", "b"},
    {"verdict.checks[].met", "b"},
    {"verdict.missing", "l"},
    {"verdict.missing[]", "t"},
    {"verdict.idle_faults", "l"},
    {"verdict.idle_faults[]", "t"},

    {"faults", "l!"},
    {"faults[]", "o"},
    {"faults[].name", "t!"},
    {"faults[].target", "t?"},
    {"faults[].action", "t?"},
    {"faults[].applied_s", "n!"},
    {"faults[].cleared_s", "n?"},
    {"faults[].effect", "t?"},
    {"faults[].had_effect", "b"},
    {"faults[].detections", "l"},
    {"faults[].detections[]", "o"},
    {"faults[].detections[].node", "t!"},
    {"faults[].detections[].means", "t!"},
    {"faults[].detections[].subject", "t?"},
    {"faults[].detections[].cause", "t?"},
    {"faults[].detections[].at_s", "n"},
    {"faults[].detections[].since_fault_ms", "n!"},
    {"faults[].detections[].consequence", "b"},
    {"faults[].detections[].governs", "b"},
    {"faults[].detections[].evidence", "o?"},
    {"faults[].detections[].evidence.link", "t"},
    {"faults[].detections[].evidence.packet", "i?"},
    {"faults[].data_plane", "l"},
    {"faults[].data_plane[]", "o"},
    {"faults[].data_plane[].direction", "t"},
    {"faults[].data_plane[].status", "t"},
    {"faults[].data_plane[].sent", "i"},
    {"faults[].data_plane[].lost", "i"},
    {"faults[].data_plane[].duration_ms", "n?"},
    {"faults[].clients", "l"},
    {"faults[].clients[]", "o"},
    {"faults[].clients[].client", "t!"},
    {"faults[].clients[].recovery", "t!"},
    {"faults[].clients[].failover_ms", "n?"},
    {"faults[].clients[].outage", "o"},
    {"faults[].clients[].outage.status", "t"},
    {"faults[].clients[].outage.duration_ms", "n?"},
    {"faults[].clients[].outage.from_s", "n?"},
    {"faults[].clients[].outage.until_s", "n?"},
    {"faults[].clients[].requests", "o"},
    {"faults[].clients[].requests.sent", "i"},
    {"faults[].clients[].requests.answered", "i"},
    {"faults[].clients[].requests.delayed", "i"},
    {"faults[].clients[].requests.failed", "i"},
    {"faults[].clients[].requests.pending", "i"},
    {"faults[].clients[].parts", "l"},
    {"faults[].clients[].parts[]", "o"},
    {"faults[].clients[].parts[].part", "t!"},
    {"faults[].clients[].parts[].status", "t!"},
    {"faults[].clients[].parts[].at_s", "n?"},
    {"faults[].clients[].parts[].since_fault_ms", "n?"},
    {"faults[].clients[].parts[].duration_ms", "n?"},
    {"faults[].clients[].parts[].share", "n?"},
    {"faults[].clients[].parts[].overlaps", "b"},
    {"faults[].clients[].parts[].node", "t?"},
    {"faults[].clients[].parts[].subject", "t?"},
    {"faults[].clients[].parts[].cause", "t?"},
    {"faults[].clients[].parts[].note", "t?"},
    {"faults[].clients[].parts[].evidence", "o?"},
    {"faults[].clients[].parts[].evidence.link", "t"},
    {"faults[].clients[].parts[].evidence.packet", "i?"},
    {"faults[].failback", "o?"},
    {"faults[].failback.complete_ms", "n?"},
    {"faults[].failback.clients", "l"},
    {"faults[].failback.clients[]", "o"},
    {"faults[].failback.clients[].client", "t"},
    {"faults[].failback.clients[].requests", "o"},
    {"faults[].failback.clients[].requests.delayed", "i"},
    {"faults[].failback.clients[].requests.failed", "i"},
    {"faults[].bounds", "l"},
    {"faults[].bounds[]", "o"},
    {"faults[].bounds[].term", "t!"},
    {"faults[].bounds[].min_ms", "n!"},
    {"faults[].bounds[].max_ms", "n?"},
    {"faults[].bounds[].because", "t"},

    {"database", "l"},
    {"database[]", "o"},
    {"database[].client", "t!"},
    {"database[].all", "o"},
    {"database[].before", "o"},
    {"database[].during", "o"},
    {"database[].after", "o"},
    {"database[].failback", "o"},
    {"database[].counters", "o?"},
    {"database[].counters.timeouts", "o?"},
    {"database[].*.requests", "o"},
    {"database[].*.requests.sent", "i"},
    {"database[].*.requests.delayed", "i"},
    {"database[].*.requests.failed", "i"},
    {"database[].*.latency", "o?"},
    {"database[].*.latency.p50_ms", "n"},
    {"database[].*.latency.p90_ms", "n"},
    {"database[].*.latency.p99_ms", "n"},
    {"database[].*.latency.p99.9_ms", "n"},
    {"database[].*.latency.max_ms", "n"},

    {"links", "l!"},
    {"links[]", "o"},
    {"links[].name", "t!"},
    {"links[].from", "t!"},
    {"links[].to", "t!"},
    {"links[].kind", "t"},
    {"links[].trusted", "b"},
    {"links[].wire", "o"},
    {"links[].wire.clear", "o"},
    {"links[].wire.clear.bytes", "i"},
    {"links[].wire.clear.packets", "i"},
    {"links[].wire.esp", "o"},
    {"links[].wire.esp.bytes", "i"},
    {"links[].wire.macsec", "o"},
    {"links[].wire.macsec.bytes", "i"},
    {"links[].wire.control", "o"},
    {"links[].wire.control.bytes", "i"},
    {"links[].wire.first_clear", "o?"},
    {"links[].wire.first_clear.at_s", "n"},
    {"links[].wire.first_clear.packet", "i?"},
    {"links[].wire.last_clear", "o?"},
    {"links[].wire.last_clear.at_s", "n"},

    {"nodes", "l?"},
    {"nodes[]", "o"},
    {"nodes[].name", "t!"},
    {"nodes[].kind", "t"},
    {"nodes[].place", "t?"},
    {"nodes[].element", "t?"},
    {"paths", "l?"},
    {"paths[]", "o"},
    {"paths[].when", "t!"},
    {"paths[].fault", "t?"},
    {"paths[].at_s", "n?"},
    {"paths[].direction", "t!"},
    {"paths[].complete", "b"},
    {"paths[].encrypted", "b?"},
    {"paths[].nodes", "l"},
    {"paths[].nodes[]", "t"},
    {"paths[].links", "l"},
    {"paths[].links[]", "t"},
    {"lanes", "l?"},
    {"lanes[]", "o"},
    {"lanes[].kind", "t!"},
    {"lanes[].node", "t?"},
    {"lanes[].subject", "t?"},
    {"lanes[].spans", "l"},
    {"lanes[].spans[]", "o"},
    {"lanes[].spans[].from_s", "n!"},
    {"lanes[].spans[].until_s", "n!"},
    {"lanes[].spans[].state", "t!"},
    {"series", "o?"},
    {"series.bucket_s", "n!+"},
    {"series.buckets", "i!+"},
    {"series.latency", "l"},
    {"series.latency[]", "o"},
    {"series.latency[].client", "t!"},
    {"series.latency[].count", "l"},
    {"series.latency[].count[]", "i"},
    {"series.latency[].p50_ms", "l"},
    {"series.latency[].p50_ms[]", "n?"},
    {"series.latency[].p99_ms", "l"},
    {"series.latency[].p99_ms[]", "n?"},
    {"series.latency[].max_ms", "l"},
    {"series.latency[].max_ms[]", "n?"},
    {"series.latency[].failed", "l"},
    {"series.latency[].failed[]", "i"},
    {"series.traffic", "l"},
    {"series.traffic[]", "o"},
    {"series.traffic[].link", "t!"},
    {"series.traffic[].direction", "t!"},
    {"series.traffic[].class", "t!"},
    {"series.traffic[].bytes", "l"},
    {"series.traffic[].bytes[]", "n?"},
    {"latency_curve", "l?"},
    {"latency_curve[]", "o"},
    {"latency_curve[].client", "t!"},
    {"latency_curve[].phase", "t!"},
    {"latency_curve[].points", "l"},
    {"latency_curve[].points[]", "l"},
    {"latency_curve[].points[][]", "n"},
    {"advice", "l?"},
    {"advice[]", "o"},
    {"advice[].change", "t!"},
    {"advice[].set", "t?"},
    {"advice[].figure", "t?"},
    {"advice[].before_ms", "n?"},
    {"advice[].after_ms", "n?"},
    {"advice[].saves_ms", "n?"},
    {"advice[].measured", "t?"},
    {"advice[].text", "t?"},
    {"advice_tried", "i?"},

    {"monitoring", "o?"},
    {"monitoring.known", "l"},
    {"monitoring.known[]", "o"},
    {"monitoring.known[].fault", "t!"},
    {"monitoring.known[].*", "o?"},
    {"monitoring.known[].*.since_fault_ms", "n?"},
    {"monitoring.known[].*.what", "t?"},
    {"monitoring.blind_spots", "l"},
    {"monitoring.blind_spots[]", "o"},
    {"monitoring.blind_spots[].name", "t!"},
    {"monitoring.blind_spots[].text", "t"},
    {"monitoring.alarms", "l"},
    {"monitoring.alarms[]", "o"},
    {"monitoring.alarms[].name", "t!"},
    {"monitoring.alarms[].advised", "b"},
    {"monitoring.alarms[].metric", "t"},
    {"monitoring.alarms[].element", "t?"},
    {"monitoring.alarms[].statistic", "t"},
    {"monitoring.alarms[].comparison", "t"},
    {"monitoring.alarms[].missing", "t"},
    {"monitoring.alarms[].period_s", "n!"},
    {"monitoring.alarms[].threshold", "n!"},
    {"monitoring.alarms[].evaluation_periods", "i"},
    {"monitoring.alarms[].datapoints_to_alarm", "i"},
    {"monitoring.alarms[].changes", "l"},
    {"monitoring.alarms[].changes[]", "o"},
    {"monitoring.alarms[].changes[].to", "t!"},
    {"monitoring.alarms[].changes[].at_s", "n!"},
    {"monitoring.events", "l"},
    {"monitoring.events[]", "o"},
    {"monitoring.events[].delivered_s", "n!"},
    {"monitoring.notifications", "l"},
    {"monitoring.notifications[]", "o"},
    {"monitoring.notifications[].delivered_s", "n!"},
    {"monitoring.metrics", "l"},
    {"monitoring.metrics[]", "o"},
    {"monitoring.metrics[].name", "t!"},
    {"monitoring.metrics[].period_s", "n!"},
    {"monitoring.metrics[].datapoints", "i"},
    {"monitoring.metrics[].min", "n?"},
    {"monitoring.metrics[].average", "n?"},
    {"monitoring.metrics[].max", "n?"},
    {"replay", "o?"},
    {"replay.source", "o"},
    {"replay.source.file", "t"},
    {"replay.source.captured", "t"},
    {"replay.played", "o"},
    {"replay.played.failed", "i"},
    {"replay.requests", "o"},
    {"replay.requests.*", "o?"},
    {"replay.requests.*.answered", "i"},
    {"replay.requests.*.failed", "i"},
    {"replay.requests.*.latency", "o?"},
    {"replay.requests.*.latency.p50_ms", "n"},
    {"replay.requests.*.latency.p99_ms", "n"},
    {"replay.requests.*.captured", "o?"},
    {"replay.requests.*.captured.p50_ms", "n"},
    {"replay.requests.*.captured.p99_ms", "n"},
    {"replay.requests.*.path", "o?"},
    {"replay.requests.*.path.p50_ms", "n"},
    {"replay.requests.*.path.p99_ms", "n"},
    {"replay.transactions", "o?"},
    {"replay.transactions.*", "o?"},
    {"replay.transactions.*.answered", "i"},
    {"replay.transactions.*.failed", "i"},
    {"replay.transactions.*.latency", "o?"},
    {"replay.transactions.*.captured", "o?"},
    {"replay.transactions.*.path", "o?"},
    {"streams", "l?"},
    {"streams[]", "o"},
    {"streams[].name", "t!"},
    {"streams[].protocol", "t"},
    {"streams[].from", "t"},
    {"streams[].to", "t"},
    {"streams[].start_s", "n"},
    {"streams[].duration_ms", "n"},
    {"streams[].target_bit_rate", "i"},
    {"streams[].received_bytes", "i"},
    {"streams[].bit_rate", "n?"},
    {"streams[].retransmits", "i?"},
    {"streams[].lost_percent", "n?"},
    {"streams[].jitter_ms", "n?"},
    {"streams[].error", "t?"},
    {"database_server", "o?"},
    {"database_server.refused", "i"},
    {"database_server.connections_peak", "i"},
    {"tunnels", "l"},
    {"tunnels[]", "o"},
    {"tunnels[].name", "t!"},
    {"tunnels[].node", "t!"},
    {"tunnels[].began", "b"},
    {"tunnels[].ike_suite", "t?"},
    {"tunnels[].esp_suite", "t?"},
    {"tunnels[].made", "i"},
    {"tunnels[].handshake_ms", "n?"},
    {"tunnels[].ike_rekeys", "i"},
    {"tunnels[].esp_rekeys", "i"},
    {"tunnels[].lost", "i"},
    {"tunnels[].lost_cause", "t?"},
    {"tunnels[].down_ms", "n"},
    {"tunnels[].up_at_end", "b"},
    {"findings", "l"},
    {"findings[]", "o"},
    {"findings[].id", "t!"},
    {"findings[].severity", "t!"},
    {"findings[].title", "t!"},
    {"findings[].rule", "t"},
    {"findings[].where", "t"},
    {"findings[].line", "i?"},
    {"findings[].evidence", "t"},
    {"capture", "o?"},
    {"capture.file", "t"},
    {"capture.packets", "i"},
    {"capture.limited", "b"},
    {"realtime", "o?"},
    {"realtime.started", "t"},
    {"assumptions", "l"},
    {"assumptions[]", "o"},
    {"assumptions[].kind", "t!"},
    {"assumptions[].element", "t?"},
    {"assumptions[].key", "t!"},
    {"assumptions[].value", "t!"},
    {"assumptions[].source", "t?"},
    {"values", "l"},
    {"values[]", "o"},
    {"values[].kind", "t!"},
    {"values[].element", "t?"},
    {"values[].key", "t!"},
    {"values[].value", "t!"},
    {"values[].origin", "t!"},
    {"values[].source", "t?"},
};

static const struct {
    char letter;
    const char *name;
} types[] = {
    {'t', "text"},      {'n', "a number"}, {'i', "an integer"},
    {'b', "a boolean"}, {'l', "a list"},   {'o', "an object"},
};

static const char *
type_name(char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].letter == letter)
            return types[i].name;
    g_assert_not_reached();
}

static const char *
what_is(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    g_assert_not_reached();
}

static bool
is_type(const json_t *value, char letter)
{
    switch (letter) {
    case 't':
        return json_is_string(value);
    case 'n':
        return json_is_number(value);
    case 'i':
        return json_is_integer(value);
    case 'b':
        return json_is_boolean(value);
    case 'l':
        return json_is_array(value);
    case 'o':
        return json_is_object(value);
    default:
        g_assert_not_reached();
    }
}

typedef struct {
    const char *type;
    GString *at; /* the path so far, as a reader would write it */
    char *wrong; /* owned; the first thing that is */
} Check;

static bool
check_range(Check *check, const json_t *value)
{
    double number = json_number_value(value);

    if (strchr(check->type, '+') == NULL || (number > 0 && number <= MOST))
        return true;
    check->wrong = g_strdup_printf("%s: a number above 0 and up to %d is "
                                   "wanted",
                                   check->at->str, MOST);
    return false;
}

static bool
check_value(Check *check, const json_t *value)
{
    bool nullable = strchr(check->type, '?') != NULL;

    if (is_type(value, check->type[0]) || (nullable && json_is_null(value)))
        return check_range(check, value);
    check->wrong = g_strdup_printf("%s: %s%s is wanted, and it is %s",
                                   check->at->str, type_name(check->type[0]),
                                   nullable ? " or null" : "", what_is(value));
    return false;
}

static bool check_path(Check *check, const json_t *value, const char *path);

static bool
check_each(Check *check, const json_t *list, const char *path)
{
    gsize length = check->at->len;
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        g_string_append_printf(check->at, "[%zu]", i);
        if (!check_path(check, item, path))
            return false;
        g_string_truncate(check->at, length);
    }
    return true;
}

static bool
check_member(Check *check, const json_t *object, const char *key,
             const char *path)
{
    gsize length = check->at->len;
    const json_t *value = json_object_get(object, key);

    g_string_append_printf(check->at, "%s%s", length > 0 ? "." : "", key);
    if (value == NULL) {
        if (*path == '\0' && strchr(check->type, '!') != NULL) {
            check->wrong = g_strdup_printf("%s: is missing", check->at->str);
            return false;
        }
    } else if (!check_path(check, value, path)) {
        return false;
    }
    g_string_truncate(check->at, length);
    return true;
}

/* Objects and lists have rows of their own, above: where VALUE is neither here,
 * it was allowed to be null. */
static bool
check_path(Check *check, const json_t *value, const char *path)
{
    g_autofree char *key = NULL;
    size_t length;

    if (*path == '.')
        path++;
    if (*path == '\0')
        return check_value(check, value);
    if (g_str_has_prefix(path, "[]"))
        return check_each(check, value, path + 2);
    if (!json_is_object(value))
        return true;
    length = strcspn(path, ".[");
    /* The one key with a dot in it. */
    if (g_str_has_prefix(path, "p99.9_ms"))
        length = strlen("p99.9_ms");
    key = g_strndup(path, length);
    if (g_str_equal(key, "*")) {
        static const char *const names[] = {
            "all",     "before", "during", "after", "failback", /* phases */
            "routing", "metric", "alarm",  "event", "log",      "notification"};

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
            const json_t *member = json_object_get(value, names[i]);
            gsize at = check->at->len;

            if (member == NULL)
                continue;
            g_string_append_printf(check->at, ".%s", names[i]);
            if (!check_path(check, member, path + length))
                return false;
            g_string_truncate(check->at, at);
        }
        return true;
    }
    return check_member(check, value, key, path + length);
}

bool
hs_shape_check(const json_t *result, char **ret_wrong)
{
    g_autoptr(GString) at = g_string_new(NULL);

    if (!json_is_object(result)) {
        *ret_wrong = g_strdup("an object is wanted");
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Check check = {.type = rows[i].type, .at = at};

        g_string_truncate(at, 0);
        if (!check_path(&check, result, rows[i].path)) {
            *ret_wrong = check.wrong;
            return false;
        }
    }
    return true;
}
