/* Loss of a two-state channel (Gilbert, Elliott): by itself, or in bursts. All
 * chance comes from a seeded stream. */

#ifndef HS_NET_LOSS_H
#define HS_NET_LOSS_H

#include "models/base/rng.h"

#include <stdbool.h>

/* Each packet first moves the state, then is lost with the state's probability.
 * With enter = 0 it is plain independent loss of loss_good. */
typedef struct {
    double loss_good; /* 0..1, as all of them */
    double loss_bad;
    double enter; /* good to bad, per packet */
    double leave; /* bad to good, per packet */
} HsLossConfig;

typedef struct {
    HsLossConfig config;
    bool bad;
} HsLoss;

/* True: the packet is lost. */
bool hs_loss_draw(HsLoss *loss, HsRng *rng);

#endif
