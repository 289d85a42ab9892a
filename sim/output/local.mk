sim_libsim_a_SOURCES += \
	sim/output/json.c \
	sim/output/json_database.c sim/output/json_database.h \
	sim/output/json_monitoring.c sim/output/json_monitoring.h \
	sim/output/json_series.c sim/output/json_series.h \
	sim/output/json_part.h \
	sim/output/json_replay.c \
	sim/output/json_stream.c \
	sim/output/json_value.c sim/output/json_value.h \
	sim/output/lookup.c sim/output/lookup.h \
	sim/output/result.c sim/output/result.h \
	sim/output/text.c

# RESULT.md, held against a real result.
check_PROGRAMS += tests/test_result_fields
tests_test_result_fields_SOURCES = tests/test_result_fields.c \
	sim/assumptions.c sim/folder.c sim/folder.h sim/judge.c sim/run.c \
	sim/crypto.c sim/paths.c sim/reach.c sim/run.h
nodist_EXTRA_tests_test_result_fields_SOURCES = dummy.cxx
tests_test_result_fields_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
EXTRA_DIST += RESULT.md

# The form of iperf3, held against what it wrote itself.
check_PROGRAMS += tests/test_stream_json
tests_test_stream_json_SOURCES = tests/test_stream_json.c
nodist_EXTRA_tests_test_stream_json_SOURCES = dummy.cxx
tests_test_stream_json_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
EXTRA_DIST += tests/golden/iperf3/tcp.json \
	tests/golden/iperf3/tcp-parallel.json \
	tests/golden/iperf3/tcp-reverse.json tests/golden/iperf3/udp.json \
	tests/golden/iperf3/udp-reverse.json
# Paths of [expect] in a document.
check_PROGRAMS += tests/test_lookup
tests_test_lookup_SOURCES = tests/test_lookup.c tests/harness/scenario_text.h
tests_test_lookup_LDADD = tests/libharness.a sim/libsim.a \
	models/libmodels.a $(CHECK_LIBS) $(JANSSON_LIBS) $(GCRYPT_LIBS) \
	$(GLIB_LIBS) -lm
