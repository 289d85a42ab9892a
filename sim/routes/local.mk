sim_libsim_a_SOURCES += \
	sim/routes/json.c \
	sim/routes/path.c \
	sim/routes/routes.h \
	sim/routes/table.c \
	sim/routes/text.c
