sim_libsim_a_SOURCES += \
	sim/world/build.c \
	sim/world/env.c sim/world/env.h \
	sim/world/faults.c \
	sim/world/private.h \
	sim/world/theory.c sim/world/theory.h \
	sim/world/workload.c \
	sim/world/world.c sim/world/world.h
