#include "config.h"

#include "tests/harness/bgp_meeting.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE HS_SEC(30)

HsTime
bgp_meeting_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return HS_SEC(t.tv_sec) + t.tv_nsec;
}

static char *
replace(const char *text, const char *what, const char *with)
{
    g_auto(GStrv) parts = g_strsplit(text, what, -1);

    return g_strjoinv(with, parts);
}

static bool
run(const BgpMeeting *m, const char *command)
{
    g_autofree char *line = replace(command, "@", m->folder);

    return system(line) == 0;
}

/* Namespaces */

static bool
make_place(const BgpDaemon *daemon)
{
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    if (daemon->own_run && (mount("none", "/run", "tmpfs", 0, NULL) != 0 ||
                            mkdir(daemon->home, 0755) != 0))
        return false;
    return system("ip link set lo up && "
                  "ip address add " BGP_MEETING_OURS "/32 dev lo && "
                  "ip address add " BGP_MEETING_THEIRS "/32 dev lo") == 0;
}

bool
bgp_meeting_begin(BgpMeeting *m, const BgpDaemon *daemon)
{
    *m = (BgpMeeting){.daemon = daemon, .socket = -1};
    if (access(daemon->program, X_OK) != 0) {
        printf("skipped: %s is not installed\n", daemon->name);
        return false;
    }
    if (!make_place(daemon)) {
        printf("skipped: no namespace: %s\n", g_strerror(errno));
        return false;
    }
    m->folder = g_dir_make_tmp("bgp-XXXXXX", NULL);
    ck_assert(m->folder != NULL && chmod(m->folder, 0755) == 0);
    m->log = g_string_new(NULL);
    return true;
}

/* The daemon */

static void
spawn(BgpMeeting *m, bool again)
{
    const BgpDaemon *d = m->daemon;
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    HsTime limit = bgp_meeting_now() + PATIENCE;

    g_ptr_array_add(arguments, g_strdup(d->program));
    for (unsigned i = 0; d->arguments[i] != NULL; i++)
        g_ptr_array_add(arguments, replace(d->arguments[i], "@", m->folder));
    if (again && d->again != NULL)
        g_ptr_array_add(arguments, g_strdup(d->again));
    g_ptr_array_add(arguments, NULL);
    m->pid = fork();
    ck_assert(m->pid >= 0);
    if (m->pid == 0) {
        g_autofree char *log = g_build_filename(m->folder, "log", NULL);
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        prctl(PR_SET_PDEATHSIG, SIGTERM); /* also when the test fails */
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(d->program, (char **)arguments->pdata);
        _exit(127);
    }
    while (!run(m, d->ready)) {
        ck_assert_msg(bgp_meeting_now() < limit, "%s does not answer", d->name);
        g_usleep(50000);
    }
}

void
bgp_meeting_start_daemon(BgpMeeting *m, uint32_t asn, const char *const *adds)
{
    g_autofree char *path = g_build_filename(m->folder, "daemon.conf", NULL);
    g_autofree char *number = g_strdup_printf("%u", asn);
    g_autofree char *a = replace(m->daemon->config, "#", number);
    g_autofree char *b = replace(a, "GLOBAL", adds != NULL ? adds[0] : "");
    g_autofree char *c = replace(b, "PEER", adds != NULL ? adds[1] : "");
    g_autofree char *d =
        replace(c, "LIMIT", adds == NULL || adds[2] == NULL ? "" : adds[2]);
    g_autofree char *text = replace(d, "@", m->folder);

    ck_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE,
                                       0600, NULL));
    if (strstr(m->daemon->program, "frr") != NULL)
        ck_assert(run(m, "chown frr:frr @ @/daemon.conf 2>/dev/null || true"));
    spawn(m, false);
}

void
bgp_meeting_kill_daemon(BgpMeeting *m)
{
    kill(m->pid, SIGKILL);
    waitpid(m->pid, NULL, 0);
    m->pid = 0;
}

void
bgp_meeting_restart_daemon(BgpMeeting *m)
{
    spawn(m, true);
}

char *
bgp_meeting_ask(BgpMeeting *m, const char *command)
{
    g_autofree char *with_file = g_strconcat(command, " > @/shown 2>&1", NULL);
    g_autofree char *path = g_build_filename(m->folder, "shown", NULL);
    char *text = NULL;

    run(m, with_file);
    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

bool
bgp_meeting_hears(BgpMeeting *m, const char *command, const char *text)
{
    g_autofree char *answer = bgp_meeting_ask(m, command);

    return strstr(answer, text) != NULL;
}

/* The transport: what the outputs ask for, on a real socket. */

static void
open_connection(BgpMeeting *m, unsigned connection)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(BGP_PORT)};

    bgp_meeting_cut(m);
    inet_pton(AF_INET, BGP_MEETING_OURS, &from.sin_addr);
    inet_pton(AF_INET, BGP_MEETING_THEIRS, &to.sin_addr);
    m->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    m->connection = connection;
    m->connecting = true;
    ck_assert_int_eq(
        bind(m->socket, (struct sockaddr *)(void *)&from, sizeof from), 0);
    (void)connect(m->socket, (struct sockaddr *)(void *)&to, sizeof to);
}

void
bgp_meeting_cut(BgpMeeting *m)
{
    if (m->socket >= 0)
        close(m->socket);
    m->socket = -1;
}

static void
handle(BgpMeeting *m, const BgpSpeakerOutput *o)
{
    if (o->kind == BGP_SPEAKER_CONNECT)
        open_connection(m, o->connection);
    if (o->kind == BGP_SPEAKER_CLOSE && o->connection == m->connection)
        bgp_meeting_cut(m);
    if (o->kind == BGP_SPEAKER_SEND && m->socket >= 0) {
        size_t length = g_bytes_get_size(o->bytes);

        ck_assert(send(m->socket, g_bytes_get_data(o->bytes, NULL), length,
                       MSG_NOSIGNAL) == (ssize_t)length);
    }
    if (o->kind == BGP_SPEAKER_STATE)
        g_string_append_printf(m->log, "%s (%s)\n", bgp_state_name(o->to),
                               o->cause);
    if (o->kind == BGP_SPEAKER_STALE)
        g_string_append_printf(m->log, "%u %s (%s)\n", o->paths,
                               o->announce ? "stale" : "removed", o->cause);
    if (o->kind == BGP_SPEAKER_END_OF_RIB)
        g_string_append(m->log, "End-of-RIB\n");
}

void
bgp_meeting_drain(BgpMeeting *m)
{
    BgpSpeakerOutput o;

    while (bgp_speaker_poll(m->speaker, &o)) {
        handle(m, &o);
        bgp_speaker_output_clear(&o);
    }
}

static void
lost(BgpMeeting *m)
{
    bgp_meeting_cut(m);
    bgp_peer_tcp_down(m->peer, bgp_meeting_now(), m->connection);
}

static void
connected(BgpMeeting *m)
{
    int error = 0;
    socklen_t size = sizeof error;

    m->connecting = false;
    getsockopt(m->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        lost(m);
    else
        bgp_peer_tcp_up(m->peer, bgp_meeting_now(), m->connection);
}

static void
readable(BgpMeeting *m)
{
    uint8_t buffer[8192];
    ssize_t got = recv(m->socket, buffer, sizeof buffer, 0);

    if (got > 0)
        bgp_peer_receive(m->peer, bgp_meeting_now(), m->connection, buffer,
                         (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        lost(m);
}

static void
turn(BgpMeeting *m)
{
    struct pollfd p = {.fd = m->socket,
                       .events = m->connecting ? POLLOUT : POLLIN};

    poll(&p, 1, 50);
    if (m->socket >= 0 && p.revents != 0) {
        if (m->connecting)
            connected(m);
        else
            readable(m);
    }
    bgp_speaker_expire(m->speaker, bgp_meeting_now());
    bgp_meeting_drain(m);
}

bool
bgp_meeting_until(BgpMeeting *m, bool (*reached)(BgpMeeting *m))
{
    HsTime limit = bgp_meeting_now() + PATIENCE;

    while (!reached(m)) {
        if (bgp_meeting_now() >= limit)
            return false;
        turn(m);
    }
    return true;
}

/* Our side */

BgpPeerConfig
bgp_meeting_peer_config(uint32_t peer_as)
{
    BgpPeerConfig config = {.name = "daemon",
                            .session = bgp_session_config(BGP_PRESET_FRR)};

    config.session.peer_as = peer_as;
    config.session.timers.connect_retry = HS_SEC(1);
    ck_assert(hs_addr_parse(BGP_MEETING_OURS, &config.local_address));
    return config;
}

void
bgp_meeting_start_speaker(BgpMeeting *m, uint32_t peer_as,
                          const BgpPeerConfig *config)
{
    BgpSpeakerConfig speaker = {.asn = 65001, .router_id = 0x0a000001};
    BgpPeerConfig plain = bgp_meeting_peer_config(peer_as);
    g_autoptr(BgpPolicy) export = bgp_policy_new();
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    HsPrefix ours;

    ck_assert(hs_prefix_parse("172.16.0.0/24", &ours));
    bgp_policy_add(export, &(BgpPolicyRule){.prepend = 2});
    attrs->has_med = true;
    attrs->med = 77;
    attrs->communities = bgp_communities_add(NULL, 7224u << 16 | 7100);
    m->rng = hs_rng_new(1, "us", "bgp");
    m->speaker = bgp_speaker_new(&speaker, m->rng);
    m->peer = bgp_speaker_add_peer(m->speaker, config != NULL ? config : &plain,
                                   bgp_meeting_now());
    bgp_peer_set_export(m->peer, bgp_meeting_now(), export);
    bgp_speaker_originate(m->speaker, bgp_meeting_now(), &ours, attrs,
                          BGP_SOURCE_LOCAL, 0);
    bgp_peer_start(m->peer, bgp_meeting_now());
    bgp_meeting_drain(m);
}

void
bgp_meeting_end(BgpMeeting *m)
{
    if (m->pid > 0) {
        kill(m->pid, SIGTERM);
        waitpid(m->pid, NULL, 0);
    }
    run(m, "rm -rf @");
    bgp_meeting_cut(m);
    bgp_speaker_free(m->speaker);
    hs_rng_free(m->rng);
    g_string_free(m->log, TRUE);
    g_free(m->folder);
}
