/* The classic pcap file of one link, written by libpcap with nanoseconds. Not
 * for others. */

#ifndef CAPTURE_LINK_FILE_H
#define CAPTURE_LINK_FILE_H

#include "models/base/simtime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CaptureLinkFile CaptureLinkFile;

/* FOLDER/NAME.pcap, with what a file name cannot hold replaced; g_free() it. */
char *capture_link_file_path(const char *folder, const char *name);

CaptureLinkFile *
capture_link_file_new(const char *path, uint32_t snaplen, GError **error);
bool capture_link_file_is(const CaptureLinkFile *file, const char *path);
void capture_link_file_packet(CaptureLinkFile *file, HsTime at,
                              const void *data, size_t kept, size_t length);

/* Gives the file its name; frees FILE (transfer full). */
bool capture_link_file_finish(CaptureLinkFile *file, GError **error);

/* Removes what was written; NULL is fine. */
void capture_link_file_abort(CaptureLinkFile *file);

#endif
