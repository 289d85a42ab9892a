/* How commands reach a live run, and answers come back: lines on a Unix socket,
 * and what is typed on standard input. */

#ifndef HS_CONTROL_H
#define HS_CONTROL_H

#include "sim/world/live.h"

typedef struct HsControlSocket HsControlSocket;

/* Listens on PATH for as long as it lives; only this user may connect. LIVE is
 * borrowed and outlives it. */
HsControlSocket *
hs_control_socket_new(HsLive *live, const char *path, GError **error);
void hs_control_socket_free(HsControlSocket *control); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsControlSocket, hs_control_socket_free)

/* Commands from standard input, answers to standard error, until its end. */
void hs_control_stdin(HsLive *live);

/* Sends LINE to the run that listens on PATH, and waits for its answer: lines,
 * appended to REPLY. *RET_OK is whether the run did it. */
bool hs_control_send(const char *path, const char *line, GString *reply,
                     bool *ret_ok, GError **error);

#endif
