# `make bench` builds and runs what is in BENCHES. Each program compares two
# ways in one run and prints the ratio, which holds on a busy machine too.
BENCHES = tests/bench/bench_fib tests/bench/bench_forward \
	tests/bench/bench_esp
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)
BENCH_LIBS = $(SIM_LIBS)

.PHONY: bench
bench: $(BENCHES)
	@for b in $(BENCHES); do ./$$b || exit 1; done

tests_bench_bench_forward_SOURCES = tests/bench/bench_forward.c \
	tests/bench/ns3_comparator_forward.cc \
	tests/bench/ns3_comparator_forward.h
tests_bench_bench_forward_LDADD = $(BENCH_LIBS)

tests_bench_bench_fib_SOURCES = tests/bench/bench_fib.c

tests_bench_bench_esp_SOURCES = tests/bench/bench_esp.c
tests_bench_bench_esp_LDADD = models/libmodels.a $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
