# The report. dygraphs and our own style and script go into the program.
sim_libsim_a_SOURCES += \
	sim/report/chart.c sim/report/chart.h \
	sim/report/compare.c sim/report/dot.c \
	sim/report/evidence.c sim/report/gantt.c \
	sim/report/get.c sim/report/get.h \
	sim/report/html.c sim/report/html.h \
	sim/report/lanes.c sim/report/latency.c sim/report/load.c \
	sim/report/monitoring.c sim/report/page.c \
	sim/report/private.h sim/report/replay.c sim/report/report.h \
	sim/report/series.c \
	sim/report/shape.c sim/report/shape.h \
	sim/report/streams.c sim/report/tables.c sim/report/topology.c sim/report/verdict.c

REPORT_RESOURCES = sim/report/report.gresource.xml sim/report/report.css \
	sim/report/report.js sim/report/dygraphs-licence
REPORT_MADE = sim/report/resources.c sim/report/resources.h
EXTRA_DIST += $(REPORT_RESOURCES)
nodist_sim_libsim_a_SOURCES = $(REPORT_MADE)
BUILT_SOURCES = sim/report/resources.h
CLEANFILES += $(REPORT_MADE)

REPORT_COMPILE = $(GLIB_COMPILE_RESOURCES) --internal --c-name hs_report \
	--sourcedir='$(srcdir)/sim/report' --sourcedir='$(DYGRAPHS)' \
	'$(srcdir)/sim/report/report.gresource.xml'
sim/report/resources.c: $(REPORT_RESOURCES) $(DYGRAPHS)/dygraph.min.js
	$(AM_V_GEN)$(MKDIR_P) sim/report && \
	$(REPORT_COMPILE) --generate-source --target=$@
sim/report/resources.h: $(REPORT_RESOURCES)
	$(AM_V_GEN)$(MKDIR_P) sim/report && \
	$(REPORT_COMPILE) --generate-header --target=$@
sim/report/page.$(OBJEXT): sim/report/resources.h

check_PROGRAMS += tests/test_report
tests_test_report_SOURCES = tests/test_report.c
tests_test_report_LDADD = tests/libharness.a sim/libsim.a $(JANSSON_LIBS) \
	$(CHECK_LIBS) $(GIO_LIBS) $(GLIB_LIBS) -lm
