sim_libsim_a_SOURCES += \
	sim/replay/capture.c sim/replay/replay.h \
	sim/replay/felt.c sim/replay/felt.h \
	sim/replay/flow.c sim/replay/flow.h \
	sim/replay/postgres.c sim/replay/postgres.h \
	sim/replay/script.c

check_PROGRAMS += tests/test_replay
tests_test_replay_SOURCES = tests/test_replay.c
tests_test_replay_LDADD = tests/libharness.a $(CHECK_LIBS) $(DISSECT_LIBS)
EXTRA_DIST += tests/captures/postgres-mixed/capture.pcap \
	tests/captures/postgres-veth/capture.pcap

check_PROGRAMS += tests/test_replay_corpus
tests_test_replay_corpus_SOURCES = tests/test_replay_corpus.c \
	tests/fuzz/fuzz_replay.c
tests_test_replay_corpus_LDADD = tests/libharness.a $(CHECK_LIBS) \
	$(DISSECT_LIBS)
EXTRA_DIST += tests/fuzz/corpus/replay
if FUZZING
FUZZERS += tests/fuzz/fuzz_replay
tests_fuzz_fuzz_replay_SOURCES = tests/fuzz/fuzz_replay.c
tests_fuzz_fuzz_replay_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_replay_LDADD = $(DISSECT_LIBS)
endif
