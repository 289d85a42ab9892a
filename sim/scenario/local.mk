sim_libsim_a_SOURCES += \
	sim/scenario/actions.c \
	sim/scenario/check.c sim/scenario/check.h \
	sim/scenario/check_dx.c sim/scenario/check_fault.c \
	sim/scenario/check_gateway.c sim/scenario/check_network.c \
	sim/scenario/check_monitor.c sim/scenario/check_table.c sim/scenario/check_vpn.c \
	sim/scenario/complaint.c sim/scenario/complaint.h \
	sim/scenario/crypto.c \
	sim/scenario/derive.c \
	sim/scenario/elements.h \
	sim/scenario/explain.c \
	sim/scenario/expect.c \
	sim/scenario/figure.c \
	sim/scenario/format.h sim/scenario/format_result.c \
	sim/scenario/ini.c sim/scenario/ini.h \
	sim/scenario/manual.c sim/scenario/page.c \
	sim/scenario/metrics.c sim/scenario/metrics.h \
	sim/scenario/names.c sim/scenario/names.h \
	sim/scenario/pages.h \
	sim/scenario/path.c sim/scenario/path.h \
	sim/scenario/ports.c \
	sim/scenario/private.h \
	sim/scenario/profile.c \
	sim/scenario/query.c \
	sim/scenario/quantity.c sim/scenario/quantity.h \
	sim/scenario/read.c sim/scenario/scenario.h \
	sim/scenario/rows.h \
	sim/scenario/schema.c sim/scenario/schema.h \
	sim/scenario/schema_aws.c sim/scenario/schema_dx.c \
	sim/scenario/schema_monitor.c \
	sim/scenario/schema_run.c sim/scenario/schema_site.c \
	sim/scenario/schema_vpn.c \
	sim/scenario/value.c sim/scenario/value.h \
	sim/scenario/words.c sim/scenario/words.h

scenario_libs = tests/libharness.a sim/libsim.a models/libmodels.a \
	$(CHECK_LIBS) $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
check_PROGRAMS += tests/test_scenario tests/test_scenario_errors \
	tests/test_scenario_refusals
tests_test_scenario_SOURCES = tests/test_scenario.c \
	tests/harness/scenario_text.h
tests_test_scenario_LDADD = $(scenario_libs)
tests_test_scenario_errors_SOURCES = tests/test_scenario_errors.c \
	tests/harness/scenario_text.h
tests_test_scenario_errors_LDADD = $(scenario_libs)
tests_test_scenario_refusals_SOURCES = tests/test_scenario_refusals.c
tests_test_scenario_refusals_LDADD = $(scenario_libs)

EXTRA_DIST += tests/fuzz/corpus/scenario
if FUZZING
FUZZERS += tests/fuzz/fuzz_scenario
tests_fuzz_fuzz_scenario_SOURCES = tests/fuzz/fuzz_scenario.c
tests_fuzz_fuzz_scenario_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_scenario_LDADD = sim/libsim.a models/libmodels.a \
	$(GCRYPT_LIBS) $(GLIB_LIBS) -lm
endif

dist_man_MANS += sim/hybridsim.1

# hybridsim-scenario(5), from the schema.
EXTRA_PROGRAMS += sim/scenario_page
sim_scenario_page_SOURCES = sim/scenario_page.c
sim_scenario_page_LDADD = sim/libsim.a models/libmodels.a $(GCRYPT_LIBS) \
	$(GLIB_LIBS) -lm
sim/hybridsim-scenario.5: sim/scenario_page$(EXEEXT)
	$(AM_V_GEN)./sim/scenario_page$(EXEEXT) >$@.tmp && mv $@.tmp $@
nodist_man_MANS += sim/hybridsim-scenario.5
CLEANFILES += sim/hybridsim-scenario.5 sim/scenario_page$(EXEEXT)
