/* The replay window of one inbound SA (RFC 4303 3.4.3 and appendix A2).
 *
 * Checking and marking are two steps, because only a packet whose integrity
 * was checked in between may move the window. */

#ifndef HS_ESP_WINDOW_H
#define HS_ESP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESP_WINDOW_WORDS 32 /* of 64 bits: ESP_WINDOW_MAX */

typedef struct {
    uint64_t top;  /* the highest number accepted, all 64 bits of it */
    unsigned size; /* in packets, a multiple of 64 */
    bool esn;
    uint64_t seen[ESP_WINDOW_WORDS]; /* bit number % size: accepted */
} EspWindow;

typedef enum {
    ESP_WINDOW_NEW,
    ESP_WINDOW_SEEN,
    ESP_WINDOW_OLD, /* left of the window, or never sent */
} EspWindowVerdict;

/* SIZE is a multiple of 64, at most 64 * ESP_WINDOW_WORDS; numbers up to TOP
 * count as accepted. */
void esp_window_init(EspWindow *window, unsigned size, bool esn, uint64_t top);

/* What to think of a packet that carries LOW. *RET_NUMBER is its whole number
 * (its upper half guessed, with ESN), also when it is refused; 0 stands for
 * one that was never sent. */
EspWindowVerdict
esp_window_check(const EspWindow *window, uint32_t low, uint64_t *ret_number);

/* Accepts NUMBER, which esp_window_check() found new. */
void esp_window_mark(EspWindow *window, uint64_t number);

#endif
