models_libmodels_a_SOURCES += \
	models/net/drop.c models/net/drop.h \
	models/net/fib.c models/net/fib.h \
	models/net/fragment.c models/net/fragment.h \
	models/net/icmp.c models/net/icmp.h \
	models/net/ipv4.c models/net/ipv4.h \
	models/net/loss.c models/net/loss.h \
	models/net/mss.c models/net/mss.h \
	models/net/napt.c models/net/napt.h \
	models/net/policer.c models/net/policer.h \
	models/net/router.c models/net/router.h \
	models/net/router_local.c models/net/router_private.h \
	models/net/router_table.c \
	models/net/udp.c models/net/udp.h

check_PROGRAMS += tests/test_net_wire tests/test_net_fib \
	tests/test_net_fragment tests/test_net_router \
	tests/test_net_loss tests/test_net_policer tests/test_net_napt \
	tests/test_net_corpus
tests_test_net_napt_SOURCES = tests/test_net_napt.c
tests_test_net_wire_SOURCES = tests/test_net_wire.c
tests_test_net_fib_SOURCES = tests/test_net_fib.c
tests_test_net_fragment_SOURCES = tests/test_net_fragment.c
tests_test_net_router_SOURCES = tests/test_net_router.c
tests_test_net_policer_SOURCES = tests/test_net_policer.c
tests_test_net_loss_SOURCES = tests/test_net_loss.c
tests_test_net_corpus_SOURCES = tests/test_net_corpus.c tests/fuzz/fuzz_ipv4.c

EXTRA_DIST += tests/fuzz/corpus/ipv4
if FUZZING
FUZZERS += tests/fuzz/fuzz_ipv4
tests_fuzz_fuzz_ipv4_SOURCES = tests/fuzz/fuzz_ipv4.c
tests_fuzz_fuzz_ipv4_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

# What a node makes of them: tunnels, BFD and the control plane.
models_libmodels_a_SOURCES += \
	models/net/bfd_service.c models/net/bfd_service.h \
	models/net/control.c models/net/control.h \
	models/net/ike_service.c models/net/ike_service.h \
	models/net/ipsec.c models/net/ipsec.h

check_PROGRAMS += tests/test_node_control tests/test_node_ipsec \
	tests/test_bfd_service
tests_test_bfd_service_SOURCES = tests/test_bfd_service.c
tests_test_node_control_SOURCES = tests/test_node_control.c
tests_test_node_ipsec_SOURCES = tests/test_node_ipsec.c

check_PROGRAMS += tests/test_net_ike
tests_test_net_ike_SOURCES = tests/test_net_ike.c
