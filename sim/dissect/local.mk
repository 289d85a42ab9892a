sim_libsim_a_SOURCES += \
	sim/dissect/bfd.c \
	sim/dissect/bgp.c sim/dissect/bgp.h \
	sim/dissect/bgp_message.c \
	sim/dissect/bgp_update.c \
	sim/dissect/dissect.c sim/dissect/dissect.h \
	sim/dissect/esp.c \
	sim/dissect/field.c sim/dissect/field.h \
	sim/dissect/ike.c sim/dissect/ike.h \
	sim/dissect/ike_payload.c \
	sim/dissect/ip.c \
	sim/dissect/keys.c sim/dissect/keys.h \
	sim/dissect/link.c \
	sim/dissect/private.h \
	sim/dissect/stream.c sim/dissect/stream.h \
	sim/dissect/transport.c

# What sim/dissect needs is the cores and the capture reader: no ns-3.
DISSECT_LIBS = sim/libsim.a pcap/libcapture.a models/libmodels.a \
	$(PCAP_LIBS) $(GCRYPT_LIBS) $(GLIB_LIBS) -lm

check_PROGRAMS += tests/test_dissect tests/test_dissect_stream \
	tests/test_dissect_keys
tests_test_dissect_SOURCES = tests/test_dissect.c
tests_test_dissect_LDADD = tests/libharness.a $(CHECK_LIBS) $(DISSECT_LIBS)
tests_test_dissect_stream_SOURCES = tests/test_dissect_stream.c
tests_test_dissect_stream_LDADD = tests/libharness.a $(CHECK_LIBS) $(DISSECT_LIBS)
tests_test_dissect_keys_SOURCES = tests/test_dissect_keys.c
tests_test_dissect_keys_LDADD = tests/libharness.a $(CHECK_LIBS) $(DISSECT_LIBS)

check_PROGRAMS += tests/test_dissect_corpus
tests_test_dissect_corpus_SOURCES = tests/test_dissect_corpus.c \
	tests/fuzz/fuzz_dissect.c
tests_test_dissect_corpus_LDADD = tests/libharness.a $(CHECK_LIBS) \
	$(DISSECT_LIBS) $(JANSSON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/dissect
if FUZZING
FUZZERS += tests/fuzz/fuzz_dissect
tests_fuzz_fuzz_dissect_SOURCES = tests/fuzz/fuzz_dissect.c
tests_fuzz_fuzz_dissect_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_dissect_LDADD = $(DISSECT_LIBS) $(JANSSON_LIBS)
endif
