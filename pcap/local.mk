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

check_PROGRAMS += tests/test_capture tests/test_wireshark
tests_test_capture_SOURCES = tests/test_capture.c
tests_test_capture_LDADD = pcap/libcapture.a $(LDADD) $(PCAP_LIBS)
tests_test_wireshark_SOURCES = tests/test_wireshark.c
tests_test_wireshark_LDADD = pcap/libcapture.a $(LDADD) $(PCAP_LIBS)
