sim_libsim_a_SOURCES += \
	sim/observe/facts.c sim/observe/facts.h \
	sim/observe/failback.c \
	sim/observe/loss.c \
	sim/observe/private.h \
	sim/observe/recovery.c \
	sim/observe/samples.c sim/observe/samples.h \
	sim/observe/stats.c sim/observe/stats.h \
	sim/observe/timeline.c sim/observe/timeline.h

# What sim/observe needs is models/base: no ns-3 behind these tests.
OBSERVE_LIBS = tests/libharness.a sim/libsim.a models/libmodels.a \
	$(CHECK_LIBS) $(GLIB_LIBS) -lm

check_PROGRAMS += tests/test_timeline
tests_test_timeline_SOURCES = tests/test_timeline.c
tests_test_timeline_LDADD = $(OBSERVE_LIBS)
