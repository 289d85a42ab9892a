/* A thread belongs to a network namespace, and what it opens belongs there too:
 * /dev/net/tun, sockets, /proc/thread-self/net. So whatever has to happen in
 * another namespace is done by a thread that enters it, does that one thing,
 * and ends; the file descriptors that it opened are used from anywhere.
 *
 * A namespace with a name is a file in /run/netns on which the namespace is
 * mounted: what `ip netns add` makes, so that `ip netns exec` finds it. */

#include "config.h"

#include "sim/engine/tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NETNS_FOLDER "/run/netns"
#define TUN_PATH     "/dev/net/tun"
#define LARGEST      65535 /* of an IP packet */

G_DEFINE_QUARK(hs - tun - error, hs_tun_error)

struct HsNetns {
    char *name; /* owned */
    char *path; /* owned */
    int fd;     /* owned */
    bool ours;
};

struct HsTun {
    HsNetns *netns; /* borrowed */
    char name[IFNAMSIZ];
    int fd; /* owned */
    bool gone;
};

static void fail(GError **error, HsTunError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
fail(GError **error, HsTunError code, const char *format, ...)
{
    va_list arguments;
    GError *made;

    va_start(arguments, format);
    made = g_error_new_valist(HS_TUN_ERROR, (int)code, format, arguments);
    va_end(arguments);
    g_propagate_error(error, made);
}

/* Rights */

static bool
has_capability(unsigned capability)
{
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    return (data[CAP_TO_INDEX(capability)].effective &
            CAP_TO_MASK(capability)) != 0;
}

bool
hs_tun_possible(bool other_namespaces, GError **error)
{
    int fd;

    if (!has_capability(CAP_NET_ADMIN)) {
        fail(error, HS_TUN_ERROR_RIGHTS,
             "TUN devices take the right CAP_NET_ADMIN, which this process "
             "does not have; run it as root");
        return false;
    }
    if (other_namespaces && !has_capability(CAP_SYS_ADMIN)) {
        fail(error, HS_TUN_ERROR_RIGHTS,
             "entering a network namespace takes the right CAP_SYS_ADMIN, "
             "which this process does not have; run it as root, or with "
             "\"netns = /proc/self/ns/net\" in a namespace that it is in");
        return false;
    }
    fd = open(TUN_PATH, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (errno == EACCES || errno == EPERM)
        fail(error, HS_TUN_ERROR_RIGHTS, "%s: %s", TUN_PATH, g_strerror(errno));
    else
        fail(error, HS_TUN_ERROR_MISSING,
             "%s: %s: this kernel or container has no TUN devices "
             "(CONFIG_TUN; \"docker run --device %s\")",
             TUN_PATH, g_strerror(errno), TUN_PATH);
    return false;
}

/* In another namespace */

typedef struct {
    const HsNetns *netns;
    bool (*work)(void *user_data, GError **error);
    void *user_data;
    GError *error; /* owned */
    bool done;
} Visit;

static void *
visit(void *data)
{
    Visit *v = data;

    if (setns(v->netns->fd, CLONE_NEWNET) != 0)
        fail(&v->error, HS_TUN_ERROR_NAMESPACE,
             "cannot enter the network namespace %s: %s", v->netns->name,
             errno == EINVAL ? "it is not one" : g_strerror(errno));
    else
        v->done = v->work(v->user_data, &v->error);
    return NULL;
}

static bool
work_in(const HsNetns *netns, bool (*work)(void *user_data, GError **error),
        void *user_data, GError **error)
{
    Visit v = {.netns = netns, .work = work, .user_data = user_data};

    g_thread_join(g_thread_new("netns", visit, &v));
    if (v.error != NULL)
        g_propagate_error(error, v.error);
    return v.done;
}

/* Namespaces */

/* As iproute2 has it: a mount that is shared, so that namespaces made here are
 * seen in other mount namespaces, and go away in all of them. */
static bool
share_folder(void)
{
    if (mkdir(NETNS_FOLDER, 0755) != 0 && errno != EEXIST)
        return false;
    if (mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) == 0)
        return true;
    return errno == EINVAL &&
           mount(NETNS_FOLDER, NETNS_FOLDER, "none", MS_BIND | MS_REC, NULL) ==
               0 &&
           mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) == 0;
}

/* In a thread of its own: makes a namespace, enters it and leaves it mounted on
 * the path. */
static void *
make_namespace(void *data)
{
    const char *path = data;
    struct ifreq up = {.ifr_name = "lo"};
    int fd;

    if (unshare(CLONE_NEWNET) != 0 ||
        mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) != 0)
        return GINT_TO_POINTER(errno);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        up.ifr_flags = IFF_UP;
        if (ioctl(fd, SIOCSIFFLAGS, &up) != 0)
            g_debug("%s: lo: %s", path, g_strerror(errno));
        close(fd);
    }
    return NULL;
}

/* False with errno. EEXIST: somebody has the name. */
static bool
add_namespace(char *path)
{
    int fd, problem;

    if (!share_folder())
        return false;
    fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    close(fd);
    problem = GPOINTER_TO_INT(
        g_thread_join(g_thread_new("netns", make_namespace, path)));
    if (problem == 0)
        return true;
    unlink(path);
    errno = problem;
    return false;
}

HsNetns *
hs_netns_open(const char *name, GError **error)
{
    HsNetns *netns = g_new0(HsNetns, 1);

    netns->name = g_strdup(name);
    netns->path = g_path_is_absolute(name)
                      ? g_strdup(name)
                      : g_build_filename(NETNS_FOLDER, name, NULL);
    netns->fd = open(netns->path, O_RDONLY | O_CLOEXEC);
    if (netns->fd < 0 && errno == ENOENT && !g_path_is_absolute(name)) {
        netns->ours = add_namespace(netns->path);
        if (netns->ours)
            netns->fd = open(netns->path, O_RDONLY | O_CLOEXEC);
    }
    if (netns->fd >= 0)
        return netns;
    fail(error,
         errno == EPERM || errno == EACCES ? HS_TUN_ERROR_RIGHTS
                                           : HS_TUN_ERROR_NAMESPACE,
         "network namespace %s: %s", name, g_strerror(errno));
    hs_netns_free(netns);
    return NULL;
}

void
hs_netns_free(HsNetns *netns)
{
    if (netns == NULL)
        return;
    if (netns->fd >= 0)
        close(netns->fd);
    if (netns->ours &&
        (umount2(netns->path, MNT_DETACH) != 0 || unlink(netns->path) != 0))
        g_warning("network namespace %s: %s", netns->name, g_strerror(errno));
    g_free(netns->path);
    g_free(netns->name);
    g_free(netns);
}

const char *
hs_netns_name(const HsNetns *netns)
{
    return netns->name;
}

bool
hs_netns_is_ours(const HsNetns *netns)
{
    return netns->ours;
}

/* Devices */

typedef struct {
    HsTun *tun;
    const HsTunConfig *config;
} Making;

/* A switch below /proc/sys, which shows that of the thread's namespace. What is
 * not there needs no switching. */
static void
set_switch(const char *path, char value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, &value, 1) != 1)
        g_debug("%s: %s", path, g_strerror(errno));
    close(fd);
}

static struct sockaddr
address_of(uint32_t number)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr = {.s_addr = htonl(number)}};
    struct sockaddr general;

    G_STATIC_ASSERT(sizeof in == sizeof general);
    memcpy(&general, &in, sizeof general);
    return general;
}

static uint32_t
mask_of(unsigned length)
{
    return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static bool
add_route(int fd, HsTun *tun, const HsPrefix *to)
{
    struct rtentry route = {
        .rt_dst = address_of(hs_addr_to_ipv4(&to->addr)),
        .rt_genmask = address_of(mask_of(to->length)),
        .rt_flags = RTF_UP,
        .rt_dev = tun->name,
    };

    return ioctl(fd, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

/* What `ip address`, `ip link` and `ip route` would say. NULL, or what failed
 * with errno. */
static const char *
set_up(int fd, HsTun *tun, const HsTunConfig *config)
{
    struct ifreq request = {{{0}}, {{0}}};

    memcpy(request.ifr_name, tun->name, sizeof request.ifr_name);
    request.ifr_mtu = (int)config->mtu;
    if (ioctl(fd, SIOCSIFMTU, &request) != 0)
        return "MTU";
    request.ifr_addr = address_of(hs_addr_to_ipv4(&config->address.addr));
    if (ioctl(fd, SIOCSIFADDR, &request) != 0)
        return "address";
    request.ifr_netmask = address_of(mask_of(config->address.length));
    if (ioctl(fd, SIOCSIFNETMASK, &request) != 0)
        return "netmask";
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        return "up";
    for (unsigned i = 0; i < config->n_routes; i++)
        if (!add_route(fd, tun, &config->routes[i]))
            return "route";
    return NULL;
}

static bool
attach(HsTun *tun, GError **error)
{
    struct ifreq request = {{{0}}, {{0}}};

    tun->fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    memcpy(request.ifr_name, tun->name, sizeof request.ifr_name);
    /* EXCL: one that is there already is somebody else's. */
    request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL);
    if (tun->fd >= 0 && ioctl(tun->fd, TUNSETIFF, &request) == 0)
        return true;
    if (errno == EBUSY || errno == EINVAL)
        fail(error, HS_TUN_ERROR_DEVICE,
             "TUN device %s: the namespace %s has a device of that name "
             "already, or it is no name",
             tun->name, tun->netns->name);
    else
        fail(error, errno == EPERM ? HS_TUN_ERROR_RIGHTS : HS_TUN_ERROR_DEVICE,
             "TUN device %s: %s", tun->name, g_strerror(errno));
    return false;
}

/* In the device's namespace. */
static bool
make_device(void *user_data, GError **error)
{
    Making *making = user_data;
    HsTun *tun = making->tun;
    g_autofree char *ipv6 =
        g_strdup_printf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", tun->name);
    const char *failed = "socket";
    int fd;

    if (!attach(tun, error))
        return false;
    set_switch(ipv6, '1');
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        failed = set_up(fd, tun, making->config);
    if (failed != NULL)
        fail(error, HS_TUN_ERROR_DEVICE, "TUN device %s: %s: %s", tun->name,
             failed, g_strerror(errno));
    else if (making->config->forward && tun->netns->ours)
        set_switch("/proc/sys/net/ipv4/ip_forward", '1');
    if (fd >= 0)
        close(fd);
    return failed == NULL;
}

HsTun *
hs_tun_new(HsNetns *netns, const HsTunConfig *config, GError **error)
{
    HsTun *tun = g_new0(HsTun, 1);
    Making making = {.tun = tun, .config = config};

    g_assert(config->address.addr.family == HS_FAMILY_IPV4);
    tun->netns = netns;
    tun->fd = -1;
    g_strlcpy(tun->name, config->name, sizeof tun->name);
    if (work_in(netns, make_device, &making, error))
        return tun;
    hs_tun_free(tun);
    return NULL;
}

/* The device is not persistent: it goes with the descriptor. */
void
hs_tun_free(HsTun *tun)
{
    if (tun == NULL)
        return;
    if (tun->fd >= 0)
        close(tun->fd);
    g_free(tun);
}

int
hs_tun_fd(const HsTun *tun)
{
    return tun->fd;
}

HsPacket *
hs_tun_read(HsTun *tun)
{
    uint8_t buffer[LARGEST];
    ssize_t length;

    do
        length = read(tun->fd, buffer, sizeof buffer);
    while (length < 0 && errno == EINTR);
    /* Somebody deleted the device, or its namespace. */
    tun->gone |= length < 0 && errno == EBADFD;
    return length > 0 ? hs_packet_new(buffer, (size_t)length) : NULL;
}

bool
hs_tun_is_gone(const HsTun *tun)
{
    return tun->gone;
}

bool
hs_tun_write(HsTun *tun, const HsPacket *packet)
{
    ssize_t length;

    do
        length =
            write(tun->fd, hs_packet_data(packet), hs_packet_length(packet));
    while (length < 0 && errno == EINTR);
    return length == (ssize_t)hs_packet_length(packet);
}

void
hs_tun_set_carrier(HsTun *tun, bool up)
{
    int carrier = up;

    if (ioctl(tun->fd, TUNSETCARRIER, &carrier) != 0)
        g_debug("%s: carrier: %s", tun->name, g_strerror(errno));
}

/* The sum of the kernel's counter, from the line of the device:
 * "  name: rx-bytes packets errs drop fifo frame compressed multicast
 * tx-bytes packets errs drop ..." */
typedef struct {
    const HsTun *tun;
    uint64_t dropped;
} Counting;

static bool
count_overruns(void *user_data, GError **error G_GNUC_UNUSED)
{
    Counting *counting = user_data;
    FILE *file = fopen("/proc/thread-self/net/dev", "re");
    char line[512], name[IFNAMSIZ + 1];

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        unsigned long long dropped;

        if (colon == NULL)
            continue;
        *colon = '\0';
        if (sscanf(line, " %16s", name) == 1 &&
            g_str_equal(name, counting->tun->name) &&
            sscanf(colon + 1,
                   "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu",
                   &dropped) == 1)
            counting->dropped = dropped;
    }
    if (file != NULL)
        fclose(file);
    return true;
}

uint64_t
hs_tun_overruns(const HsTun *tun)
{
    Counting counting = {.tun = tun};

    work_in(tun->netns, count_overruns, &counting, NULL);
    return counting.dropped;
}
