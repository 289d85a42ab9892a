models_libmodels_a_SOURCES += \
	models/base/addr.c models/base/addr.h \
	models/base/distribution.c models/base/distribution.h \
	models/base/env.c models/base/env.h \
	models/base/fact.c models/base/fact.h \
	models/base/packet.c models/base/packet.h \
	models/base/rng.c models/base/rng.h \
	models/base/simtime.c models/base/simtime.h \
	models/base/trace.c models/base/trace.h \
	models/base/wire.c models/base/wire.h

check_PROGRAMS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c
