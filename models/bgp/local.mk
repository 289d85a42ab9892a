models_libmodels_a_SOURCES += \
	models/bgp/advertise.c \
	models/bgp/attr.c \
	models/bgp/attrs.c models/bgp/attrs.h \
	models/bgp/bgp.h \
	models/bgp/decide.c models/bgp/decide.h \
	models/bgp/fsm.c \
	models/bgp/message.c models/bgp/message.h \
	models/bgp/open.c \
	models/bgp/path.c models/bgp/path.h \
	models/bgp/policy.c models/bgp/policy.h \
	models/bgp/private.h \
	models/bgp/restart.c \
	models/bgp/rib.c models/bgp/rib.h \
	models/bgp/session.c \
	models/bgp/speaker.c models/bgp/speaker.h \
	models/bgp/speaker_private.h \
	models/bgp/update.c \
	models/bgp/wire.h

check_PROGRAMS += tests/test_bgp_session
tests_test_bgp_session_SOURCES = tests/test_bgp_session.c
check_PROGRAMS += tests/test_bgp_interop
tests_test_bgp_interop_SOURCES = tests/test_bgp_interop.c
check_PROGRAMS += tests/test_bgp_golden
tests_test_bgp_golden_SOURCES = tests/test_bgp_golden.c
EXTRA_DIST += tests/golden/bgp/README.md tests/golden/bgp/bird.txt \
	tests/golden/bgp/frr.txt tests/golden/bgp/measure.py
check_PROGRAMS += tests/test_bgp_speaker
tests_test_bgp_speaker_SOURCES = tests/test_bgp_speaker.c
check_PROGRAMS += tests/test_bgp_cease
tests_test_bgp_cease_SOURCES = tests/test_bgp_cease.c
check_PROGRAMS += tests/test_bgp_rules
tests_test_bgp_rules_SOURCES = tests/test_bgp_rules.c
check_PROGRAMS += tests/test_bgp_restart
tests_test_bgp_restart_SOURCES = tests/test_bgp_restart.c
check_PROGRAMS += tests/test_bgp_fsm
tests_test_bgp_fsm_SOURCES = tests/test_bgp_fsm.c
check_PROGRAMS += tests/test_bgp_decide
tests_test_bgp_decide_SOURCES = tests/test_bgp_decide.c
check_PROGRAMS += tests/test_bgp_message
tests_test_bgp_message_SOURCES = tests/test_bgp_message.c

# The fuzz targets, and their corpora replayed by every `make check`.
check_PROGRAMS += tests/test_bgp_corpus
tests_test_bgp_corpus_SOURCES = tests/test_bgp_corpus.c tests/fuzz/fuzz_bgp.c
check_PROGRAMS += tests/test_bgp_session_corpus
tests_test_bgp_session_corpus_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"bgp_session"'
tests_test_bgp_session_corpus_SOURCES = tests/test_bgp_corpus.c \
	tests/fuzz/fuzz_bgp_session.c
EXTRA_DIST += tests/fuzz/corpus/bgp tests/fuzz/corpus/bgp_session
if FUZZING
FUZZERS += tests/fuzz/fuzz_bgp_session
tests_fuzz_fuzz_bgp_session_SOURCES = tests/fuzz/fuzz_bgp_session.c
tests_fuzz_fuzz_bgp_session_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZERS += tests/fuzz/fuzz_bgp
tests_fuzz_fuzz_bgp_SOURCES = tests/fuzz/fuzz_bgp.c
tests_fuzz_fuzz_bgp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
