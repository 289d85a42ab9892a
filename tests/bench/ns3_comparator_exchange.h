/* The exchange of bench_exchange, and the all-ns-3 implementation of it. */

#ifndef HS_TESTS_BENCH_NS3_COMPARATOR_EXCHANGE_H
#define HS_TESTS_BENCH_NS3_COMPARATOR_EXCHANGE_H

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A client and a server at the ends of a chain, and one TCP connection. The
 * client asks every GAP, whether it has been answered or not; the server
 * answers at once. */
typedef struct {
    unsigned links; /* and one node more; all but two of them forward */
    uint64_t rate;
    int64_t delay; /* ns */
    uint32_t mtu;
    unsigned requests;
    uint32_t request_size, reply_size;
    int64_t gap; /* ns */
} ExchangeBench;

typedef struct {
    uint64_t replies;
    uint64_t packets;   /* over the first link, both ways */
    double cpu_seconds; /* of the run alone */
} ExchangeResult;

ExchangeResult ns3_comparator_exchange(const ExchangeBench *bench);

G_END_DECLS

#endif
