sim_libsim_a_SOURCES += \
	sim/world/build.c \
	sim/world/build_dx.c \
	sim/world/build_dxgw.c \
	sim/world/build_gateway.c \
	sim/world/build_host.c \
	sim/world/build_internet.c \
	sim/world/build_public.c \
	sim/world/build_site.c \
	sim/world/build_tgw.c \
	sim/world/build_vpc.c \
	sim/world/env.c sim/world/env.h \
	sim/world/fault.c sim/world/fault.h \
	sim/world/fault_harm.c \
	sim/world/fault_link.c \
	sim/world/fault_node.c \
	sim/world/fault_session.c \
	sim/world/fault_target.c \
	sim/world/fault_tunnel.c \
	sim/world/live.c sim/world/live.h \
	sim/world/live_command.c \
	sim/world/live_ends.c \
	sim/world/live_private.h \
	sim/world/private.h \
	sim/world/replay.c \
	sim/world/theory.c sim/world/theory.h \
	sim/world/view.c sim/world/view.h \
	sim/world/vpn.c \
	sim/world/workload.c \
	sim/world/world.c sim/world/world.h

check_PROGRAMS += tests/test_world
tests_test_world_SOURCES = tests/test_world.c
nodist_EXTRA_tests_test_world_SOURCES = dummy.cxx
tests_test_world_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/test_world_tgw
tests_test_world_tgw_SOURCES = tests/test_world_tgw.c
nodist_EXTRA_tests_test_world_tgw_SOURCES = dummy.cxx
tests_test_world_tgw_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/test_live_command
tests_test_live_command_SOURCES = tests/test_live_command.c \
	tests/harness/scenario_text.h
nodist_EXTRA_tests_test_live_command_SOURCES = dummy.cxx
tests_test_live_command_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
check_SCRIPTS += tests/test_world_valgrind.sh
EXTRA_DIST += tests/test_world_valgrind.sh

check_PROGRAMS += tests/test_world_site
tests_test_world_site_SOURCES = tests/test_world_site.c
nodist_EXTRA_tests_test_world_site_SOURCES = dummy.cxx
tests_test_world_site_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/test_world_dx
tests_test_world_dx_SOURCES = tests/test_world_dx.c
nodist_EXTRA_tests_test_world_dx_SOURCES = dummy.cxx
tests_test_world_dx_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/test_world_vpc
tests_test_world_vpc_SOURCES = tests/test_world_vpc.c
nodist_EXTRA_tests_test_world_vpc_SOURCES = dummy.cxx
tests_test_world_vpc_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)


check_PROGRAMS += tests/test_fault_link tests/test_fault_node
tests_test_fault_link_SOURCES = tests/test_fault_link.c \
	tests/harness/world_run.h
nodist_EXTRA_tests_test_fault_link_SOURCES = dummy.cxx
tests_test_fault_link_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
tests_test_fault_node_SOURCES = tests/test_fault_node.c \
	tests/harness/world_run.h
nodist_EXTRA_tests_test_fault_node_SOURCES = dummy.cxx
tests_test_fault_node_LDADD = tests/libharness.a $(SIM_LIBS) $(CHECK_LIBS)
