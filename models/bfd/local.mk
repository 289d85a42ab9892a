models_libmodels_a_SOURCES += \
	models/bfd/bfd.h \
	models/bfd/packet.c \
	models/bfd/session.c \
	models/bfd/wire.h

check_PROGRAMS += tests/test_bfd tests/test_bfd_packet tests/test_bfd_corpus \
	tests/test_bfd_interop tests/test_bfd_golden \
	tests/test_bfd_pair_corpus
tests_test_bfd_SOURCES = tests/test_bfd.c
tests_test_bfd_packet_SOURCES = tests/test_bfd_packet.c
tests_test_bfd_interop_SOURCES = tests/test_bfd_interop.c
tests_test_bfd_golden_SOURCES = tests/test_bfd_golden.c
tests_test_bfd_corpus_SOURCES = tests/test_bfd_corpus.c tests/fuzz/fuzz_bfd.c
tests_test_bfd_pair_corpus_SOURCES = tests/test_bfd_corpus.c \
	tests/fuzz/fuzz_bfd_pair.c
tests_test_bfd_pair_corpus_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"bfd_pair"'

EXTRA_DIST += tests/fuzz/corpus/bfd tests/fuzz/corpus/bfd_pair
if FUZZING
FUZZERS += tests/fuzz/fuzz_bfd tests/fuzz/fuzz_bfd_pair
tests_fuzz_fuzz_bfd_pair_SOURCES = tests/fuzz/fuzz_bfd_pair.c
tests_fuzz_fuzz_bfd_pair_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_bfd_SOURCES = tests/fuzz/fuzz_bfd.c
tests_fuzz_fuzz_bfd_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

# By hand, for tests/golden/bfd.
EXTRA_PROGRAMS += tests/interop/bfd_record
CLEANFILES += tests/interop/bfd_record
tests_interop_bfd_record_SOURCES = tests/interop/bfd_record.c
EXTRA_DIST += tests/golden/bfd/README.md tests/golden/bfd/bird.txt \
	tests/golden/bfd/frr.txt
