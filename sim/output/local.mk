sim_libsim_a_SOURCES += \
	sim/output/json.c \
	sim/output/result.c sim/output/result.h \
	sim/output/text.c
