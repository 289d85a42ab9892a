sim_libsim_a_SOURCES += \
	sim/observe/bounds.c sim/observe/bounds.h \
	sim/observe/exposure.c sim/observe/exposure.h \
	sim/observe/facts.c sim/observe/facts.h \
	sim/observe/failback.c \
	sim/observe/figures.c \
	sim/observe/loss.c \
	sim/observe/private.h \
	sim/observe/probes.c sim/observe/probes.h \
	sim/observe/recovery.c \
	sim/observe/samples.c sim/observe/samples.h \
	sim/observe/series.c sim/observe/series.h \
	sim/observe/stats.c sim/observe/stats.h \
	sim/observe/timeline.c sim/observe/timeline.h \
	sim/observe/tunnels.c sim/observe/tunnels.h \
	sim/observe/verdict.c sim/observe/verdict.h \
	sim/observe/why.c

# What sim/observe needs is models/base: no ns-3 behind these tests.
OBSERVE_LIBS = tests/libharness.a sim/libsim.a models/libmodels.a \
	$(CHECK_LIBS) $(GLIB_LIBS) -lm
OBSERVE_STORY = tests/harness/story.c tests/harness/story.h

check_PROGRAMS += tests/test_timeline tests/test_stats tests/test_exposure \
	tests/test_bounds tests/test_probes tests/test_verdict \
	tests/test_tunnels tests/test_series
tests_test_timeline_SOURCES = tests/test_timeline.c $(OBSERVE_STORY)
tests_test_timeline_LDADD = $(OBSERVE_LIBS)
tests_test_series_SOURCES = tests/test_series.c $(OBSERVE_STORY)
tests_test_series_LDADD = $(OBSERVE_LIBS)
tests_test_stats_SOURCES = tests/test_stats.c $(OBSERVE_STORY)
tests_test_stats_LDADD = $(OBSERVE_LIBS)
tests_test_exposure_SOURCES = tests/test_exposure.c
tests_test_exposure_LDADD = $(OBSERVE_LIBS)
tests_test_bounds_SOURCES = tests/test_bounds.c
tests_test_bounds_LDADD = $(OBSERVE_LIBS)
tests_test_verdict_SOURCES = tests/test_verdict.c $(OBSERVE_STORY)
tests_test_verdict_LDADD = $(OBSERVE_LIBS)
tests_test_tunnels_SOURCES = tests/test_tunnels.c
tests_test_tunnels_LDADD = $(OBSERVE_LIBS)
tests_test_probes_SOURCES = tests/test_probes.c
tests_test_probes_LDADD = $(OBSERVE_LIBS)
