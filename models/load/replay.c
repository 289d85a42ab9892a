/* The player. A Side is one end of a connection, and both ends are alike:
 *
 *     AFTER bytes have arrived, and the step before is sent
 *         --- WAIT ---> send up to END --> the next step
 *
 * The client's Sides live as long as the script; each connection that the
 * server accepts gives it a Side of its own.
 *
 * Which connection of the script an accepted one is, the server reads from the
 * first octets it gets: the connection's number and the step at which the
 * client begins, four octets each, in the place of what the client would have
 * sent. A server that is to speak first cannot wait for them, nor one whose
 * client says less than that: it takes the connection that has been opened
 * longest and that no other is, and corrects itself if the octets say something
 * else. */

#include "config.h"

#include "models/load/replay.h"

#include "models/load/db.h"
#include "models/load/db_wire.h"

#define TAG           8 /* octets */
#define PIECE         16384
#define BETWEEN       HS_MSEC(1) /* two rounds, at least */
#define RECONNECT     HS_MSEC(100)
#define RECONNECT_MAX HS_SEC(5)

#define QUERY_TIMEOUT "query timeout"
#define UNANSWERED    "unanswered at the end"

enum { CLIENT, SERVER };

typedef struct {
    HsReplay *replay;                 /* borrowed: owns us */
    const HsReplayConnection *script; /* borrowed; NULL: not known yet */
    unsigned which;                   /* CLIENT or SERVER */
    HsStream *stream;                 /* owned; NULL while down */
    HsAlarm *alarm;                   /* owned: the next step, or the close */
    bool armed;
    unsigned number;         /* of the connection in the script */
    unsigned next;           /* step */
    unsigned from;           /* the step with which this stream began */
    uint64_t sent, received; /* of each side's bytes in the script */
    uint64_t base;           /* the client's place where this stream began */
} Side;

typedef struct {
    Side side;
    const char *name;  /* interned */
    HsAlarm *link;     /* owned: connect, or connect again */
    HsAlarm *patience; /* owned: the oldest request takes too long */
    HsDuration delay;  /* before the next connect */
    uint64_t opened;   /* which of all connects the last one was */
    bool up;
    bool matched; /* the server has a Side for this stream */
    bool owed;    /* a step is due and there is no connection */
    bool done;
    unsigned begun, ended; /* requests */
    GArray *due;           /* HsTime of those begun; owned */
} Client;

typedef struct {
    Side side;
    uint8_t tag[TAG];
    unsigned tagged; /* octets of it so far */
    Client *guess;   /* borrowed; NULL: none, or known by the tag */
} Serving;

struct HsReplay {
    HsEnv *env[2]; /* borrowed: outlive us */
    HsReplayConfig config;
    const HsTrace *trace; /* borrowed from the environment */
    HsListener *listener; /* owned */
    GPtrArray *clients;   /* Client, owned, by number */
    GPtrArray *servings;  /* Serving, owned, the oldest first */
    unsigned done;        /* clients */
    bool finished;
    HsReplayCounters counters;
};

static void arm(Side *s);

/* Steps */

/* One that is there. */
static const HsReplayStep *
step_of(const Side *s, unsigned index)
{
    const GArray *steps = s->script->step[s->which];

    g_assert(index < steps->len);
    return &g_array_index(steps, HsReplayStep, index);
}

/* NULL behind the last. */
static const HsReplayStep *
step_at(const Side *s, unsigned index)
{
    return index < s->script->step[s->which]->len ? step_of(s, index) : NULL;
}

static uint64_t
end_of(const HsReplayConnection *script, unsigned which)
{
    const GArray *steps = script->step[which];

    return steps->len > 0
               ? g_array_index(steps, HsReplayStep, steps->len - 1).end
               : 0;
}

static HsDuration
at_speed(const Side *s, HsDuration wait)
{
    double speed = s->replay->config.speed;

    return s->which == SERVER || speed == 1.0
               ? wait
               : (HsDuration)((double)wait / speed);
}

/* Octet PLACE of what side WHICH of connection NUMBER says. All servers say the
 * same, because one may have to speak before it knows which it is. */
static uint8_t
octet_of(unsigned number, unsigned which, uint64_t place)
{
    return db_payload_octet(which == CLIENT ? (uint64_t)number + 1 : 0, place);
}

static uint8_t
octet_to_send(const Side *s, uint64_t place)
{
    uint64_t offset = place - s->base;

    if (s->which == SERVER || offset >= TAG)
        return octet_of(s->number, s->which, place);
    return (uint8_t)((offset < 4 ? s->number : s->from) >>
                     (8 * (3 - offset % 4)));
}

static void
send_until(Side *s, uint64_t end)
{
    uint8_t piece[PIECE];

    while (s->sent < end) {
        size_t n = (size_t)MIN(end - s->sent, sizeof piece);

        for (size_t i = 0; i < n; i++)
            piece[i] = octet_to_send(s, s->sent + i);
        hs_stream_send(s->stream, piece, n);
        s->sent += n;
    }
}

/* Requests */

static const HsReplayRequest *
request_at(const Client *c, unsigned index)
{
    return index < c->side.script->requests->len
               ? &g_array_index(c->side.script->requests, HsReplayRequest,
                                index)
               : NULL;
}

static void
tell(Client *c, unsigned index, const char *to, const char *cause)
{
    HsReplay *replay = c->side.replay;
    HsEnv *env = replay->env[CLIENT];
    const HsFact fact = {
        .kind = HS_FACT_REPLAYED,
        .subject = replay->config.name,
        .peer = c->name,
        .to = to,
        .cause = cause,
        .id = (replay->counters.rounds - 1) * replay->config.script->requests +
              c->side.script->first + index + 1,
        .value = hs_env_now(env) - g_array_index(c->due, HsTime, index),
    };

    hs_env_fact(env, &fact);
}

static void
set_patience(Client *c)
{
    HsDuration timeout = c->side.replay->config.timeout;
    HsTime until = HS_TIME_NEVER;

    if (timeout != HS_TIME_NEVER && c->ended < c->begun)
        until = hs_time_add(g_array_index(c->due, HsTime, c->ended), timeout);
    hs_alarm_set(c->patience, until);
}

/* What begins in the step that is due now. */
static void
begin_requests(Client *c, uint64_t end)
{
    HsTime now = hs_env_now(c->side.replay->env[CLIENT]);
    const HsReplayRequest *request;

    while ((request = request_at(c, c->begun)) != NULL &&
           request->start < end) {
        g_array_append_val(c->due, now);
        c->begun++;
        c->side.replay->counters.requests++;
    }
    set_patience(c);
}

static void
end_requests(Client *c)
{
    const HsReplayRequest *request;

    while (c->ended < c->begun && (request = request_at(c, c->ended)) != NULL &&
           request->answered <= c->side.received) {
        c->side.replay->counters.answered++;
        tell(c, c->ended++, "answered", NULL);
    }
    set_patience(c);
}

static void
fail_requests(Client *c, const char *cause, uint64_t *counter)
{
    while (c->ended < c->begun) {
        ++*counter;
        tell(c, c->ended++, "failed", cause);
    }
    set_patience(c);
}

/* Rounds */

static void
open_all(HsReplay *replay, HsTime from)
{
    replay->counters.rounds++;
    replay->done = 0;
    for (guint i = 0; i < replay->clients->len; i++) {
        Client *c = g_ptr_array_index(replay->clients, i);
        Side *s = &c->side;

        g_clear_pointer(&s->stream, hs_stream_free);
        s->next = s->from = 0;
        s->sent = s->received = s->base = 0;
        s->armed = c->up = c->owed = c->done = false;
        c->begun = c->ended = 0;
        c->delay = replay->config.reconnect_delay;
        g_array_set_size(c->due, 0);
        hs_alarm_set(s->alarm, HS_TIME_NEVER);
        hs_alarm_set(c->link, hs_time_add(from, at_speed(s, s->script->open)));
    }
}

static void
set_done(Client *c)
{
    HsReplay *replay = c->side.replay;
    HsTime now = hs_env_now(replay->env[CLIENT]);

    if (c->done)
        return;
    c->done = true;
    hs_alarm_set(c->link, HS_TIME_NEVER);
    if (++replay->done == replay->clients->len && replay->config.loop &&
        now + BETWEEN < replay->config.stop)
        open_all(replay, now + BETWEEN);
}

/* All is said, and heard by this side. */
static bool
is_complete(const Side *s)
{
    return step_at(s, s->next) == NULL &&
           s->received >= end_of(s->script, !s->which);
}

static bool
closes(const Side *s)
{
    return s->script->end == (s->which == CLIENT ? HS_REPLAY_CLOSED_BY_CLIENT
                                                 : HS_REPLAY_CLOSED_BY_SERVER);
}

/* In the middle of a request, which is then asked to its end. */
static bool
is_asking(const Client *c)
{
    return c->ended < c->begun;
}

/* The next step, or the end, when its time has come. */
static void
arm(Side *s)
{
    HsReplay *replay = s->replay;
    const HsReplayStep *step;
    HsDuration wait;
    HsTime due;

    if (s->armed || s->script == NULL)
        return;
    step = step_at(s, s->next);
    if (step != NULL ? s->received < step->after
                     : !is_complete(s) || s->stream == NULL)
        return;
    if (step == NULL && !closes(s)) {
        if (s->which == CLIENT && s->script->end == HS_REPLAY_OPEN)
            set_done((Client *)s);
        return;
    }
    wait = step != NULL ? step->wait : s->script->end_wait;
    due = hs_time_add(hs_env_now(replay->env[s->which]), at_speed(s, wait));
    if (s->which == CLIENT && step != NULL && due >= replay->config.stop &&
        !is_asking((const Client *)s))
        return;
    s->armed = true;
    hs_alarm_set(s->alarm, due);
}

static void
send_step(Side *s)
{
    send_until(s, step_of(s, s->next)->end);
    s->next++;
    arm(s);
}

static void
client_is_due(void *user_data)
{
    Client *c = user_data;
    Side *s = &c->side;
    const HsReplayStep *step = step_at(s, s->next);

    s->armed = false;
    if (step == NULL) {
        hs_stream_close(s->stream);
        g_clear_pointer(&s->stream, hs_stream_free);
        c->up = false;
        set_done(c);
        return;
    }
    begin_requests(c, step->end);
    if (c->up)
        send_step(s);
    else
        c->owed = true;
}

static void
server_is_due(void *user_data)
{
    Serving *serving = user_data;
    Side *s = &serving->side;

    s->armed = false;
    if (step_at(s, s->next) != NULL)
        send_step(s);
    else
        hs_stream_close(s->stream);
}

/* The client's connection */

/* Behind what was asked: the step with which the next request begins. */
static bool
find_next_request(Client *c)
{
    Side *s = &c->side;
    const HsReplayRequest *request = request_at(c, c->begun);
    const HsReplayStep *step;

    if (request == NULL)
        return false;
    while ((step = step_at(s, s->next)) != NULL && step->end <= request->start)
        s->next++;
    return step != NULL;
}

/* The application goes on, whether there is a connection or not. False: with
 * nothing. */
static bool
go_on(Client *c)
{
    Side *s = &c->side;

    s->armed = c->owed = false;
    hs_alarm_set(s->alarm, HS_TIME_NEVER);
    if (c->begun == 0)
        return true; /* from the beginning, once there is a connection */
    if (!find_next_request(c)) {
        set_done(c);
        return false;
    }
    s->received = step_of(s, s->next)->after;
    arm(s);
    return true;
}

static void
lose(Client *c, const char *cause)
{
    Side *s = &c->side;
    HsReplay *replay = s->replay;
    HsTime now = hs_env_now(replay->env[CLIENT]);

    hs_trace(replay->trace, now, "%s lost (%s)", c->name, cause);
    g_clear_pointer(&s->stream, hs_stream_free);
    replay->counters.lost += c->up && !c->done;
    c->up = false;
    if (c->done)
        return;
    /* What waited for a connection goes on waiting. */
    if (!c->owed) {
        fail_requests(c, cause, &replay->counters.failed);
        if (!go_on(c))
            return;
    }
    hs_alarm_set(c->link, hs_time_add(now, c->delay));
    c->delay = MIN(2 * c->delay, replay->config.reconnect_delay_max);
}

/* Where the stream begins in the script. */
static void
begin_stream(Side *s)
{
    const HsReplayStep *step = step_at(s, s->next);

    s->from = s->next;
    s->sent = s->base = s->next > 0 ? step_of(s, s->next - 1)->end : 0;
    s->received = step != NULL && s->next > 0 ? step->after : 0;
}

static void
client_connected(void *user_data)
{
    Client *c = user_data;
    Side *s = &c->side;

    begin_stream(s);
    c->up = true;
    c->delay = s->replay->config.reconnect_delay;
    s->replay->counters.connected++;
    if (c->owed) {
        c->owed = false;
        send_step(s);
    } else {
        arm(s);
    }
}

/* Holds DATA against what the other side should say; false if it differs. */
static bool
take(Side *s, const uint8_t *data, size_t length)
{
    unsigned other = !s->which;

    if (length > end_of(s->script, other) - s->received)
        return false;
    for (size_t i = 0; i < length; i++, s->received++) {
        bool tag = other == CLIENT && s->received - s->base < TAG;

        if (!tag && data[i] != octet_of(s->number, other, s->received))
            return false;
    }
    return true;
}

static void
client_received(void *user_data, const uint8_t *data, size_t length)
{
    Client *c = user_data;

    if (!take(&c->side, data, length)) {
        c->side.replay->counters.bad++;
        lose(c, hs_db_bad_name(HS_DB_BAD_PAYLOAD));
        return;
    }
    end_requests(c);
    arm(&c->side);
}

static void
client_ended(void *user_data, HsStreamEnd why)
{
    Client *c = user_data;

    if (why == HS_STREAM_CLOSED && is_complete(&c->side) && !c->owed) {
        g_clear_pointer(&c->side.stream, hs_stream_free);
        c->up = false;
        set_done(c);
        return;
    }
    lose(c, hs_stream_end_name(why));
}

static void
patience_ends(void *user_data)
{
    Client *c = user_data;

    HsReplayCounters *counters = &c->side.replay->counters;

    counters->timeouts++;
    if (c->up) {
        lose(c, QUERY_TIMEOUT);
        return;
    }
    fail_requests(c, QUERY_TIMEOUT, &counters->failed);
    go_on(c);
}

static void
open_link(void *user_data)
{
    static const HsStreamEvents events = {
        .connected = client_connected,
        .received = client_received,
        .ended = client_ended,
    };
    Client *c = user_data;
    Side *s = &c->side;
    HsReplay *replay = s->replay;

    if (hs_env_now(replay->env[CLIENT]) >= replay->config.stop)
        return;
    begin_stream(s);
    c->matched = false;
    c->opened = ++replay->counters.connects;
    s->stream = hs_stream_connect(replay->env[CLIENT], &replay->config.client,
                                  &replay->config.server, replay->config.port,
                                  &events, c);
}

/* The server */

static void
serving_free(void *data)
{
    Serving *serving = data;

    hs_alarm_free(serving->side.alarm);
    hs_stream_free(serving->side.stream);
    g_free(serving);
}

static void
drop_serving(Serving *serving)
{
    g_ptr_array_remove(serving->side.replay->servings, serving);
}

/* SERVING is connection NUMBER, whose client began with step FROM; what the
 * server said so far stays said. False: there is no such step, or it should
 * have said something else. */
static bool
become(Serving *serving, unsigned number, unsigned from)
{
    Side *s = &serving->side;
    const GPtrArray *connections = s->replay->config.script->connections;
    const HsReplayConnection *script;
    uint64_t said = s->script != NULL ? s->sent : 0, begin = 0, base = 0;

    if (number >= connections->len)
        return false;
    script = connections->pdata[number];
    if (from > 0) {
        const GArray *steps = script->step[CLIENT];

        if (from >= steps->len)
            return false;
        begin = g_array_index(steps, HsReplayStep, from).after;
        base = g_array_index(steps, HsReplayStep, from - 1).end;
    }
    if (said > end_of(script, SERVER))
        return false;
    s->script = script;
    s->number = number;
    s->from = from;
    s->received = s->base = base;
    s->sent = MAX(said, begin);
    s->next = 0;
    while (step_at(s, s->next) != NULL && step_at(s, s->next)->end <= s->sent)
        s->next++;
    s->armed = false;
    hs_alarm_set(s->alarm, HS_TIME_NEVER);
    return true;
}

static Client *
oldest_unmatched(const HsReplay *replay)
{
    Client *oldest = NULL;

    for (guint i = 0; i < replay->clients->len; i++) {
        Client *c = g_ptr_array_index(replay->clients, i);

        if (c->side.stream != NULL && !c->matched &&
            (oldest == NULL || c->opened < oldest->opened))
            oldest = c;
    }
    return oldest;
}

/* The tag is there: it is right, whatever was guessed. */
static bool
read_tag(Serving *serving)
{
    Side *s = &serving->side;
    const uint8_t *t = serving->tag;
    unsigned number = (unsigned)t[0] << 24 | (unsigned)t[1] << 16 |
                      (unsigned)t[2] << 8 | t[3];
    unsigned from = (unsigned)t[4] << 24 | (unsigned)t[5] << 16 |
                    (unsigned)t[6] << 8 | t[7];
    Client *guess = serving->guess;

    serving->guess = NULL;
    if (guess != NULL && s->number == number && s->from == from)
        return true;
    if (guess != NULL)
        guess->matched = false;
    if (!become(serving, number, from))
        return false;
    ((Client *)s->replay->clients->pdata[number])->matched = true;
    s->received = s->base + TAG;
    return true;
}

static void
server_received(void *user_data, const uint8_t *data, size_t length)
{
    Serving *serving = user_data;
    Side *s = &serving->side;
    size_t tag = MIN(length, TAG - serving->tagged);
    bool good = true;

    for (size_t i = 0; i < tag; i++)
        serving->tag[serving->tagged++] = data[i];
    if (tag > 0 && s->script != NULL)
        s->received += tag;
    if (tag > 0 && serving->tagged == TAG)
        good = read_tag(serving);
    if (good && s->script != NULL)
        good = take(s, data + tag, length - tag);
    if (!good) {
        s->replay->counters.bad++;
        drop_serving(serving);
        return;
    }
    arm(s);
}

static void
server_ended(void *user_data, HsStreamEnd why)
{
    (void)why;
    drop_serving(user_data);
}

static void
accepted(void *user_data, HsStream *stream, const HsAddr *peer,
         uint16_t peer_port)
{
    static const HsStreamEvents events = {
        .received = server_received,
        .ended = server_ended,
    };
    HsReplay *replay = user_data;
    Serving *serving = g_new0(Serving, 1);
    Client *guess = oldest_unmatched(replay);

    (void)peer;
    (void)peer_port;
    serving->side = (Side){
        .replay = replay,
        .which = SERVER,
        .stream = stream,
        .alarm = hs_alarm_new(replay->env[SERVER], server_is_due, serving),
    };
    g_ptr_array_add(replay->servings, serving);
    hs_stream_set_events(stream, &events, serving);
    if (guess == NULL || !become(serving, guess->side.number, guess->side.from))
        return;
    serving->guess = guess;
    guess->matched = true;
    arm(&serving->side);
}

/* Life */

static void
client_free(void *data)
{
    Client *c = data;

    hs_stream_free(c->side.stream);
    hs_alarm_free(c->side.alarm);
    hs_alarm_free(c->link);
    hs_alarm_free(c->patience);
    g_array_unref(c->due);
    g_free(c);
}

static void
add_client(HsReplay *replay, unsigned number)
{
    Client *c = g_new0(Client, 1);
    g_autofree char *name = g_strdup_printf("r%u", number);
    HsEnv *env = replay->env[CLIENT];

    c->name = g_intern_string(name);
    c->side = (Side){
        .replay = replay,
        .script = replay->config.script->connections->pdata[number],
        .which = CLIENT,
        .alarm = hs_alarm_new(env, client_is_due, c),
        .number = number,
    };
    c->link = hs_alarm_new(env, open_link, c);
    c->patience = hs_alarm_new(env, patience_ends, c);
    c->due = g_array_new(FALSE, FALSE, sizeof(HsTime));
    g_ptr_array_add(replay->clients, c);
}

static void
set_defaults(HsReplayConfig *config)
{
    if (config->port == 0)
        config->port = HS_DB_PORT;
    if (config->speed <= 0)
        config->speed = 1;
    if (config->timeout == 0)
        config->timeout = HS_TIME_NEVER;
    if (config->reconnect_delay == 0)
        config->reconnect_delay = RECONNECT;
    if (config->reconnect_delay_max == 0)
        config->reconnect_delay_max = RECONNECT_MAX;
}

HsReplay *
hs_replay_new(HsEnv *client, HsEnv *server, const HsReplayConfig *config)
{
    HsReplay *replay = g_new0(HsReplay, 1);

    replay->env[CLIENT] = client;
    replay->env[SERVER] = server;
    replay->config = *config;
    replay->config.name = g_intern_string(config->name);
    set_defaults(&replay->config);
    replay->trace = hs_env_trace_new(client, "replay", replay->config.name);
    replay->clients = g_ptr_array_new_with_free_func(client_free);
    replay->servings = g_ptr_array_new_with_free_func(serving_free);
    for (guint i = 0; i < config->script->connections->len; i++)
        add_client(replay, i);
    replay->listener = hs_env_listen(server, &replay->config.server,
                                     replay->config.port, accepted, replay);
    open_all(replay, config->start);
    return replay;
}

void
hs_replay_finish(HsReplay *replay)
{
    if (replay->finished)
        return;
    replay->finished = true;
    for (guint i = 0; i < replay->clients->len; i++) {
        Client *c = g_ptr_array_index(replay->clients, i);

        hs_alarm_set(c->side.alarm, HS_TIME_NEVER);
        hs_alarm_set(c->link, HS_TIME_NEVER);
        fail_requests(c, UNANSWERED, &replay->counters.unanswered);
        if (c->up)
            hs_stream_close(c->side.stream);
        g_clear_pointer(&c->side.stream, hs_stream_free);
        c->up = false;
    }
}

void
hs_replay_free(HsReplay *replay)
{
    if (replay == NULL)
        return;
    g_ptr_array_unref(replay->clients);
    g_ptr_array_unref(replay->servings);
    hs_listener_free(replay->listener);
    g_free(replay);
}

const HsReplayCounters *
hs_replay_counters(const HsReplay *replay)
{
    return &replay->counters;
}
