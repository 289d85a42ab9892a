models_libmodels_a_SOURCES += \
	models/esp/esp.h \
	models/esp/inspect.c \
	models/esp/packet.c \
	models/esp/private.h \
	models/esp/sa.c \
	models/esp/sad.c \
	models/esp/suite.c \
	models/esp/window.c models/esp/window.h \
	models/esp/wire.h

check_PROGRAMS += tests/test_esp tests/test_esp_window tests/test_esp_interop \
	tests/test_esp_rekey tests/test_esp_inspect tests/test_esp_corpus \
	tests/test_esp_sad_corpus
tests_test_esp_SOURCES = tests/test_esp.c
tests_test_esp_window_SOURCES = tests/test_esp_window.c
tests_test_esp_rekey_SOURCES = tests/test_esp_rekey.c
tests_test_esp_inspect_SOURCES = tests/test_esp_inspect.c
tests_test_esp_interop_SOURCES = tests/test_esp_interop.c
EXTRA_DIST += tests/interop/esp_scapy.py tests/vectors/esp.ini

tests_test_esp_corpus_SOURCES = tests/test_esp_corpus.c tests/fuzz/fuzz_esp.c
tests_test_esp_sad_corpus_SOURCES = tests/test_esp_corpus.c \
	tests/fuzz/fuzz_esp_sad.c
tests_test_esp_sad_corpus_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"esp_sad"'
EXTRA_DIST += tests/fuzz/corpus/esp tests/fuzz/corpus/esp_sad
if FUZZING
FUZZERS += tests/fuzz/fuzz_esp tests/fuzz/fuzz_esp_sad
tests_fuzz_fuzz_esp_sad_SOURCES = tests/fuzz/fuzz_esp_sad.c
tests_fuzz_fuzz_esp_sad_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_esp_sad_LDADD = models/libmodels.a $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
tests_fuzz_fuzz_esp_SOURCES = tests/fuzz/fuzz_esp.c
tests_fuzz_fuzz_esp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_esp_LDADD = models/libmodels.a $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
endif
