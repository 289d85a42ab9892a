/* Which connections of a capture are played, and what is said of the rest. */

#include "config.h"

#include "sim/replay/replay.h"

#include <stdlib.h>
#include <string.h>

/* A hole larger than this is not what a capture drops. */
#define MISSING_MOST (UINT64_C(64) << 20)

#define NAMED_MOST   5

G_DEFINE_QUARK(replay - error - quark, replay_error)

const char *
replay_unused_name(ReplayUnused unused)
{
    static const char *const names[] = {
#define X(name, text) [REPLAY_UNUSED_##name] = text,
        REPLAY_UNUSED(X)
#undef X
    };

    g_assert((unsigned)unused < REPLAY_UNUSED_COUNT);
    return names[unused];
}

const char *
replay_point_name(ReplayPoint point)
{
    static const char *const names[] = {
#define X(name, text) [REPLAY_POINT_##name] = text,
        REPLAY_POINTS(X)
#undef X
    };

    g_assert((unsigned)point < REPLAY_POINT_COUNT);
    return names[point];
}

/* The server */

typedef struct {
    HsAddr addr;
    uint16_t port;
    unsigned connections;
} Server;

/* Those on which anything was said. */
static GArray *
find_servers(const Flows *flows)
{
    GArray *servers = g_array_new(FALSE, FALSE, sizeof(Server));

    for (guint i = 0; i < flows->flows->len; i++) {
        const Flow *f = flows->flows->pdata[i];
        Server server = {f->addr[1], f->port[1], 1};
        guint k = 0;

        if (f->bytes[0] == 0 || f->bytes[1] == 0)
            continue;
        for (; k < servers->len; k++) {
            Server *known = &g_array_index(servers, Server, k);

            if (known->port == server.port &&
                hs_addr_equal(&known->addr, &server.addr)) {
                known->connections++;
                break;
            }
        }
        if (k == servers->len)
            g_array_append_val(servers, server);
    }
    return servers;
}

static int
by_connections(const void *a, const void *b)
{
    const Server *one = a, *other = b;

    if (one->connections != other->connections)
        return one->connections > other->connections ? -1 : 1;
    return one->port != other->port
               ? (one->port > other->port) - (one->port < other->port)
               : hs_addr_compare(&one->addr, &other->addr);
}

static char *
name_servers(GArray *servers)
{
    GString *text = g_string_new(NULL);

    g_array_sort(servers, by_connections);
    for (guint i = 0; i < MIN(servers->len, NAMED_MOST); i++) {
        const Server *s = &g_array_index(servers, Server, i);
        char addr[HS_ADDR_TEXT];

        g_string_append_printf(text, "%s%s:%u (%u connection%s)",
                               i > 0 ? ", " : "",
                               hs_addr_format(&s->addr, addr), s->port,
                               s->connections, s->connections == 1 ? "" : "s");
    }
    if (servers->len > NAMED_MOST)
        g_string_append_printf(text, " and %u more", servers->len - NAMED_MOST);
    return g_string_free(text, FALSE);
}

/* "ADDRESS", "ADDRESS:PORT", "[ADDRESS]:PORT". */
static bool
parse_server(const char *text, HsAddr *ret_addr, uint16_t *ret_port)
{
    const char *colon = strrchr(text, ':'), *end = text + strlen(text);
    g_autofree char *address = NULL;
    guint64 port = 0;

    if (hs_addr_parse(text, ret_addr)) {
        *ret_port = 0;
        return true;
    }
    if (colon == NULL ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
        return false;
    end = colon;
    if (*text == '[' && end > text && end[-1] == ']') {
        text++;
        end--;
    }
    address = g_strndup(text, (gsize)(end - text));
    *ret_port = (uint16_t)port;
    return hs_addr_parse(address, ret_addr);
}

static void
keep_servers(GArray *servers, const HsAddr *addr, uint16_t port)
{
    for (guint i = servers->len; i > 0; i--) {
        const Server *s = &g_array_index(servers, Server, i - 1);

        if ((addr != NULL && !hs_addr_equal(&s->addr, addr)) ||
            (port != 0 && s->port != port))
            g_array_remove_index(servers, i - 1);
    }
}

static bool
choose_server(const Flows *flows, const char *path, const char *wanted,
              uint16_t port, Server *ret_server, GError **error)
{
    g_autoptr(GArray) all = find_servers(flows);
    g_autoptr(GArray) left = g_array_copy(all);
    g_autofree char *names = name_servers(all);
    HsAddr addr;
    uint16_t wanted_port;

    if (all->len == 0) {
        g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_EMPTY,
                    "%s: no TCP connection with requests and replies among "
                    "its %" G_GUINT64_FORMAT " packets",
                    path, flows->packets);
        return false;
    }
    if (wanted != NULL && *wanted != '\0') {
        if (!parse_server(wanted, &addr, &wanted_port)) {
            g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_SERVER,
                        "\"%s\" is no server; expected ADDRESS:PORT", wanted);
            return false;
        }
        keep_servers(left, &addr, wanted_port);
        if (left->len == 0) {
            g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_SERVER,
                        "%s: has no connection to %s that was used; it has %s",
                        path, wanted, names);
            return false;
        }
    } else if (left->len > 1) {
        keep_servers(left, NULL, port);
    }
    if (left->len != 1) {
        g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_SERVER,
                    "%s: has several servers: %s; say which one with "
                    "replay.server = ADDRESS:PORT",
                    path, names);
        return false;
    }
    *ret_server = g_array_index(left, Server, 0);
    return true;
}

/* Connections */

static bool
is_of(const Flow *f, const Server *server)
{
    return f->port[1] == server->port &&
           hs_addr_equal(&f->addr[1], &server->addr);
}

/* REPLAY_UNUSED_COUNT: it is used. */
static ReplayUnused
reason_of(const Flow *f)
{
    if (f->refused)
        return REPLAY_UNUSED_REFUSED;
    if (f->bytes[REPLAY_CLIENT] + f->bytes[REPLAY_SERVER] == 0)
        return REPLAY_UNUSED_SILENT;
    if (f->jumped)
        return REPLAY_UNUSED_JUMPED;
    if (f->missing > MISSING_MOST ||
        f->missing == f->bytes[REPLAY_CLIENT] + f->bytes[REPLAY_SERVER])
        return REPLAY_UNUSED_MISSING;
    return REPLAY_UNUSED_COUNT;
}

static bool
is_loopback(const Flow *f)
{
    return hs_addr_equal(&f->addr[0], &f->addr[1]) ||
           (f->addr[1].family == HS_FAMILY_IPV4 && f->addr[1].bytes[0] == 127);
}

/* Ends of one machine: the nearer one answers in much less time. */
static ReplayPoint
point_of(const HsReplayCapture *c)
{
    HsDuration client = c->rtt[REPLAY_CLIENT], server = c->rtt[REPLAY_SERVER];

    if (client < 0 || server < 0)
        return REPLAY_POINT_UNKNOWN;
    if (client < server / 4)
        return REPLAY_POINT_CLIENT;
    if (server < client / 4)
        return REPLAY_POINT_SERVER;
    return REPLAY_POINT_BETWEEN;
}

static int
by_opened(const void *a, const void *b)
{
    const HsReplayConnection *const *one = a, *const *other = b;

    return ((*one)->open > (*other)->open) - ((*one)->open < (*other)->open);
}

/* The flows that are played; the network is measured on all of them. */
static GPtrArray *
take_flows(const Flows *flows, const Server *server, HsReplayCapture *capture)
{
    GPtrArray *used = g_ptr_array_new();

    capture->rtt[0] = capture->rtt[1] = -1;
    for (guint i = 0; i < flows->flows->len; i++) {
        Flow *f = flows->flows->pdata[i];
        ReplayUnused reason;

        if (!is_of(f, server))
            continue;
        reason = reason_of(f);
        capture->connections++;
        capture->joined += f->joined;
        capture->segments += f->segments;
        capture->retransmitted += f->retransmitted;
        for (unsigned side = 0; side < 2; side++)
            if (f->rtt[side] >= 0 &&
                (capture->rtt[side] < 0 || f->rtt[side] < capture->rtt[side]))
                capture->rtt[side] = f->rtt[side];
        if (reason != REPLAY_UNUSED_COUNT) {
            capture->unused[reason]++;
            continue;
        }
        capture->missing += f->missing;
        capture->protocols[postgres_state(f->postgres)]++;
        g_ptr_array_add(used, f);
    }
    return used;
}

static void
make_script(HsReplayCapture *capture, const GPtrArray *used)
{
    g_autoptr(GPtrArray) made = g_ptr_array_new();
    HsTime begin = HS_TIME_NEVER, end = 0;

    for (guint i = 0; i < used->len; i++) {
        const Flow *f = used->pdata[i];

        begin = MIN(begin, f->first);
        end = MAX(end, f->last);
    }
    for (guint i = 0; i < used->len; i++)
        g_ptr_array_add(made,
                        replay_connection_of(used->pdata[i], begin, capture));
    g_ptr_array_sort(made, by_opened);
    capture->script = hs_replay_script_new();
    capture->script->length = MAX(end - begin, 0);
    for (guint i = 0; i < made->len; i++)
        hs_replay_script_add(capture->script, made->pdata[i]);
}

HsReplayCapture *
hs_replay_capture_of(const Flows *flows, const char *path, const char *server,
                     uint16_t port, GError **error)
{
    g_autoptr(HsReplayCapture) capture = g_new0(HsReplayCapture, 1);
    g_autoptr(GPtrArray) used = NULL;
    Server chosen;

    if (!choose_server(flows, path, server, port, &chosen, error))
        return NULL;
    capture->path = g_strdup(path);
    capture->server = chosen.addr;
    capture->port = chosen.port;
    capture->packets = flows->packets;
    used = take_flows(flows, &chosen, capture);
    if (used->len > 0 && is_loopback(used->pdata[0]))
        capture->point = REPLAY_POINT_LOOPBACK;
    else
        capture->point = point_of(capture);
    capture->transactions =
        used->len > 0 && capture->protocols[POSTGRES_READABLE] == used->len;
    make_script(capture, used);
    if (capture->script->requests > 0)
        return g_steal_pointer(&capture);
    g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_EMPTY,
                "%s: none of the %" G_GUINT64_FORMAT
                " connections to the server has a request with its reply",
                path, capture->connections);
    return NULL;
}

/* The file */

static bool
hash_file(const char *path, char **ret_sha256, GError **error)
{
    g_autoptr(GMappedFile) file = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, REPLAY_ERROR, REPLAY_ERROR_FILE, "%s: %s", path,
                    g_file_test(path, G_FILE_TEST_EXISTS)
                        ? "is no file"
                        : "there is no such file");
        return false;
    }
    file = g_mapped_file_new(path, FALSE, error);
    if (file == NULL)
        return false;
    *ret_sha256 = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)g_mapped_file_get_contents(file),
        g_mapped_file_get_length(file));
    return true;
}

HsReplayCapture *
hs_replay_capture_read(const char *path, const char *server, uint16_t port,
                       GError **error)
{
    g_autofree char *sha256 = NULL, *warning = NULL;
    g_autoptr(CaptureReader) reader = NULL;
    g_autoptr(Flows) flows = NULL;
    HsReplayCapture *capture;

    if (!hash_file(path, &sha256, error))
        return NULL;
    reader = capture_reader_new(path, NULL, error);
    if (reader == NULL)
        return NULL;
    flows = replay_flows_read(reader, &warning, error);
    if (flows == NULL)
        return NULL;
    capture = hs_replay_capture_of(flows, path, server, port, error);
    if (capture == NULL)
        return NULL;
    capture->sha256 = g_steal_pointer(&sha256);
    capture->warning = g_steal_pointer(&warning);
    return capture;
}

void
hs_replay_capture_free(HsReplayCapture *capture)
{
    if (capture == NULL)
        return;
    g_free(capture->path);
    g_free(capture->sha256);
    g_free(capture->warning);
    hs_replay_script_free(capture->script);
    g_free(capture);
}
