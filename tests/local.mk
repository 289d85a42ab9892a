# The harness: a fake clock and links for the protocol cores, and what several
# tests share. The tests themselves are listed by the module that they test.
check_LIBRARIES += tests/libharness.a
tests_libharness_a_SOURCES = tests/harness/run.c tests/harness/run.h \
	tests/harness/aws_sites.c tests/harness/aws_sites.h \
	tests/harness/bfd_meeting.c tests/harness/bfd_meeting.h \
	tests/harness/bfd_pair.c tests/harness/bfd_pair.h \
	tests/harness/bgp_meeting.c tests/harness/bgp_meeting.h \
	tests/harness/bgp_pair.c tests/harness/bgp_pair.h \
	tests/harness/esp_pair.c tests/harness/esp_pair.h \
	tests/harness/charon.c tests/harness/charon.h \
	tests/harness/fake_env.c tests/harness/fake_env.h \
	tests/harness/golden.c tests/harness/golden.h \
	tests/harness/hex.c tests/harness/hex.h \
	tests/harness/hybrid.c tests/harness/hybrid.h \
	tests/harness/ike_pair.c tests/harness/ike_pair.h \
	tests/harness/ks.c tests/harness/ks.h \
	tests/harness/node_link.c tests/harness/node_link.h \
	tests/harness/vectors.c tests/harness/vectors.h

check_SCRIPTS += tests/check-layers.sh tests/check-conformance.py \
	tests/test_manual.sh
EXTRA_DIST += tests/CONFORMANCE.md tests/check-conformance.py \
	tests/check-layers.sh tests/coverage.py tests/test_manual.sh tests/with.sh

# `make coverage`, after --enable-coverage: what the protocol cores' own tests
# reach of them. Tests against real daemons are left out, so that the numbers do
# not hang on what is installed.
COVERAGE_CORES = models/bgp models/bfd models/esp models/ikev2
COVERAGE_TESTS = $(filter-out %_interop,$(filter \
	tests/test_bgp% tests/test_bfd% tests/test_esp% tests/test_ike%, \
	$(check_PROGRAMS)))
.PHONY: coverage
if COVERAGE
coverage:
	find . -name '*.gcda' -exec rm -f {} +
	$(MAKE) $(AM_MAKEFLAGS) check check_PROGRAMS='$(COVERAGE_TESTS)' \
		TESTS='$(COVERAGE_TESTS)'
	$(PYTHON3) $(srcdir)/tests/coverage.py $(COVERAGE_CORES)
else
coverage:
	@echo "make coverage needs ./configure --enable-coverage" >&2; exit 1
endif

include tests/cli/local.mk
include tests/system/local.mk
include tests/mutate/local.mk
include tests/routes/local.mk
include tests/bench/local.mk
include tests/live/local.mk
include tests/captures/local.mk
include tests/fuzz/local.mk
