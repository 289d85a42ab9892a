/* What goes wrong here ends the process by g_assert(), not by Check, because
 * bfd_record.c meets the daemons without it. */

#include "config.h"

#include "tests/harness/bfd_meeting.h"

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
#define PORT   49999 /* RFC 5881 4: of what we send */

#define FRR_PEER                                                               \
    "vtysh --vty_socket @ -c 'configure' -c 'bfd' "                            \
    "-c 'peer " OURS " local-address " THEIRS "' "
#define BIRD_CONFIG(tx, rx)                                                    \
    "router id 10.0.0.2;\n"                                                    \
    "protocol device {}\n"                                                     \
    "protocol bfd watch {\n"                                                   \
    "  interface \"theirs\" { min tx interval " tx " ms;\n"                    \
    "    min rx interval " rx " ms; multiplier 3; };\n"                        \
    "  neighbor " OURS " dev \"theirs\" local " THEIRS ";\n"                   \
    "}\n"

static const struct {
    const char *name, *program, *config;
    const char *const arguments[16]; /* @ is the folder */
    const char *show;
    const char *orders[BFD_ORDER_COUNT];
} daemons[BFD_DAEMON_COUNT] = {
    [BFD_DAEMON_FRR] =
        {"FRR",
         "/usr/lib/frr/bfdd",
         "bfd\n"
         " peer " OURS " local-address " THEIRS "\n"
         "  transmit-interval 100\n"
         "  receive-interval 100\n"
         "  detect-multiplier 3\n",
         {"-f", "@/daemon.conf", "-i", "@/pid", "-z", "@/zserv", "--vty_socket",
          "@", "--bfdctl", "@/bfdd.sock", "-P", "0"},
         "vtysh --vty_socket @ -c 'show bfd peers'",
         {FRR_PEER "-c 'transmit-interval 400' -c 'receive-interval 300'",
          FRR_PEER "-c 'shutdown'", FRR_PEER "-c 'no shutdown'"}},
    [BFD_DAEMON_BIRD] =
        {"BIRD",
         "/usr/sbin/bird",
         BIRD_CONFIG("100", "100"),
         {"-f", "-c", "@/daemon.conf", "-s", "@/ctl", "-P", "@/pid"},
         "birdc -s @/ctl show bfd sessions",
         {"printf '" BIRD_CONFIG("400", "300") "' > @/daemon.conf && "
                                               "birdc -s @/ctl configure",
          "birdc -s @/ctl disable watch", "birdc -s @/ctl enable watch"}},
};

const char *
bfd_daemon_name(BfdDaemon which)
{
    return daemons[which].name;
}

static HsTime
clock_now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return HS_SEC(t.tv_sec) + t.tv_nsec;
}

HsTime
bfd_meeting_now(void)
{
    return clock_now(CLOCK_MONOTONIC);
}

static char *
expand(const BfdMeeting *m, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@", -1);

    return g_strjoinv(m->folder, parts);
}

static void
run(const BfdMeeting *m, const char *command)
{
    g_autofree char *line = expand(m, command);
    g_autofree char *quiet = g_strdup_printf("(%s) > /dev/null 2>&1", line);

    if (system(quiet) != 0)
        g_error("failed: %s", line);
}

/* In the child: a namespace of its own, then the daemon once the parent has
 * brought the other end of the link (a byte on GO). */
static void
become_daemon(const BfdMeeting *m, int ready, int go)
{
    g_autofree char *log = g_build_filename(m->folder, "log", NULL);
    char *arguments[20] = {g_strdup(daemons[m->which].program)};
    int fd = open(log, O_WRONLY | O_CREAT, 0600);
    char byte = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when the test fails */
    if (unshare(CLONE_NEWNET) != 0)
        _exit(126);
    if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
        _exit(126);
    if (system("ip link set lo up && ip link set theirs up && "
               "ip address add " THEIRS "/24 dev theirs") != 0)
        _exit(126);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    for (unsigned i = 0; daemons[m->which].arguments[i] != NULL; i++)
        arguments[i + 1] = expand(m, daemons[m->which].arguments[i]);
    execv(arguments[0], arguments);
    _exit(127);
}

static bool
start_daemon(BfdMeeting *m)
{
    g_autofree char *path = g_build_filename(m->folder, "daemon.conf", NULL);
    g_autofree char *join = NULL;
    int ready[2], go[2];
    char byte = 0;

    g_assert(g_file_set_contents(path, daemons[m->which].config, -1, NULL));
    g_assert(chmod(path, 0644) == 0);
    g_assert(pipe(ready) == 0 && pipe(go) == 0);
    m->daemon = fork();
    g_assert(m->daemon >= 0);
    if (m->daemon == 0) {
        close(ready[0]);
        close(go[1]);
        become_daemon(m, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    join = g_strdup_printf("ip link add ours type veth peer name theirs && "
                           "ip link set theirs netns %d && "
                           "ip link set ours up && "
                           "ip address add " OURS "/24 dev ours",
                           (int)m->daemon);
    if (read(ready[0], &byte, 1) != 1 || system(join) != 0 ||
        write(go[1], &byte, 1) != 1) {
        printf("skipped: no veth link between namespaces\n");
        return false;
    }
    close(ready[0]);
    close(go[1]);
    return true;
}

static int
bound_socket(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, ttl = BFD_TTL;

    inet_pton(AF_INET, OURS, &at.sin_addr);
    g_assert(bind(fd, (struct sockaddr *)(void *)&at, sizeof at) == 0);
    g_assert(setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) == 0);
    g_assert(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) == 0);
    g_assert(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0);
    return fd;
}

bool
bfd_meeting_open(BfdMeeting *m, BfdDaemon which)
{
    const BfdConfig config = {
        .discriminator = 0x600df00d,
        .desired_min_tx = HS_MSEC(100),
        .required_min_rx = HS_MSEC(100),
        .detect_mult = 3,
    };

    *m = (BfdMeeting){.which = which, .in = -1, .out = -1};
    m->sent = m->heard = m->changed = HS_TIME_NEVER;
    if (access(daemons[which].program, X_OK) != 0) {
        printf("skipped: %s is not installed\n", daemons[which].name);
        return false;
    }
    if (unshare(CLONE_NEWNET) != 0) {
        printf("skipped: no network namespace: %s\n", g_strerror(errno));
        return false;
    }
    m->folder = g_dir_make_tmp("bfd-XXXXXX", NULL);
    /* FRR's daemons give up root, and put their sockets there then. */
    g_assert(chmod(m->folder, 0777) == 0);
    if (!start_daemon(m)) {
        bfd_meeting_close(m);
        return false;
    }
    m->in = bound_socket(BFD_PORT);
    m->out = bound_socket(PORT);
    m->rng = hs_rng_new(1, "us", "bfd");
    m->session = bfd_session_new(&config, m->rng, bfd_meeting_now());
    return true;
}

void
bfd_meeting_close(BfdMeeting *m)
{
    if (m->daemon > 0) {
        bfd_meeting_freeze(m, false);
        kill(m->daemon, SIGTERM);
        waitpid(m->daemon, NULL, 0);
    }
    if (m->in >= 0)
        close(m->in);
    if (m->out >= 0)
        close(m->out);
    if (m->folder != NULL)
        run(m, "rm -rf @");
    bfd_session_free(m->session);
    hs_rng_free(m->rng);
    g_free(m->folder);
    *m = (BfdMeeting){.in = -1, .out = -1};
}

/* Outputs to the socket */

static void
send_packet(BfdMeeting *m, GBytes *packet)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(BFD_PORT)};
    size_t length;
    const void *data = g_bytes_get_data(packet, &length);

    if (m->mute)
        return;
    inet_pton(AF_INET, THEIRS, &to.sin_addr);
    m->sent = bfd_meeting_now();
    (void)sendto(m->out, data, length, 0, (struct sockaddr *)(void *)&to,
                 sizeof to);
}

void
bfd_meeting_settle(BfdMeeting *m)
{
    BfdOutput output;

    while (bfd_session_poll(m->session, &output)) {
        if (output.kind == BFD_OUTPUT_SEND) {
            send_packet(m, output.packet);
            bfd_output_clear(&output);
        } else {
            m->change = output;
            m->changed = bfd_meeting_now();
        }
    }
}

/* The socket to the session */

/* When the kernel got it, by our clock; and the TTL that it came with. The
 * source port is not looked at: BIRD 2.0 takes any, and not one from 49152 on
 * as RFC 5881 4 demands. */
static HsTime
read_control(struct msghdr *message, int *ret_ttl)
{
    HsTime at = bfd_meeting_now();

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
         c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec t;

            memcpy(&t, CMSG_DATA(c), sizeof t);
            at -= clock_now(CLOCK_REALTIME) - HS_SEC(t.tv_sec) - t.tv_nsec;
        }
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
            memcpy(ret_ttl, CMSG_DATA(c), sizeof *ret_ttl);
    }
    return at;
}

static bool
receive_one(BfdMeeting *m)
{
    uint8_t data[256], control[256];
    struct iovec part = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(m->in, &message, 0);
    g_autoptr(GBytes) bytes = NULL;
    int ttl = 0;
    HsTime at;

    if (length < 0)
        return false;
    at = read_control(&message, &ttl);
    g_assert(ttl == BFD_TTL); /* RFC 5881 5 */
    g_assert(bfd_packet_decode(data, (size_t)length, &m->said) ==
             BFD_DROP_NONE);
    m->heard = at;
    m->polls += m->said.poll;
    m->finals += m->said.final;
    if (m->arrived != NULL)
        m->arrived(m->user_data, at, &m->said);
    bytes = g_bytes_new(data, (size_t)length);
    bfd_session_receive(m->session, at, bytes);
    bfd_meeting_settle(m);
    return true;
}

void
bfd_meeting_turn(BfdMeeting *m)
{
    struct pollfd p = {.fd = m->in, .events = POLLIN};
    HsDuration wait = bfd_session_next_expiry(m->session) - bfd_meeting_now();
    struct timespec t = {
        .tv_nsec = (long)CLAMP(wait, 0, HS_MSEC(5)),
    };

    ppoll(&p, 1, &t, NULL);
    while (receive_one(m))
        ;
    bfd_session_expire(m->session, bfd_meeting_now());
    bfd_meeting_settle(m);
}

bool
bfd_meeting_until(BfdMeeting *m, bool (*is_so)(BfdMeeting *m))
{
    HsTime limit = bfd_meeting_now() + HS_SEC(30);

    while (!is_so(m)) {
        if (bfd_meeting_now() > limit)
            return false;
        bfd_meeting_turn(m);
    }
    return true;
}

bool
bfd_meeting_is_up(BfdMeeting *m)
{
    return bfd_session_state(m->session) == BFD_UP &&
           bfd_session_remote_state(m->session) == BFD_UP;
}

/* The daemon's side */

void
bfd_meeting_order(BfdMeeting *m, BfdOrder order)
{
    run(m, daemons[m->which].orders[order]);
}

char *
bfd_meeting_shown(BfdMeeting *m)
{
    g_autofree char *line = expand(m, daemons[m->which].show);
    char *text = NULL;

    g_assert(g_spawn_command_line_sync(line, &text, NULL, NULL, NULL));
    return text;
}

void
bfd_meeting_freeze(BfdMeeting *m, bool frozen)
{
    kill(m->daemon, frozen ? SIGSTOP : SIGCONT);
}
