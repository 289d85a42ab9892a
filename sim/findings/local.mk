sim_libsim_a_SOURCES += \
	sim/findings/finding.c sim/findings/finding.h \
	sim/findings/observed.c sim/findings/observed.h \
	sim/findings/paths.c sim/findings/private.h \
	sim/findings/static.c sim/findings/static_backup.c \
	sim/findings/static_clear.c sim/findings/static_element.c \
	sim/findings/static_steering.c

check_PROGRAMS += tests/test_findings
tests_test_findings_SOURCES = tests/test_findings.c
tests_test_findings_LDADD = $(scenario_libs)

check_PROGRAMS += tests/test_findings_observed
tests_test_findings_observed_SOURCES = tests/test_findings_observed.c
tests_test_findings_observed_LDADD = $(scenario_libs)
