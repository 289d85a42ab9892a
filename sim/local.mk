noinst_LIBRARIES += sim/libsim.a sim/libengine.a
sim_libsim_a_SOURCES =
sim_libengine_a_SOURCES =

include sim/engine/local.mk
include sim/scenario/local.mk
include sim/findings/local.mk
include sim/world/local.mk
include sim/observe/local.mk
include sim/monitor/local.mk
include sim/output/local.mk
include sim/report/local.mk
include sim/check/local.mk
include sim/dissect/local.mk
include sim/replay/local.mk
include sim/routes/local.mk

bin_PROGRAMS += hybridsim
hybridsim_SOURCES = sim/main.c sim/assumptions.c \
	sim/children.c sim/cli.c sim/cli.h \
	sim/cmd_completion.c sim/cmd_init.c sim/starter.c sim/starter.h \
	 sim/complete.c sim/complete.h \
	sim/commands.c sim/commands.h \
	sim/cmd_check.c sim/cmd_compare.c sim/cmd_dissect.c \
	sim/cmd_explain.c sim/cmd_live.c sim/cmd_report.c sim/cmd_run.c sim/cmd_survive.c \
	sim/cmd_wireshark.c sim/control.c sim/control.h \
	sim/advice.c sim/advice.h sim/crypto.c sim/crypto.h \
	sim/design_names.c sim/judge.c sim/judge.h sim/paths.c sim/paths.h \
	sim/reach.c sim/reach.h \
	sim/explain_routes.c sim/explain_routes.h \
	sim/folder.c sim/folder.h \
	sim/designs.c sim/designs.h sim/designs_read.c \
	sim/designs_text.c sim/interrupt.c sim/interrupt.h \
	sim/progress.c sim/progress.h sim/repeat.c sim/run.c sim/run.h \
	sim/survey.c sim/survey.h sim/survey_elements.c sim/survey_json.c \
	sim/survey_read.c sim/survey_text.c sim/variant.c sim/variant.h
# The shim is C++, so the program links with the C++ compiler.
nodist_EXTRA_hybridsim_SOURCES = dummy.cxx
hybridsim_LDADD = $(SIM_LIBS)

check_PROGRAMS += tests/test_negotiated
tests_test_negotiated_SOURCES = tests/test_negotiated.c sim/crypto.c \
	sim/crypto.h
tests_test_negotiated_LDADD = $(OBSERVE_LIBS)

check_PROGRAMS += tests/test_reach
tests_test_reach_SOURCES = tests/test_reach.c sim/reach.c sim/reach.h
tests_test_reach_LDADD = $(OBSERVE_LIBS)

check_PROGRAMS += tests/test_progress
tests_test_progress_SOURCES = tests/test_progress.c sim/progress.c \
	sim/progress.h
tests_test_progress_LDADD = $(OBSERVE_LIBS)

# What the shells complete by: asked of the program, as everybody can.
COMPLETIONS = completion/bash/hybridsim completion/zsh/_hybridsim \
	completion/fish/hybridsim.fish
$(COMPLETIONS): hybridsim$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	./hybridsim$(EXEEXT) completion $(notdir $(@D)) >$@.tmp && mv $@.tmp $@
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = completion/bash/hybridsim
nodist_zshcompletion_DATA = completion/zsh/_hybridsim
nodist_fishcompletion_DATA = completion/fish/hybridsim.fish
CLEANFILES += $(COMPLETIONS)
