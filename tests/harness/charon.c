#include "config.h"

#include "tests/harness/charon.h"

#include "models/base/wire.h"

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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PLUGIN "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so"
#define DAEMON "/usr/sbin/charon-systemd"

typedef struct {
    IkeChild face;
    EspSa *out; /* owned */
} Child;

/* Its configuration */

static const char daemon_text[] =
    "charon-systemd {\n"
    "  load = random nonce aes sha1 sha2 hmac kdf gcm openssl gmp curve25519 "
    "kernel-libipsec kernel-netlink socket-default vici\n"
    "  retransmit_timeout = 1.0\n"
    "  retransmit_tries = 4\n"
    "  %s\n"
    "  plugins {\n"
    "    kernel-libipsec { allow_peer_ts = yes }\n"
    "    vici { socket = unix://%s/vici }\n"
    "  }\n"
    "  filelog { log {\n"
    "    path = %s/charon.log\n"
    "    default = 1\n"
    "    ike = 2\n"
    "    cfg = 2\n"
    "    append = no\n"
    "    flush_line = yes\n"
    "  } }\n"
    "  journal { default = -1 }\n"
    "}\n";

static const char connection_text[] =
    "connections { us {\n"
    "  version = 2\n"
    "  local_addrs = " CHARON_THEIRS "\n"
    "  remote_addrs = " CHARON_OURS "\n"
    "  proposals = %s\n"
    "  keyingtries = 1\n"
    "  rekey_time = 0s\n"
    "  %s\n"
    "  local { auth = psk\n id = %s }\n"
    "  remote { auth = psk\n id = %s }\n"
    "  children { net {\n"
    "    local_ts = 10.2.0.0/16\n"
    "    remote_ts = 10.1.0.0/16\n"
    "    esp_proposals = %s\n"
    "    rekey_time = 0s\n"
    "  } }\n"
    "} }\n"
    "secrets { ike-us { secret = \"%s\" } }\n";

HsTime
charon_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return HS_SEC(t.tv_sec) + t.tv_nsec;
}

bool
charon_possible(void)
{
    if (access(DAEMON, X_OK) != 0 || access(PLUGIN, R_OK) != 0 ||
        access("/usr/sbin/swanctl", X_OK) != 0) {
        printf("skipped: no strongSwan (charon-systemd, strongswan-swanctl, "
               "libcharon-extra-plugins)\n");
        return false;
    }
    if (access("/dev/net/tun", R_OK | W_OK) != 0) {
        printf("skipped: no /dev/net/tun\n");
        return false;
    }
    if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0) {
        printf("skipped: no network namespace: %s\n", g_strerror(errno));
        return false;
    }
    return true;
}

static void run(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void
run(const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list arguments;

    va_start(arguments, format);
    line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    ck_assert_msg(system(line) == 0, "%s", line);
}

static char *
read_log(const Charon *m)
{
    g_autofree char *path = g_build_filename(m->folder, "charon.log", NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

bool
charon_said(const Charon *m, const char *text)
{
    g_autofree char *log = read_log(m);

    return strstr(log, text) != NULL;
}

static void
write_file(const Charon *m, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(m->folder, name, NULL);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* In the child process: a namespace of its own, then charon. */
static void
become_charon(const Charon *m, int wait_fd)
{
    g_autofree char *program =
        g_build_filename(m->folder, "charon-systemd", NULL);
    g_autofree char *conf =
        g_build_filename(m->folder, "strongswan.conf", NULL);
    g_autofree char *log = g_build_filename(m->folder, "output", NULL);
    char byte;
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when the test fails */
    if (unshare(CLONE_NEWNET) != 0 || read(wait_fd, &byte, 1) != 1)
        _exit(126);
    if (system("ip link set lo up && "
               "ip address add " CHARON_THEIRS "/24 dev theirs && "
               "ip address add 10.2.0.1/32 dev lo && "
               "ip link set theirs up && "
               "ip route add default via " CHARON_OURS) != 0)
        _exit(125);
    fd = open(log, O_WRONLY | O_CREAT, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("STRONGSWAN_CONF", conf, 1);
    setenv("SWANCTL_DIR", m->folder, 1);
    execl(program, program, NULL);
    _exit(127);
}

static void
start_process(Charon *m)
{
    int fds[2];

    /* a copy: AppArmor's profile, which goes by the path, would keep it out
     * of our folder */
    run("cp " DAEMON " %s/", m->folder);
    ck_assert_int_eq(pipe(fds), 0);
    m->charon = fork();
    ck_assert_int_ge(m->charon, 0);
    if (m->charon == 0)
        become_charon(m, fds[0]);
    /* it has its namespace when it waits for the byte; until then moving the
     * device moves it nowhere */
    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *same =
            g_strdup_printf("test \"$(readlink /proc/self/ns/net)\" != "
                            "\"$(readlink /proc/%d/ns/net)\"",
                            m->charon);

        if (system(same) == 0)
            break;
        g_usleep(10000);
    }
    run("ip link add ours type veth peer name theirs netns %d && "
        "ip address add " CHARON_OURS "/24 dev ours && ip link set ours up",
        m->charon);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    close(fds[0]);
    close(fds[1]);
}

static int
bound_socket(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    inet_pton(AF_INET, CHARON_OURS, &a.sin_addr);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)(void *)&a, sizeof a), 0);
    return fd;
}

static void
log_line(void *user_data, const char *line)
{
    g_string_append((GString *)user_data, line);
    g_string_append_c((GString *)user_data, '\n');
}

void
charon_start(Charon *m, const CharonSwan *swan)
{
    g_autofree char *daemon = NULL, *connection = NULL;
    char *why = NULL;

    memset(m, 0, sizeof *m);
    m->folder = g_dir_make_tmp("charon-XXXXXX", NULL);
    ck_assert(chmod(m->folder, 0755) == 0);
    daemon =
        g_strdup_printf(daemon_text, swan->daemon != NULL ? swan->daemon : "",
                        m->folder, m->folder);
    connection = g_strdup_printf(
        connection_text, swan->ike, swan->options != NULL ? swan->options : "",
        swan->local_id != NULL ? swan->local_id : CHARON_THEIRS,
        swan->remote_id != NULL ? swan->remote_id : CHARON_OURS, swan->esp,
        swan->psk != NULL ? swan->psk : "a shared secret");
    write_file(m, "strongswan.conf", daemon);
    write_file(m, "swanctl.conf", connection);
    start_process(m);

    ike_config_init(&m->config, IKE_PRESET_STRONGSWAN);
    ck_assert(hs_addr_parse(CHARON_OURS, &m->config.local));
    ck_assert(hs_addr_parse(CHARON_THEIRS, &m->config.remote));
    ck_assert(hs_prefix_parse("10.1.0.0/16", &m->config.local_ts));
    ck_assert(hs_prefix_parse("10.2.0.0/16", &m->config.remote_ts));
    m->config.psk = "a shared secret";
    m->config.linger = HS_MSEC(200);
    ck_assert(ike_policy_parse(swan->ike, IKE_PROTOCOL_IKE,
                               &m->config.ike_policy, &why));
    ck_assert(ike_policy_parse(swan->esp, IKE_PROTOCOL_ESP,
                               &m->config.child_policy, &why));
    m->config.retransmit = (IkeRetransmit){HS_SEC(1), 1600, 0, 4};
}

void
charon_meet(Charon *m)
{
    g_autofree char *vici = g_build_filename(m->folder, "vici", NULL);
    HsTime limit = charon_now() + HS_SEC(20);

    m->log = g_string_new(NULL);
    m->trace = (HsTrace){.line = log_line,
                         .user_data = m->log,
                         .node = "us",
                         .protocol = "ike",
                         .peer = "charon"};
    m->config.trace = &m->trace;
    m->rng = hs_rng_new(1, "us", "ike");
    m->session = ike_session_new(&m->config, m->rng, charon_now());
    m->in = esp_sad_new();
    m->children = g_array_new(FALSE, TRUE, sizeof(Child));
    m->sockets[0] = bound_socket(IKE_PORT);
    m->sockets[1] = bound_socket(IKE_NATT_PORT);
    while (access(vici, F_OK) != 0) {
        ck_assert_msg(charon_now() < limit, "charon does not start");
        g_usleep(20000);
    }
    ck_assert_int_eq(charon_control(m, "--load-all --file swanctl.conf"), 0);
}

void
charon_stop(Charon *m)
{
    for (unsigned i = 0; i < m->children->len; i++)
        esp_sa_free(g_array_index(m->children, Child, i).out);
    g_array_unref(m->children);
    esp_sad_free(m->in);
    ike_session_free(m->session);
    hs_rng_free(m->rng);
    g_string_free(m->log, TRUE);
    close(m->sockets[0]);
    close(m->sockets[1]);
    kill(m->charon, SIGTERM);
    waitpid(m->charon, NULL, 0);
    run("rm -rf %s", m->folder);
    g_free(m->folder);
}

/* The ESP side */

static void
copy_keys(EspSaConfig *config, const IkeChildKeys *from)
{
    const EspSuiteInfo *info = esp_suite_info(config->suite);

    ck_assert_uint_eq(from->encryption_length, info->key + info->salt);
    ck_assert_uint_eq(from->integrity_length, info->integrity_key);
    memcpy(config->keys.key, from->encryption, info->key);
    memcpy(config->keys.salt, from->encryption + info->key, info->salt);
    memcpy(config->keys.integrity, from->integrity, info->integrity_key);
}

static void
add_child(Charon *m, const IkeChild *c)
{
    EspSaConfig out = {.spi = c->spi_out,
                       .esn = c->esn,
                       .source = c->local,
                       .destination = c->remote,
                       .nat_t = c->nat_t};
    EspSaConfig in = {.spi = c->spi_in,
                      .esn = c->esn,
                      .source = c->remote,
                      .destination = c->local,
                      .nat_t = c->nat_t};
    Child child = {.face = *c};

    ck_assert_msg(esp_suite_from_name(c->suite, &out.suite), "%s", c->suite);
    in.suite = out.suite;
    copy_keys(&out, &c->out);
    copy_keys(&in, &c->in);
    child.out = esp_sa_new(&out, m->rng);
    ck_assert(esp_sad_add(m->in, esp_sa_new(&in, m->rng)));
    g_array_append_val(m->children, child);
    m->added++;
}

static void
remove_child(Charon *m, const IkeChild *c)
{
    ck_assert(esp_sad_remove(m->in, c->spi_in, &c->local));
    for (unsigned i = 0; i < m->children->len; i++) {
        Child *child = &g_array_index(m->children, Child, i);

        if (child->face.number != c->number)
            continue;
        esp_sa_free(child->out);
        g_array_remove_index(m->children, i);
        break;
    }
    if (m->sending == c->number)
        m->sending = 0;
}

static void
send_udp(Charon *m, uint16_t from, uint16_t to, const void *data, size_t length)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(to)};

    inet_pton(AF_INET, CHARON_THEIRS, &a.sin_addr);
    (void)sendto(m->sockets[from == IKE_NATT_PORT], data, length, 0,
                 (struct sockaddr *)(void *)&a, sizeof a);
}

static uint16_t
checksum(const uint8_t *data, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)data[i] << 8 | (i + 1 < length ? data[i + 1] : 0);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* An IPv4 header in front of what is LENGTH bytes behind it. */
static void
ipv4_header(uint8_t header[20], const char *from, const char *to,
            uint8_t protocol, size_t length)
{
    memset(header, 0, 20);
    header[0] = 0x45;
    put16(header + 2, length + 20);
    header[8] = 64;
    header[9] = protocol;
    inet_pton(AF_INET, from, header + 12);
    inet_pton(AF_INET, to, header + 16);
    put16(header + 10, checksum(header, 20));
}

static void
receive_esp(Charon *m, const uint8_t *data, size_t length)
{
    uint8_t headers[28] = {0};
    g_autoptr(HsPacket) packet = NULL;
    const uint8_t *inner;

    ipv4_header(headers, CHARON_THEIRS, CHARON_OURS, IPPROTO_UDP, length + 8);
    put16(headers + 20, IKE_NATT_PORT);
    put16(headers + 22, IKE_NATT_PORT);
    put16(headers + 24, length + 8);
    packet = hs_packet_new(NULL, length + sizeof headers);
    memcpy(hs_packet_bytes(packet), headers, sizeof headers);
    memcpy(hs_packet_bytes(packet) + sizeof headers, data, length);
    if (!esp_sad_decapsulate(m->in, &packet, NULL, NULL))
        return;
    inner = hs_packet_data(packet);
    for (unsigned i = 0; i < m->children->len; i++) {
        const Child *c = &g_array_index(m->children, Child, i);
        uint32_t spi = (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
                       (uint32_t)data[2] << 8 | data[3];

        if (c->face.spi_in == spi)
            ike_session_traffic_received(m->session, charon_now(),
                                         c->face.number);
    }
    /* an echo reply to us */
    if (hs_packet_length(packet) >= 28 && inner[9] == IPPROTO_ICMP &&
        inner[20] == 0)
        m->replies++;
}

static bool
ping_answered(Charon *m)
{
    return m->replies > 0;
}

void
charon_ping(Charon *m)
{
    uint8_t bytes[20 + 8 + 32] = {0};
    g_autoptr(HsPacket) packet = NULL;
    Child *c = NULL;

    for (unsigned i = 0; i < m->children->len; i++)
        if (g_array_index(m->children, Child, i).face.number == m->sending)
            c = &g_array_index(m->children, Child, i);
    ck_assert_ptr_nonnull(c);
    ipv4_header(bytes, "10.1.0.1", "10.2.0.1", IPPROTO_ICMP, 40);
    bytes[20] = 8; /* echo request */
    put16(bytes + 22, checksum(bytes + 20, 40));
    packet = hs_packet_new(bytes, sizeof bytes);
    ck_assert(esp_encapsulate(c->out, &packet, NULL));
    m->replies = 0;
    send_udp(m, IKE_NATT_PORT, IKE_NATT_PORT, hs_packet_data(packet) + 28,
             hs_packet_length(packet) - 28);
    charon_until(m, ping_answered, "the ping is answered");
}

/* The work */

static void
take_output(Charon *m, IkeOutput *o)
{
    size_t length;
    const void *data;

    switch (o->kind) {
    case IKE_OUTPUT_SEND:
        data = g_bytes_get_data(o->bytes, &length);
        send_udp(m, o->local_port, o->remote_port, data, length);
        return;
    case IKE_OUTPUT_STATE:
        m->last_cause = o->cause;
        return;
    case IKE_OUTPUT_NOTIFY:
        m->last_notify = o->notify;
        return;
    case IKE_OUTPUT_CHILD_ADD:
        add_child(m, o->child);
        return;
    case IKE_OUTPUT_CHILD_SEND:
        m->sending = o->child->number;
        return;
    case IKE_OUTPUT_CHILD_REMOVE:
        remove_child(m, o->child);
        return;
    case IKE_OUTPUT_KEYS:
    case IKE_OUTPUT_PEER:
        return;
    }
}

static void
receive(Charon *m, unsigned which)
{
    uint8_t buffer[65536];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(m->sockets[which], buffer, sizeof buffer, 0,
                           (struct sockaddr *)(void *)&from, &size);
    static const uint8_t marker[4];

    if (got <= 0)
        return;
    if (which == 1 && got > 4 && memcmp(buffer, marker, 4) != 0)
        receive_esp(m, buffer, (size_t)got);
    else {
        HsAddr remote = hs_addr_ipv4(ntohl(from.sin_addr.s_addr));
        g_autoptr(GBytes) bytes = g_bytes_new(buffer, (size_t)got);

        ike_session_receive(m->session, charon_now(), &m->config.local,
                            which == 1 ? IKE_NATT_PORT : IKE_PORT, &remote,
                            ntohs(from.sin_port), bytes);
    }
}

void
charon_turn(Charon *m)
{
    struct pollfd fds[2] = {{m->sockets[0], POLLIN, 0},
                            {m->sockets[1], POLLIN, 0}};
    IkeOutput o;

    while (ike_session_poll(m->session, &o)) {
        take_output(m, &o);
        ike_output_clear(&o);
    }
    poll(fds, 2, 20);
    for (unsigned i = 0; i < 2; i++)
        if (fds[i].revents != 0)
            receive(m, i);
    if (ike_session_next_expiry(m->session) <= charon_now())
        ike_session_expire(m->session, charon_now());
    while (ike_session_poll(m->session, &o)) {
        take_output(m, &o);
        ike_output_clear(&o);
    }
}

void
charon_until(Charon *m, bool (*done)(Charon *m), const char *what)
{
    HsTime limit = charon_now() + HS_SEC(20);

    while (!done(m)) {
        if (charon_now() > limit) {
            g_autofree char *log = read_log(m);

            fprintf(stderr, "%s\n%s\n", m->log->str, log);
            ck_abort_msg("not in time: %s", what);
        }
        charon_turn(m);
    }
}

int
charon_control(Charon *m, const char *arguments)
{
    g_autofree char *line = g_strdup_printf(
        "cp -n /usr/sbin/swanctl %s/swanctl; cd %s && "
        "STRONGSWAN_CONF=%s/strongswan.conf SWANCTL_DIR=%s exec ./swanctl %s "
        "--uri unix://%s/vici >> swanctl.log 2>&1",
        m->folder, m->folder, m->folder, m->folder, arguments, m->folder);
    pid_t pid = fork();
    int status = 0;

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", line, NULL);
        _exit(127);
    }
    while (waitpid(pid, &status, WNOHANG) == 0)
        charon_turn(m);
    return WEXITSTATUS(status);
}
