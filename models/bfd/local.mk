models_libmodels_a_SOURCES += \
	models/bfd/bfd.h \
	models/bfd/packet.c \
	models/bfd/session.c \
	models/bfd/wire.h

check_PROGRAMS += tests/test_bfd tests/test_bfd_packet
tests_test_bfd_SOURCES = tests/test_bfd.c
tests_test_bfd_packet_SOURCES = tests/test_bfd_packet.c
