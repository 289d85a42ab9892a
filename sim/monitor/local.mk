sim_libsim_a_SOURCES += \
	sim/monitor/alarm.c sim/monitor/alarm.h \
	sim/monitor/blind.c \
	sim/monitor/event.c \
	sim/monitor/ids.c sim/monitor/ids.h \
	sim/monitor/known.c sim/monitor/log.c \
	sim/monitor/metric.c sim/monitor/metric.h \
	sim/monitor/monitor.c sim/monitor/monitor.h \
	sim/monitor/private.h \
	sim/monitor/write.c

check_PROGRAMS += tests/test_monitor
tests_test_monitor_SOURCES = tests/test_monitor.c
tests_test_monitor_LDADD = tests/libharness.a sim/libsim.a models/libmodels.a \
	$(CHECK_LIBS) $(JANSSON_LIBS) $(GCRYPT_LIBS) $(GLIB_LIBS) -lm
