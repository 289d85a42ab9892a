/* The chain of bench_forward, and the all-ns-3 implementation of it. */

#ifndef HS_TESTS_BENCH_NS3_COMPARATOR_FORWARD_H
#define HS_TESTS_BENCH_NS3_COMPARATOR_FORWARD_H

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
    unsigned links; /* and one node more; all but two of them forward */
    unsigned packets;
    uint32_t length; /* of the IP packet */
    int64_t gap;     /* ns between two packets */
    uint64_t rate;
    int64_t delay; /* ns */
} ForwardBench;

/* Returns how many arrived, and the processor time of the run alone. */
uint64_t
ns3_comparator_forward(const ForwardBench *bench, double *ret_cpu_seconds);

G_END_DECLS

#endif
