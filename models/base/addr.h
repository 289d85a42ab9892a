/* Addresses and prefixes. Both carry their family, so that IPv6 comes without
 * a rewrite. Values, compared with the functions below and never with memcmp
 * on a struct that somebody filled by hand. */

#ifndef HS_BASE_ADDR_H
#define HS_BASE_ADDR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
    HS_FAMILY_NONE = 0, /* an address that is not set */
    HS_FAMILY_IPV4 = 4,
    HS_FAMILY_IPV6 = 6,
} HsFamily;

typedef struct {
    uint8_t family;    /* HsFamily */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
} HsAddr;

typedef struct {
    HsAddr addr; /* host bits may be set: see hs_prefix_masked() */
    uint8_t length;
} HsPrefix;

/* Room for any text these functions write. */
#define HS_ADDR_TEXT   48
#define HS_PREFIX_TEXT 52

/* IPv4 as a number in host order: hs_addr_ipv4(0xc0000201) is 192.0.2.1. */
HsAddr hs_addr_ipv4(uint32_t value);
uint32_t hs_addr_to_ipv4(const HsAddr *addr);

/* Bits of the family: 32, 128, or 0. */
unsigned hs_addr_bits(const HsAddr *addr);

bool hs_addr_is_set(const HsAddr *addr);
bool hs_addr_equal(const HsAddr *a, const HsAddr *b);

/* By family, then as an unsigned number. */
int hs_addr_compare(const HsAddr *a, const HsAddr *b);
guint hs_addr_hash(const HsAddr *addr);

/* False, and RET_ADDR untouched, if TEXT is not an address. */
bool hs_addr_parse(const char *text, HsAddr *ret_addr);
const char *hs_addr_format(const HsAddr *addr, char buffer[HS_ADDR_TEXT]);

/* "10.0.0.0/16"; the length is required. Host bits are kept as written. */
bool hs_prefix_parse(const char *text, HsPrefix *ret_prefix);
const char *hs_prefix_format(const HsPrefix *prefix,
                             char buffer[HS_PREFIX_TEXT]);

/* An address as a prefix of its full length. */
HsPrefix hs_prefix_of(const HsAddr *addr);

/* The prefix with its host bits cleared. */
HsPrefix hs_prefix_masked(const HsPrefix *prefix);

bool hs_prefix_contains(const HsPrefix *prefix, const HsAddr *addr);

/* Every address of INNER is in OUTER. */
bool hs_prefix_covers(const HsPrefix *outer, const HsPrefix *inner);
bool hs_prefix_equal(const HsPrefix *a, const HsPrefix *b);

/* By address, then shorter first: the order in which tables are printed. */
int hs_prefix_compare(const HsPrefix *a, const HsPrefix *b);
guint hs_prefix_hash(const HsPrefix *prefix);

/* The address NUMBER steps into the prefix: 1 is the first host of a /30. */
HsAddr hs_prefix_host(const HsPrefix *prefix, uint32_t number);

G_END_DECLS

#endif
