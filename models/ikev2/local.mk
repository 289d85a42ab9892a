# The upper half: sessions.
models_libmodels_a_SOURCES += \
	models/ikev2/auth.c \
	models/ikev2/child.c \
	models/ikev2/create_child.c \
	models/ikev2/exchange.c \
	models/ikev2/identity.c \
	models/ikev2/ikev2.h \
	models/ikev2/informational.c \
	models/ikev2/init.c \
	models/ikev2/nat.c \
	models/ikev2/negotiate.c \
	models/ikev2/output.c \
	models/ikev2/policy.c \
	models/ikev2/preset.c \
	models/ikev2/private.h \
	models/ikev2/rekey_ike.c \
	models/ikev2/sa.c \
	models/ikev2/session.c \
	models/ikev2/task.c

check_PROGRAMS += tests/test_ikev2_handshake tests/test_ikev2_interop \
	tests/test_ikev2_hostile tests/test_ikev2_life tests/test_ikev2_rekey
tests_test_ikev2_hostile_SOURCES = tests/test_ikev2_hostile.c
tests_test_ikev2_life_SOURCES = tests/test_ikev2_life.c
tests_test_ikev2_rekey_SOURCES = tests/test_ikev2_rekey.c
tests_test_ikev2_handshake_SOURCES = tests/test_ikev2_handshake.c
tests_test_ikev2_interop_SOURCES = tests/test_ikev2_interop.c

# The lower half: bytes, algorithms, keys and protection.
models_libmodels_a_SOURCES += \
	models/ikev2/choose.c \
	models/ikev2/keys.c models/ikev2/keys.h \
	models/ikev2/message.c models/ikev2/message.h \
	models/ikev2/names.c \
	models/ikev2/notify.c \
	models/ikev2/payload.c models/ikev2/payload.h \
	models/ikev2/proposal.c models/ikev2/proposal.h \
	models/ikev2/protect.c models/ikev2/protect.h \
	models/ikev2/ts.c \
	models/ikev2/wire.h

check_PROGRAMS += tests/test_ikev2_message tests/test_ikev2_payload \
	tests/test_ikev2_proposal tests/test_ikev2_ts tests/test_ikev2_keys \
	tests/test_ikev2_protect
tests_test_ikev2_message_SOURCES = tests/test_ikev2_message.c
tests_test_ikev2_payload_SOURCES = tests/test_ikev2_payload.c
tests_test_ikev2_proposal_SOURCES = tests/test_ikev2_proposal.c
tests_test_ikev2_ts_SOURCES = tests/test_ikev2_ts.c
tests_test_ikev2_protect_SOURCES = tests/test_ikev2_protect.c
tests_test_ikev2_keys_SOURCES = tests/test_ikev2_keys.c
EXTRA_DIST += tests/vectors/ike-charon.ini tests/vectors/ike_charon.py

# The fuzz targets, and their corpora replayed by every `make check`.
check_PROGRAMS += tests/test_ikev2_wire_corpus tests/test_ikev2_protect_corpus
tests_test_ikev2_wire_corpus_SOURCES = tests/test_ikev2_corpus.c \
	tests/fuzz/fuzz_ikev2_wire.c
tests_test_ikev2_wire_corpus_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFUZZ_CORPUS='"ikev2_wire"'
tests_test_ikev2_protect_corpus_SOURCES = tests/test_ikev2_corpus.c \
	tests/fuzz/fuzz_ikev2_protect.c
tests_test_ikev2_protect_corpus_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFUZZ_CORPUS='"ikev2_protect"'
check_PROGRAMS += tests/test_ikev2_exchange_corpus
tests_test_ikev2_exchange_corpus_SOURCES = tests/test_ikev2_corpus.c \
	tests/fuzz/fuzz_ikev2_exchange.c tests/fuzz/fixed_dh.c
tests_test_ikev2_exchange_corpus_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFUZZ_CORPUS='"ikev2_exchange"'
EXTRA_DIST += tests/fuzz/corpus/ikev2_wire tests/fuzz/corpus/ikev2_protect \
	tests/fuzz/corpus/ikev2_exchange
if FUZZING
FUZZERS += tests/fuzz/fuzz_ikev2_wire tests/fuzz/fuzz_ikev2_protect \
	tests/fuzz/fuzz_ikev2_exchange
tests_fuzz_fuzz_ikev2_exchange_SOURCES = tests/fuzz/fuzz_ikev2_exchange.c \
	tests/fuzz/fixed_dh.c
tests_fuzz_fuzz_ikev2_exchange_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_ikev2_exchange_LDADD = models/libmodels.a $(GCRYPT_LIBS) \
	$(GLIB_LIBS) -lm
tests_fuzz_fuzz_ikev2_wire_SOURCES = tests/fuzz/fuzz_ikev2_wire.c
tests_fuzz_fuzz_ikev2_wire_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_ikev2_wire_LDADD = models/libmodels.a $(GCRYPT_LIBS) \
	$(GLIB_LIBS) -lm
tests_fuzz_fuzz_ikev2_protect_SOURCES = tests/fuzz/fuzz_ikev2_protect.c
tests_fuzz_fuzz_ikev2_protect_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_ikev2_protect_LDADD = models/libmodels.a $(GCRYPT_LIBS) \
	$(GLIB_LIBS) -lm
endif
