/* Our speaker against a real BIRD and a real FRR, over TCP on the loopback
 * device of a network namespace of its own.
 *
 * Both sides announce a prefix; each must see the other's with the attributes
 * it was sent with. Skipped, with the reason printed, where a daemon is not
 * installed or namespaces are not allowed. No duration is asserted: the loop
 * ends when the condition holds, and gives up after half a minute. */

#include "config.h"

#include "models/bgp/speaker.h"
#include "tests/harness/run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OURS   "192.0.2.1"
#define THEIRS "192.0.2.2"

static const struct {
    const char *name, *program, *config;
    const char *const arguments[16]; /* @ is the folder */
    const char *show;                /* what it knows of our route */
} daemons[] = {
    {"BIRD",
     "/usr/sbin/bird",
     "router id 10.0.0.2;\n"
     "protocol device {}\n"
     "protocol static originated { ipv4; route 10.50.0.0/16 blackhole; }\n"
     "protocol bgp peer {\n"
     "  local " THEIRS " as 4200000002; neighbor " OURS " as 65001;\n"
     "  multihop; passive; hold time 9;\n"
     "  ipv4 { import all; export filter {\n"
     "    bgp_community.add((7224,7300)); bgp_med = 42; accept; }; };\n"
     "}\n",
     {"-f", "-c", "@/daemon.conf", "-s", "@/ctl", "-P", "@/pid"},
     "birdc -s @/ctl show route all 172.16.0.0/24 > @/shown 2>&1"},
    {"FRR",
     "/usr/lib/frr/bgpd",
     "router bgp 4200000002\n"
     " bgp router-id 10.0.0.2\n"
     " no bgp ebgp-requires-policy\n"
     " no bgp network import-check\n"
     " neighbor " OURS " remote-as 65001\n"
     " neighbor " OURS " ebgp-multihop\n"
     " neighbor " OURS " passive\n"
     " neighbor " OURS " timers 3 9\n"
     " address-family ipv4 unicast\n"
     "  network 10.50.0.0/16 route-map out\n"
     " exit-address-family\n"
     "route-map out permit 10\n"
     " set community 7224:7300\n"
     " set metric 42\n",
     {"-n", "-Z", "-S", "-f", "@/daemon.conf", "-i", "@/pid", "-z", "@/zserv",
      "--vty_socket", "@", "-l", THEIRS, "-P", "0"},
     "vtysh --vty_socket @ -c 'show bgp ipv4 unicast 172.16.0.0/24' "
     "> @/shown 2>&1"},
};

typedef struct {
    char *folder;
    pid_t daemon;
    BgpSpeaker *speaker;
    BgpPeer *peer;
    HsRng *rng;
    int socket; /* -1: none */
    bool connecting;
    unsigned connection;
} Meeting;

static HsTime
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return HS_SEC(t.tv_sec) + t.tv_nsec;
}

static char *
expand(const Meeting *m, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@", -1);

    return g_strjoinv(m->folder, parts);
}

static bool
run(const Meeting *m, const char *command)
{
    g_autofree char *line = expand(m, command);

    return system(line) == 0;
}

static char *
shown(const Meeting *m)
{
    g_autofree char *path = g_build_filename(m->folder, "shown", NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static void
start_daemon(Meeting *m, int which)
{
    g_autofree char *path = g_build_filename(m->folder, "daemon.conf", NULL);
    char *arguments[20] = {0};

    ck_assert(g_file_set_contents(path, daemons[which].config, -1, NULL));
    arguments[0] = g_strdup(daemons[which].program);
    for (unsigned i = 0; daemons[which].arguments[i] != NULL; i++)
        arguments[i + 1] = expand(m, daemons[which].arguments[i]);
    m->daemon = fork();
    ck_assert(m->daemon >= 0);
    if (m->daemon == 0) {
        g_autofree char *log = g_build_filename(m->folder, "log", NULL);
        int fd = open(log, O_WRONLY | O_CREAT, 0600);

        prctl(PR_SET_PDEATHSIG, SIGTERM); /* also when the test fails */
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(arguments[0], arguments);
        _exit(127);
    }
    for (unsigned i = 0; arguments[i] != NULL; i++)
        g_free(arguments[i]);
}

/* The transport: what the outputs ask for, on a real socket. */

static void
open_connection(Meeting *m, unsigned connection)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(BGP_PORT)};

    inet_pton(AF_INET, OURS, &from.sin_addr);
    inet_pton(AF_INET, THEIRS, &to.sin_addr);
    m->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    m->connection = connection;
    m->connecting = true;
    ck_assert_int_eq(
        bind(m->socket, (struct sockaddr *)(void *)&from, sizeof from), 0);
    (void)connect(m->socket, (struct sockaddr *)(void *)&to, sizeof to);
}

static void
close_connection(Meeting *m)
{
    if (m->socket >= 0)
        close(m->socket);
    m->socket = -1;
}

static void
drain(Meeting *m)
{
    BgpSpeakerOutput o;

    while (bgp_speaker_poll(m->speaker, &o)) {
        if (o.kind == BGP_SPEAKER_CONNECT)
            open_connection(m, o.connection);
        if (o.kind == BGP_SPEAKER_CLOSE && o.connection == m->connection)
            close_connection(m);
        if (o.kind == BGP_SPEAKER_SEND && m->socket >= 0) {
            size_t length = g_bytes_get_size(o.bytes);

            ck_assert(send(m->socket, g_bytes_get_data(o.bytes, NULL), length,
                           MSG_NOSIGNAL) == (ssize_t)length);
        }
        bgp_speaker_output_clear(&o);
    }
}

static void
lost(Meeting *m)
{
    close_connection(m);
    bgp_peer_tcp_down(m->peer, now(), m->connection);
}

static void
connected(Meeting *m)
{
    int error = 0;
    socklen_t size = sizeof error;

    m->connecting = false;
    getsockopt(m->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        lost(m);
    else
        bgp_peer_tcp_up(m->peer, now(), m->connection);
}

static void
readable(Meeting *m)
{
    uint8_t buffer[8192];
    ssize_t got = recv(m->socket, buffer, sizeof buffer, 0);

    if (got > 0)
        bgp_peer_receive(m->peer, now(), m->connection, buffer, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        lost(m);
}

static void
turn(Meeting *m)
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
    bgp_speaker_expire(m->speaker, now());
    drain(m);
}

static bool
both_know(Meeting *m, const HsPrefix *theirs, int which)
{
    g_autofree char *text = NULL;

    if (bgp_speaker_best(m->speaker, theirs, NULL) == NULL)
        return false;
    run(m, daemons[which].show);
    text = shown(m);
    return strstr(text, "7224") != NULL;
}

static void
meet(Meeting *m, int which)
{
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 0x0a000001};
    BgpPeerConfig peer = {.name = "daemon",
                          .session = bgp_session_config(BGP_PRESET_FRR)};
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    HsPrefix ours, theirs;
    g_autofree char *text = NULL, *seen = NULL;
    HsTime limit = now() + HS_SEC(30);

    peer.session.peer_as = 4200000002;
    peer.session.timers.connect_retry = HS_SEC(1);
    ck_assert(hs_addr_parse(OURS, &peer.local_address));
    ck_assert(hs_prefix_parse("172.16.0.0/24", &ours));
    ck_assert(hs_prefix_parse("10.50.0.0/16", &theirs));
    attrs->has_med = true;
    attrs->med = 77;
    attrs->communities = bgp_communities_add(NULL, 0x1c381c20);
    m->rng = hs_rng_new(1, "us", "bgp");
    m->speaker = bgp_speaker_new(&config, m->rng);
    m->peer = bgp_speaker_add_peer(m->speaker, &peer, now());
    bgp_speaker_originate(m->speaker, now(), &ours, attrs, BGP_SOURCE_LOCAL, 0);
    bgp_peer_start(m->peer, now());
    drain(m);
    while (!both_know(m, &theirs, which) && now() < limit)
        turn(m);
    text = shown(m);
    ck_assert_msg(bgp_peer_state(m->peer) == BGP_ESTABLISHED, "%s: %s: %s",
                  daemons[which].name, bgp_state_name(bgp_peer_state(m->peer)),
                  text);
    ck_assert_ptr_nonnull(bgp_speaker_best(m->speaker, &theirs, NULL));
    seen =
        bgp_attrs_format(bgp_speaker_best(m->speaker, &theirs, NULL)->received);
    ck_assert_str_eq(seen, "origin IGP path [4200000002] next-hop " THEIRS
                           " med 42 communities 7224:7300");
    ck_assert_msg(strstr(text, "65001") != NULL && strstr(text, "77") != NULL,
                  "%s: %s", daemons[which].name, text);
    ck_assert_int_eq(bgp_session_negotiated(bgp_peer_session(m->peer))->hold,
                     HS_SEC(9));
}

START_TEST(daemon_and_speaker_agree)
{
    Meeting m = {.socket = -1};

    if (access(daemons[_i].program, X_OK) != 0) {
        printf("skipped: %s is not installed\n", daemons[_i].name);
        return;
    }
    if (unshare(CLONE_NEWNET) != 0 ||
        system("ip link set lo up && ip address add " OURS "/32 dev lo && "
               "ip address add " THEIRS "/32 dev lo") != 0) {
        printf("skipped: no network namespace: %s\n", g_strerror(errno));
        return;
    }
    m.folder = g_dir_make_tmp("bgp-XXXXXX", NULL);
    ck_assert(chmod(m.folder, 0755) == 0);
    start_daemon(&m, _i);
    meet(&m, _i);
    kill(m.daemon, SIGTERM);
    waitpid(m.daemon, NULL, 0);
    run(&m, "rm -rf @");
    close_connection(&m);
    bgp_speaker_free(m.speaker);
    hs_rng_free(m.rng);
    g_free(m.folder);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp interop");
    TCase *t = tcase_create("daemons");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, daemon_and_speaker_agree, 0, G_N_ELEMENTS(daemons));
    suite_add_tcase(s, t);
    return run_suite(s);
}
