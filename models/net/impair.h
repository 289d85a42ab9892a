/* What the internet does to packets beyond a link's constant delay: jitter,
 * loss by itself and in bursts, duplicates, reordering. The draws stand alone
 * (a link's jitter hook can use them), and a stage puts them between a
 * router's port and its link. All chance comes from a seeded stream. */

#ifndef HS_NET_IMPAIR_H
#define HS_NET_IMPAIR_H

#include "models/base/env.h"
#include "models/base/packet.h"

#define HS_JITTER_KINDS(X)                                                     \
    X(NONE, "none")                                                            \
    X(CONSTANT, "constant")   /* mean */                                       \
    X(UNIFORM, "uniform")     /* in [mean - spread, mean + spread] */          \
    X(NORMAL, "normal")       /* spread is the standard deviation */           \
    X(LOGNORMAL, "lognormal") /* of this mean and standard deviation */        \
    X(PARETO, "pareto")       /* likewise; the tail is a power law */

typedef enum {
#define X(name, text) HS_JITTER_##name,
    HS_JITTER_KINDS(X)
#undef X
} HsJitterKind;

const char *hs_jitter_kind_name(HsJitterKind kind);

/* Every draw lies in [0, max]: a delay cannot be negative, and a heavy tail
 * ends somewhere. */
typedef struct {
    HsJitterKind kind;
    HsDuration mean;
    HsDuration spread;
    HsDuration max; /* 0: no bound */
} HsJitterConfig;

HsDuration hs_jitter_draw(const HsJitterConfig *config, HsRng *rng);

/* Loss of a two-state channel (Gilbert, Elliott): each packet first moves the
 * state, then is lost with the state's probability. With enter = 0 it is plain
 * independent loss of loss_good. */
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

/* The stage */

typedef struct {
    const char *name; /* with the node, names the stream of chance */
    HsJitterConfig jitter;
    HsLossConfig loss;
    double duplicate; /* probability of a second copy, 0..1 */
    double reorder;   /* probability that a packet overtakes what is held: it
                       * leaves without jitter and without waiting */
} HsImpairConfig;

typedef struct {
    uint64_t received, sent, lost, duplicated, reordered;
    uint64_t held; /* now; received + duplicated = sent + lost + held */
} HsImpairCounters;

typedef struct HsImpair HsImpair;

/* OUTPUT takes the packets (transfer full). Apart from those reordered, packets
 * leave in the order they came. ENV is borrowed and outlives the stage. */
HsImpair *hs_impair_new(HsEnv *env, const HsImpairConfig *config,
                        void (*output)(void *user_data, HsPacket *packet),
                        void *user_data);
void hs_impair_free(HsImpair *impair); /* NULL is fine; held packets go too */

/* New figures for packets still to come: a brownout begins or ends. */
void hs_impair_set(HsImpair *impair, const HsImpairConfig *config);

/* PACKET (transfer full). IMPAIR is an HsImpair, so that this function can be a
 * port's output. */
void hs_impair_input(void *impair, HsPacket *packet);

HsImpairCounters hs_impair_counters(const HsImpair *impair);

#endif
