#include "config.h"

#include "models/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

HsAddr
hs_addr_ipv4(uint32_t value)
{
    HsAddr addr = {.family = HS_FAMILY_IPV4};

    for (unsigned i = 0; i < 4; i++)
        addr.bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    return addr;
}

uint32_t
hs_addr_to_ipv4(const HsAddr *addr)
{
    const uint8_t *b = addr->bytes;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

unsigned
hs_addr_bits(const HsAddr *addr)
{
    switch (addr->family) {
    case HS_FAMILY_IPV4:
        return 32;
    case HS_FAMILY_IPV6:
        return 128;
    default:
        return 0;
    }
}

bool
hs_addr_is_set(const HsAddr *addr)
{
    return addr->family != HS_FAMILY_NONE;
}

int
hs_addr_compare(const HsAddr *a, const HsAddr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, hs_addr_bits(a) / 8);
}

bool
hs_addr_equal(const HsAddr *a, const HsAddr *b)
{
    return hs_addr_compare(a, b) == 0;
}

guint
hs_addr_hash(const HsAddr *addr)
{
    guint hash = 2166136261u; /* FNV-1a */

    hash = (hash ^ addr->family) * 16777619u;
    for (unsigned i = 0; i < hs_addr_bits(addr) / 8; i++)
        hash = (hash ^ addr->bytes[i]) * 16777619u;
    return hash;
}

bool
hs_addr_parse(const char *text, HsAddr *ret_addr)
{
    HsAddr addr = {.family = HS_FAMILY_IPV4};

    if (inet_pton(AF_INET, text, addr.bytes) != 1) {
        addr.family = HS_FAMILY_IPV6;
        if (inet_pton(AF_INET6, text, addr.bytes) != 1)
            return false;
    }
    *ret_addr = addr;
    return true;
}

const char *
hs_addr_format(const HsAddr *addr, char buffer[HS_ADDR_TEXT])
{
    int family = addr->family == HS_FAMILY_IPV4 ? AF_INET : AF_INET6;

    if (!hs_addr_is_set(addr))
        return strcpy(buffer, "-");
    inet_ntop(family, addr->bytes, buffer, HS_ADDR_TEXT);
    return buffer;
}

bool
hs_prefix_parse(const char *text, HsPrefix *ret_prefix)
{
    const char *slash = strchr(text, '/');
    g_autofree char *address = NULL;
    HsPrefix prefix = {0};
    guint64 length;

    if (slash == NULL)
        return false;
    address = g_strndup(text, (gsize)(slash - text));
    if (!hs_addr_parse(address, &prefix.addr) ||
        !g_ascii_string_to_unsigned(slash + 1, 10, 0,
                                    hs_addr_bits(&prefix.addr), &length, NULL))
        return false;
    prefix.length = (uint8_t)length;
    *ret_prefix = prefix;
    return true;
}

const char *
hs_prefix_format(const HsPrefix *prefix, char buffer[HS_PREFIX_TEXT])
{
    char address[HS_ADDR_TEXT];

    snprintf(buffer, HS_PREFIX_TEXT, "%s/%u",
             hs_addr_format(&prefix->addr, address), prefix->length);
    return buffer;
}

HsPrefix
hs_prefix_of(const HsAddr *addr)
{
    return (HsPrefix){.addr = *addr, .length = (uint8_t)hs_addr_bits(addr)};
}

HsPrefix
hs_prefix_masked(const HsPrefix *prefix)
{
    HsPrefix masked = *prefix;
    unsigned whole = prefix->length / 8, rest = prefix->length % 8;

    for (unsigned i = whole; i < sizeof masked.addr.bytes; i++) {
        if (i == whole && rest != 0)
            masked.addr.bytes[i] &= (uint8_t)(0xff00u >> rest);
        else
            masked.addr.bytes[i] = 0;
    }
    return masked;
}

bool
hs_prefix_contains(const HsPrefix *prefix, const HsAddr *addr)
{
    unsigned whole = prefix->length / 8, rest = prefix->length % 8;

    if (prefix->addr.family != addr->family ||
        memcmp(prefix->addr.bytes, addr->bytes, whole) != 0)
        return false;
    return rest == 0 ||
           ((prefix->addr.bytes[whole] ^ addr->bytes[whole]) >> (8 - rest)) ==
               0;
}

bool
hs_prefix_covers(const HsPrefix *outer, const HsPrefix *inner)
{
    return outer->length <= inner->length &&
           hs_prefix_contains(outer, &inner->addr);
}

bool
hs_prefix_equal(const HsPrefix *a, const HsPrefix *b)
{
    return a->length == b->length && hs_prefix_contains(a, &b->addr);
}

int
hs_prefix_compare(const HsPrefix *a, const HsPrefix *b)
{
    HsPrefix x = hs_prefix_masked(a), y = hs_prefix_masked(b);
    int order = hs_addr_compare(&x.addr, &y.addr);

    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

guint
hs_prefix_hash(const HsPrefix *prefix)
{
    HsPrefix masked = hs_prefix_masked(prefix);

    return (hs_addr_hash(&masked.addr) ^ prefix->length) * 16777619u;
}

HsAddr
hs_prefix_host(const HsPrefix *prefix, uint32_t number)
{
    HsAddr addr = hs_prefix_masked(prefix).addr;
    uint64_t carry = number;

    for (unsigned i = hs_addr_bits(&addr) / 8; i-- > 0 && carry != 0;) {
        carry += addr.bytes[i];
        addr.bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return addr;
}
