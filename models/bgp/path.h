/* AS_PATH in its canonical form (see attrs.h), and the merge with AS4_PATH
 * that a peer with two-octet AS numbers makes necessary (RFC 6793). */

#ifndef HS_BGP_PATH_H
#define HS_BGP_PATH_H

#include "models/base/wire.h"

#include <glib.h>
#include <stdbool.h>

/* Reads segments up to the end of R into canonical form; false if they are
 * malformed as RFC 7606 7.2 has it. *RET_PATH may become NULL: empty. */
bool bgp_as_path_decode(HsReader *r, bool four_octet_as, GBytes **ret_path);

/* Writes PATH in either form; numbers that do not fit become AS_TRANS. */
void bgp_as_path_encode(HsWriter *w, GBytes *path, bool four_octet_as);

/* There is a number beyond 65535 in it. */
bool bgp_as_path_is_wide(GBytes *path);

/* Without its confederation segments (RFC 6793 3), transfer full. */
GBytes *bgp_as_path_without_confederation(GBytes *path);

/* RFC 6793 4.2.3 (transfer full). */
GBytes *bgp_as_path_merge(GBytes *as_path, GBytes *as4_path);

#endif
