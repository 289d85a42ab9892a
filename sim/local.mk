noinst_LIBRARIES += sim/libsim.a sim/libengine.a
sim_libsim_a_SOURCES =
sim_libengine_a_SOURCES =

include sim/engine/local.mk
include sim/scenario/local.mk
include sim/world/local.mk
include sim/observe/local.mk
include sim/output/local.mk
