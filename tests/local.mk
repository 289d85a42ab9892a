# The harness: a fake clock and links for the protocol cores, and what several
# tests share. The tests themselves are listed by the module that they test.
check_LIBRARIES += tests/libharness.a
tests_libharness_a_SOURCES = tests/harness/run.c tests/harness/run.h \
	tests/harness/bfd_pair.c tests/harness/bfd_pair.h \
	tests/harness/bgp_pair.c tests/harness/bgp_pair.h \
	tests/harness/fake_env.c tests/harness/fake_env.h \
	tests/harness/hex.c tests/harness/hex.h \
	tests/harness/hybrid.c tests/harness/hybrid.h \
	tests/harness/node_link.c tests/harness/node_link.h \
	tests/harness/vectors.c tests/harness/vectors.h

check_SCRIPTS += tests/check-layers.sh tests/test_manual.sh
EXTRA_DIST += tests/CONFORMANCE.md tests/check-layers.sh tests/test_manual.sh tests/with.sh

include tests/cli/local.mk
include tests/system/local.mk
include tests/bench/local.mk
include tests/fuzz/local.mk
