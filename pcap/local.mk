# The only user of libpcap.
noinst_LIBRARIES += pcap/libcapture.a
pcap_libcapture_a_SOURCES = \
	pcap/capture.h \
	pcap/filter.c pcap/filter.h \
	pcap/link_file.c pcap/link_file.h \
	pcap/output.c pcap/output.h \
	pcap/pcapng.c pcap/pcapng.h \
	pcap/pcapng_reader.c pcap/pcapng_reader.h \
	pcap/reader.c \
	pcap/wireshark.c pcap/wireshark.h \
	pcap/writer.c

check_PROGRAMS += tests/test_capture tests/test_capture_corpus \
	tests/test_wireshark
tests_test_capture_SOURCES = tests/test_capture.c
tests_test_capture_LDADD = pcap/libcapture.a $(LDADD) $(PCAP_LIBS)
tests_test_wireshark_SOURCES = tests/test_wireshark.c
tests_test_wireshark_LDADD = pcap/libcapture.a $(LDADD) $(PCAP_LIBS)

tests_test_capture_corpus_SOURCES = tests/test_capture_corpus.c \
	tests/fuzz/fuzz_pcapng.c
tests_test_capture_corpus_LDADD = pcap/libcapture.a $(LDADD) $(PCAP_LIBS)
EXTRA_DIST += tests/fuzz/corpus/pcapng
if FUZZING
FUZZERS += tests/fuzz/fuzz_pcapng
tests_fuzz_fuzz_pcapng_SOURCES = tests/fuzz/fuzz_pcapng.c
tests_fuzz_fuzz_pcapng_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_pcapng_LDADD = pcap/libcapture.a models/libmodels.a \
	$(PCAP_LIBS) $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
endif
