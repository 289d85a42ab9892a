/* A BPF expression. Not for others. */

#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct CaptureFilter CaptureFilter;

/* For packets of a LINKTYPE. */
CaptureFilter *
capture_filter_new(const char *expression, int link_type, GError **error);
void capture_filter_free(CaptureFilter *filter); /* NULL is fine */
bool capture_filter_matches(const CaptureFilter *filter, const void *data,
                            size_t length);

#endif
