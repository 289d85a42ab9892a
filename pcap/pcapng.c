/* A block of pcapng is its type, its length, a body of whole 32-bit words and
 * the length again, so that a file can be read backwards; options are type,
 * length and value, padded likewise. */

#include "config.h"

#include "pcap/pcapng.h"

#include <string.h>

static void
pad(HsWriter *w, size_t length)
{
    hs_writer_zeros(w, (4 - length % 4) % 4);
}

PcapngBlock
pcapng_begin(HsWriter *w, uint32_t type)
{
    PcapngBlock block = {w, hs_writer_length(w)};

    hs_writer_u32(w, type);
    hs_writer_u32(w, 0); /* see pcapng_end() */
    return block;
}

void
pcapng_end(PcapngBlock *block)
{
    size_t length =
        hs_writer_length(block->w) - block->start + PCAPNG_BLOCK_TRAILER;

    hs_writer_patch_u16(block->w, block->start + 4, length >> 16);
    hs_writer_patch_u16(block->w, block->start + 6, length & 0xffff);
    hs_writer_u32(block->w, length);
}

void
pcapng_option(HsWriter *w, unsigned code, const void *value, size_t length)
{
    hs_writer_u16(w, code);
    hs_writer_u16(w, length);
    hs_writer_bytes(w, value, length);
    pad(w, length);
}

void
pcapng_option_text(HsWriter *w, unsigned code, const char *text)
{
    if (text != NULL)
        pcapng_option(w, code, text, MIN(strlen(text), UINT16_MAX));
}

void
pcapng_option_u64(HsWriter *w, unsigned code, uint64_t value)
{
    hs_writer_u16(w, code);
    hs_writer_u16(w, 8);
    hs_writer_u64(w, value);
}

void
pcapng_option_end(HsWriter *w)
{
    hs_writer_u16(w, PCAPNG_OPT_END);
    hs_writer_u16(w, 0);
}

void
pcapng_name(HsWriter *w, const HsAddr *addr, const char *name)
{
    size_t bytes = hs_addr_bits(addr) / 8;
    size_t length = bytes + MIN(strlen(name), 255) + 1;

    hs_writer_u16(w, addr->family == HS_FAMILY_IPV4 ? PCAPNG_NRB_IPV4
                                                    : PCAPNG_NRB_IPV6);
    hs_writer_u16(w, length);
    hs_writer_bytes(w, addr->bytes, bytes);
    hs_writer_bytes(w, name, length - bytes - 1);
    hs_writer_u8(w, 0);
    pad(w, length);
}
