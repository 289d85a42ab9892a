/* A line is a command, and its answer ends with a line that begins with "ok" or
 * "error"; see sim/world/live.h. Neither side waits for the other in the middle
 * of a run: what a client has sent of a line is kept until there is the rest,
 * and one that does not read its answers loses its connection. */

#include "config.h"

#include "sim/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LONGEST_LINE 1000
#define BACKLOG      8

typedef struct {
    HsControlSocket *control; /* borrowed */
    int fd;                   /* owned */
    GString *line;            /* owned: what there is of the next one */
} Client;

struct HsControlSocket {
    HsLive *live; /* borrowed */
    char *path;   /* owned */
    int fd;       /* owned */
    GPtrArray *clients;
};

static void
fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
                "%s: %s%s", path, what, g_strerror(errno));
}

/* Splits what was read into lines; each is answered in REPLY. False: one is too
 * long. */
static bool
take(HsLive *live, GString *line, const char *bytes, size_t length,
     GString *reply)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (line->len == LONGEST_LINE)
                return false;
            g_string_append_c(line, bytes[i]);
            continue;
        }
        hs_live_command(live, line->str, reply);
        g_string_truncate(line, 0);
    }
    return true;
}

/* The socket */

static bool
make_address(const char *path, struct sockaddr_un *ret_address, GError **error)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (g_strlcpy(ret_address->sun_path, path, sizeof ret_address->sun_path) <
        sizeof ret_address->sun_path)
        return true;
    errno = ENAMETOOLONG;
    fail(error, path, "");
    return false;
}

static int
connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)address,
                           sizeof *address) != 0) {
        int problem = errno;

        close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}

static void
client_free(void *data)
{
    Client *client = data;

    close(client->fd);
    g_string_free(client->line, TRUE);
    g_free(client);
}

static void
drop_client(Client *client)
{
    hs_live_unwatch(client->control->live, client->fd);
    g_ptr_array_remove(client->control->clients, client);
}

static void
client_ready(void *user_data)
{
    Client *client = user_data;
    g_autoptr(GString) reply = g_string_new(NULL);
    char bytes[512];
    ssize_t length = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    bool good;

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    good = length > 0 && take(client->control->live, client->line, bytes,
                              (size_t)length, reply);
    if (good && reply->len > 0)
        good = send(client->fd, reply->str, reply->len,
                    MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)reply->len;
    if (!good)
        drop_client(client);
}

static void
socket_ready(void *user_data)
{
    HsControlSocket *control = user_data;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC);
    Client *client;

    if (fd < 0)
        return;
    client = g_new0(Client, 1);
    client->control = control;
    client->fd = fd;
    client->line = g_string_new(NULL);
    g_ptr_array_add(control->clients, client);
    hs_live_watch(control->live, fd, client_ready, client);
}

/* One that a run left behind when it was killed may be taken; one that somebody
 * listens on, or another kind of file, may not. */
static bool
make_room(const char *path, const struct sockaddr_un *address, GError **error)
{
    struct stat status;
    int fd;

    if (lstat(path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        fail(error, path,
             "commands are taken on a socket, and this name is taken by "
             "something else: ");
        return false;
    }
    fd = connect_to(address);
    if (fd >= 0 || errno != ECONNREFUSED) {
        if (fd >= 0) {
            close(fd);
            errno = EADDRINUSE;
        }
        fail(error, path, "another run takes commands there: ");
        return false;
    }
    unlink(path);
    return true;
}

HsControlSocket *
hs_control_socket_new(HsLive *live, const char *path, GError **error)
{
    g_autoptr(HsControlSocket) control = g_new0(HsControlSocket, 1);
    struct sockaddr_un address;
    mode_t mask;
    int bound;

    control->live = live;
    control->fd = -1;
    control->clients = g_ptr_array_new_with_free_func(client_free);
    if (!make_address(path, &address, error) ||
        !make_room(path, &address, error))
        return NULL;
    control->fd =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mask = umask(0077);
    bound =
        control->fd < 0
            ? -1
            : bind(control->fd, (const struct sockaddr *)(const void *)&address,
                   sizeof address);
    umask(mask);
    if (bound == 0)
        control->path = g_strdup(path);
    if (bound != 0 || listen(control->fd, BACKLOG) != 0) {
        fail(error, path, "");
        return NULL;
    }
    hs_live_watch(live, control->fd, socket_ready, control);
    return g_steal_pointer(&control);
}

void
hs_control_socket_free(HsControlSocket *control)
{
    if (control == NULL)
        return;
    g_ptr_array_unref(control->clients);
    if (control->fd >= 0)
        close(control->fd);
    if (control->path != NULL)
        unlink(control->path);
    g_free(control->path);
    g_free(control);
}

/* Standard input */

typedef struct {
    HsLive *live;
    GString *line;
} Typing;

static Typing typing; /* there is one standard input */

/* A terminal that another job has now must not be read: the kernel would stop
 * this process. */
static bool
has_input(void)
{
    return !isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void
stdin_ready(void *user_data)
{
    Typing *t = user_data;
    g_autoptr(GString) reply = g_string_new(NULL);
    char bytes[512];
    ssize_t length = has_input() ? read(STDIN_FILENO, bytes, sizeof bytes) : 0;

    if (length < 0 && errno == EINTR)
        return;
    if (length > 0 && take(t->live, t->line, bytes, (size_t)length, reply)) {
        fputs(reply->str, stderr);
        return;
    }
    hs_live_unwatch(t->live, STDIN_FILENO);
    g_string_free(t->line, TRUE);
    t->line = NULL;
}

void
hs_control_stdin(HsLive *live)
{
    if (!has_input())
        return;
    typing = (Typing){.live = live, .line = g_string_new(NULL)};
    hs_live_watch(live, STDIN_FILENO, stdin_ready, &typing);
}

/* The other side */

/* The last line that ended in TEXT, or NULL. */
static const char *
last_line(const GString *text)
{
    const char *start;

    if (text->len == 0 || text->str[text->len - 1] != '\n')
        return NULL;
    start = g_strrstr_len(text->str, (gssize)text->len - 1, "\n");
    return start != NULL ? start + 1 : text->str;
}

static bool
is_verdict(const char *line, const char *word)
{
    size_t length = strlen(word);

    return line != NULL && strncmp(line, word, length) == 0 &&
           (line[length] == ':' || line[length] == '\n');
}

static bool
send_all(int fd, const char *line)
{
    g_autofree char *text = g_strconcat(line, "\n", NULL);
    size_t length = strlen(text), done = 0;

    while (done < length) {
        ssize_t sent = send(fd, text + done, length - done, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            return false;
        done += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

bool
hs_control_send(const char *path, const char *line, GString *reply,
                bool *ret_ok, GError **error)
{
    struct sockaddr_un address;
    char bytes[4096];
    ssize_t length;
    int fd;

    if (!make_address(path, &address, error))
        return false;
    fd = connect_to(&address);
    if (fd < 0 || !send_all(fd, line)) {
        fail(error, path, "no run listens there: ");
        if (fd >= 0)
            close(fd);
        return false;
    }
    do {
        length = recv(fd, bytes, sizeof bytes, 0);
        if (length > 0)
            g_string_append_len(reply, bytes, length);
        *ret_ok = is_verdict(last_line(reply), "ok");
    } while (
        (length < 0 && errno == EINTR) ||
        (length > 0 && !*ret_ok && !is_verdict(last_line(reply), "error")));
    if (length == 0)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PIPE,
                    "%s: the run ended before it answered", path);
    else if (length < 0)
        fail(error, path, "");
    close(fd);
    return length > 0;
}
