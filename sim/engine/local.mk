# The only C++ of the tree, and the guard in front of it.
sim_libengine_a_SOURCES += \
	sim/engine/ns3_harm.cc \
	sim/engine/ns3_harm.hh \
	sim/engine/ns3_host.cc \
	sim/engine/ns3_link.cc \
	sim/engine/ns3_private.hh \
	sim/engine/ns3_shim.h \
	sim/engine/ns3_sim.cc \
	sim/engine/ns3_tcp.cc \
	sim/engine/ns3_tcp_linux.cc \
	sim/engine/ns3_tcp_linux.hh \
	sim/engine/ns3_tcp_linux_input.cc \
	sim/engine/ns3_tcp_linux_limits.cc \
	sim/engine/ns3_tcp_linux_output.cc \
	sim/engine/ns3_tcp_linux_socket.hh \
	sim/engine/ns3_tcp_linux_timing.cc \
	sim/engine/ns3_tcp_linux_timing.hh \
	sim/engine/ns3_tcp_stock.cc \
	sim/engine/ns3_udp.cc \
	sim/engine/realtime.c \
	sim/engine/realtime.h \
	sim/engine/tun.c \
	sim/engine/tun.h \
	sim/engine/validate.c \
	sim/engine/validate.h

ENGINE_TEST_LIBS = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/test_engine_sim tests/test_engine_link \
	tests/test_engine_lanes
tests_test_engine_sim_SOURCES = tests/test_engine_sim.c
nodist_EXTRA_tests_test_engine_sim_SOURCES = dummy.cxx
tests_test_engine_sim_LDADD = $(ENGINE_TEST_LIBS)
tests_test_engine_link_SOURCES = tests/test_engine_link.c
nodist_EXTRA_tests_test_engine_link_SOURCES = dummy.cxx
tests_test_engine_link_LDADD = $(ENGINE_TEST_LIBS)
tests_test_engine_lanes_SOURCES = tests/test_engine_lanes.c
nodist_EXTRA_tests_test_engine_lanes_SOURCES = dummy.cxx
tests_test_engine_lanes_LDADD = $(ENGINE_TEST_LIBS)

check_PROGRAMS += tests/test_engine_harm
tests_test_engine_harm_SOURCES = tests/test_engine_harm.c
nodist_EXTRA_tests_test_engine_harm_SOURCES = dummy.cxx
tests_test_engine_harm_LDADD = $(ENGINE_TEST_LIBS)

check_PROGRAMS += tests/test_engine_realtime
tests_test_engine_realtime_SOURCES = tests/test_engine_realtime.c
nodist_EXTRA_tests_test_engine_realtime_SOURCES = dummy.cxx
tests_test_engine_realtime_LDADD = $(ENGINE_TEST_LIBS)

check_PROGRAMS += tests/test_engine_host
tests_test_engine_host_SOURCES = tests/test_engine_host.c
nodist_EXTRA_tests_test_engine_host_SOURCES = dummy.cxx
tests_test_engine_host_LDADD = $(ENGINE_TEST_LIBS)

check_PROGRAMS += tests/test_engine_validate
tests_test_engine_validate_SOURCES = tests/test_engine_validate.c
tests_test_engine_validate_LDADD = tests/libharness.a sim/libengine.a \
	models/libmodels.a $(CHECK_LIBS) $(GLIB_LIBS) -lm

check_PROGRAMS += tests/test_engine_leaks
tests_test_engine_leaks_SOURCES = tests/test_engine_leaks.c
nodist_EXTRA_tests_test_engine_leaks_SOURCES = dummy.cxx
tests_test_engine_leaks_LDADD = $(ENGINE_TEST_LIBS)
check_SCRIPTS += tests/test_engine_valgrind.sh
EXTRA_DIST += tests/test_engine_valgrind.sh tests/valgrind.supp

check_PROGRAMS += tests/test_tcp_limits
tests_test_tcp_limits_SOURCES = tests/test_tcp_limits.c \
	tests/harness/tcp_pair.c tests/harness/tcp_pair.h
nodist_EXTRA_tests_test_tcp_limits_SOURCES = dummy.cxx
tests_test_tcp_limits_LDADD = $(ENGINE_TEST_LIBS)
EXTRA_DIST += tests/golden/linux-tcp/limits.csv \
	tests/golden/linux-tcp/limits.py \
	tests/golden/postgresql/round-trips.csv \
	tests/golden/postgresql/round-trips.sh

check_PROGRAMS += tests/test_tcp_golden
tests_test_tcp_golden_SOURCES = tests/test_tcp_golden.c \
	tests/harness/tcp_pair.c tests/harness/tcp_pair.h
nodist_EXTRA_tests_test_tcp_golden_SOURCES = dummy.cxx
tests_test_tcp_golden_LDADD = $(ENGINE_TEST_LIBS)
EXTRA_DIST += tests/golden/linux-tcp/README.md \
	tests/golden/linux-tcp/cuts.csv tests/golden/linux-tcp/give-up.csv \
	tests/golden/linux-tcp/measure.py

check_PROGRAMS += tests/test_tcp_linux
tests_test_tcp_linux_SOURCES = tests/test_tcp_linux.c \
	tests/harness/tcp_pair.c tests/harness/tcp_pair.h
nodist_EXTRA_tests_test_tcp_linux_SOURCES = dummy.cxx
tests_test_tcp_linux_LDADD = $(ENGINE_TEST_LIBS)

check_PROGRAMS += tests/test_engine_corpus
tests_test_engine_corpus_SOURCES = tests/test_engine_corpus.c \
	tests/fuzz/fuzz_host.c
nodist_EXTRA_tests_test_engine_corpus_SOURCES = dummy.cxx
tests_test_engine_corpus_LDADD = $(ENGINE_TEST_LIBS)
EXTRA_DIST += tests/fuzz/corpus/host
if FUZZING
FUZZERS += tests/fuzz/fuzz_host
tests_fuzz_fuzz_host_SOURCES = tests/fuzz/fuzz_host.c
nodist_EXTRA_tests_fuzz_fuzz_host_SOURCES = dummy.cxx
tests_fuzz_fuzz_host_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_host_LDADD = $(SIM_LIBS)
endif
