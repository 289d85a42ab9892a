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
	models/bgp/rib.c models/bgp/rib.h \
	models/bgp/session.c \
	models/bgp/speaker.c models/bgp/speaker.h \
	models/bgp/speaker_private.h \
	models/bgp/update.c \
	models/bgp/wire.h

check_PROGRAMS += tests/test_bgp_session
tests_test_bgp_session_SOURCES = tests/test_bgp_session.c
