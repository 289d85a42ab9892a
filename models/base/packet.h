/* A packet: counted bytes with room in front and behind.
 *
 * A GBytes would do, but a tunnel puts headers in front and a tag behind, and
 * a hop changes the TTL, on every packet of a run; with the room kept, neither
 * copies. Many may hold one packet and read it. Who wants to change it takes
 * hs_packet_writable() first, which copies only when somebody else holds it. */

#ifndef HS_BASE_PACKET_H
#define HS_BASE_PACKET_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct HsPacket HsPacket;

/* What a packet made by hs_packet_new() has spare: in front, the largest outer
 * header (IPv4 20, UDP 8, ESP 8, IV 16); behind, padding and tag of ESP. */
#define HS_PACKET_HEADROOM 64
#define HS_PACKET_TAILROOM 64

/* A copy of LENGTH bytes; DATA may be NULL: the bytes are then zero. */
HsPacket *hs_packet_new(const void *data, size_t length);
HsPacket *hs_packet_ref(HsPacket *packet);
void hs_packet_unref(HsPacket *packet); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsPacket, hs_packet_unref)

const uint8_t *hs_packet_data(const HsPacket *packet);
size_t hs_packet_length(const HsPacket *packet);

/* PACKET (transfer full) or, if it has other holders, a copy of it. */
HsPacket *hs_packet_writable(HsPacket *packet) G_GNUC_WARN_UNUSED_RESULT;

/* The rest are for a packet with one holder; they assert it. */

uint8_t *hs_packet_bytes(HsPacket *packet);

/* LENGTH bytes more in front, not initialised; returns the new first byte. */
uint8_t *hs_packet_push(HsPacket *packet, size_t length);

/* LENGTH bytes more behind, not initialised; returns the first of them. */
uint8_t *hs_packet_put(HsPacket *packet, size_t length);

/* LENGTH bytes fewer in front; LENGTH must not exceed the packet's. */
void hs_packet_pull(HsPacket *packet, size_t length);

/* Keeps the first LENGTH bytes. */
void hs_packet_trim(HsPacket *packet, size_t length);

G_END_DECLS

#endif
