noinst_LIBRARIES += pcap/libcapture.a
pcap_libcapture_a_SOURCES =
