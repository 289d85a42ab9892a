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

