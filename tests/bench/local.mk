# `make bench` builds and runs what is in BENCHES. Each program compares two
# ways in one run and prints the ratio, which holds on a busy machine too.
# BENCH_ROUNDS=N in the environment says how often.
BENCHES = tests/bench/bench_fib tests/bench/bench_forward \
	tests/bench/bench_esp tests/bench/bench_exchange \
	tests/bench/bench_capture
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)
BENCH_LIBS = $(SIM_LIBS)

BENCH_SHARED = tests/bench/measure.c tests/bench/measure.h
BENCH_CHAIN = tests/bench/ns3_chain.cc tests/bench/ns3_chain.hh

.PHONY: bench
bench: $(BENCHES) hybridsim
	@./tests/bench/bench_fib
	@./tests/bench/bench_forward
	@./tests/bench/bench_esp
	@./tests/bench/bench_exchange
	@./tests/bench/bench_capture ./hybridsim $(top_srcdir)/scenarios/dx-cut.ini

tests_bench_bench_forward_SOURCES = tests/bench/bench_forward.c \
	tests/bench/ns3_comparator_forward.cc \
	tests/bench/ns3_comparator_forward.h $(BENCH_SHARED) $(BENCH_CHAIN)
tests_bench_bench_forward_LDADD = $(BENCH_LIBS)

tests_bench_bench_exchange_SOURCES = tests/bench/bench_exchange.c \
	tests/bench/ns3_comparator_exchange.cc \
	tests/bench/ns3_comparator_exchange.h $(BENCH_SHARED) $(BENCH_CHAIN)
tests_bench_bench_exchange_LDADD = $(BENCH_LIBS)

tests_bench_bench_fib_SOURCES = tests/bench/bench_fib.c

tests_bench_bench_esp_SOURCES = tests/bench/bench_esp.c
tests_bench_bench_esp_LDADD = models/libmodels.a $(GCRYPT_LIBS) $(GLIB_LIBS) -lm

tests_bench_bench_capture_SOURCES = tests/bench/bench_capture.c $(BENCH_SHARED)
tests_bench_bench_capture_LDADD = $(GLIB_LIBS)
