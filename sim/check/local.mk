# What `hybridsim check` says, of result.json alone.
sim_libsim_a_SOURCES += \
	sim/check/baseline.c sim/check/baseline.h \
	sim/check/differences.c sim/check/differences.h \
	sim/check/files.c sim/check/files.h \
	sim/check/jsonlines.c sim/check/junit.c sim/check/outputs.h \
	sim/check/report.c sim/check/report.h sim/check/sarif.c \
	sim/check/spread.c sim/check/spread.h \
	sim/check/tap.c sim/check/text.c \
	sim/check/timeline.c sim/check/timeline.h \
	sim/check/write.c sim/check/write.h

check_PROGRAMS += tests/test_check
tests_test_check_SOURCES = tests/test_check.c
tests_test_check_LDADD = tests/libharness.a sim/libsim.a $(CHECK_LIBS) \
	$(JANSSON_LIBS) $(GLIB_LIBS) -lm
