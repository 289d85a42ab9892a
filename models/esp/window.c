/* The window is a ring of bits, one for each of the last SIZE numbers:
 *
 *      top - size + 1                        top
 *      |                                      |
 *   ---[ . x x . x x x x x x x x . . x x x x x ]-------->  numbers
 *  OLD           x: SEEN   .: NEW                 NEW: would move the window
 *
 * A number's bit is its remainder by SIZE, so moving the window only clears
 * the bits it newly covers (the idea of RFC 6479, with single bits because
 * SIZE is small).
 *
 * With extended sequence numbers a packet carries the lower 32 bits alone and
 * the receiver guesses the rest (RFC 4303 A2.2): the guess is the one that
 * puts the number into the window or less than 2^32 to the right of it. A
 * wrong guess shows in the integrity check, whose input holds all 64 bits.
 *
 * Departure: RFC 4303 A3's resynchronisation after the loss of more than 2^32
 * packets in a row is not done; it is optional, and no run gets there. */

#include "config.h"

#include "models/esp/window.h"

#include <glib.h>
#include <string.h>

static bool
is_seen(const EspWindow *window, uint64_t number)
{
    unsigned bit = (unsigned)(number % window->size);

    return (window->seen[bit / 64] >> (bit % 64)) & 1;
}

void
esp_window_init(EspWindow *window, unsigned size, bool esn, uint64_t top)
{
    g_assert(size > 0 && size % 64 == 0 && size <= 64 * ESP_WINDOW_WORDS);
    window->top = top;
    window->size = size;
    window->esn = esn;
    memset(window->seen, 0, sizeof window->seen);
    if (top > 0)
        memset(window->seen, 0xff, size / 8);
}

/* RFC 4303 A2.2. False: before the first number of the SA. */
static bool
guess_number(const EspWindow *window, uint32_t low, uint64_t *ret_number)
{
    uint32_t top_high = (uint32_t)(window->top >> 32);
    uint32_t top_low = (uint32_t)window->top;
    uint32_t bottom = top_low - window->size + 1; /* modulo 2^32 */
    uint32_t high = top_high;

    if (top_low >= window->size - 1) {
        /* Case A: the window lies within one span of 2^32 numbers. */
        if (low < bottom) {
            if (top_high == UINT32_MAX)
                return false; /* beyond the last number there is */
            high = top_high + 1;
        }
    } else if (low >= bottom) {
        /* Case B: it reaches back into the span before. */
        if (top_high == 0)
            return false;
        high = top_high - 1;
    }
    *ret_number = (uint64_t)high << 32 | low;
    return true;
}

EspWindowVerdict
esp_window_check(const EspWindow *window, uint32_t low, uint64_t *ret_number)
{
    uint64_t number = low;

    *ret_number = 0;
    if (window->esn && !guess_number(window, low, &number))
        return ESP_WINDOW_OLD;
    *ret_number = number;
    /* RFC 4303 2.2: the first packet carries 1; 0 is never sent. */
    if (number == 0)
        return ESP_WINDOW_OLD;
    if (number > window->top)
        return ESP_WINDOW_NEW;
    if (window->top - number >= window->size)
        return ESP_WINDOW_OLD;
    return is_seen(window, number) ? ESP_WINDOW_SEEN : ESP_WINDOW_NEW;
}

void
esp_window_mark(EspWindow *window, uint64_t number)
{
    unsigned bit = (unsigned)(number % window->size);

    if (number > window->top) {
        if (number - window->top >= window->size)
            memset(window->seen, 0, window->size / 8);
        else
            for (uint64_t n = window->top + 1; n < number; n++) {
                unsigned skipped = (unsigned)(n % window->size);
                window->seen[skipped / 64] &= ~(UINT64_C(1) << (skipped % 64));
            }
        window->top = number;
    }
    window->seen[bit / 64] |= UINT64_C(1) << (bit % 64);
}
