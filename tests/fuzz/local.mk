# `make fuzz` gives each target FUZZ_SECONDS from its corpus on, as many at a
# time as -j says. What it finds anew is kept in the build folder under
# tests/fuzz/found/; an input that breaks something is kept beside it, named
# after its target, and belongs into the corpus with the fix.
#
# Each target stands in the local.mk of its module, as does the test that runs
# its corpus in every build.
FUZZ_SECONDS = 20
fuzz_runs = $(FUZZERS:%=%.run)

.PHONY: fuzz $(fuzz_runs)
if FUZZING
fuzz: $(fuzz_runs)
$(fuzz_runs): %.run: %
	@name=$(*F); name=$${name#fuzz_}; log=tests/fuzz/$$name.log; \
	$(MKDIR_P) tests/fuzz/found/$$name && \
	if ./$* -max_total_time=$(FUZZ_SECONDS) -timeout=25 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix=tests/fuzz/found/$$name- \
	    tests/fuzz/found/$$name $(srcdir)/tests/fuzz/corpus/$$name \
	    >$$log 2>&1; \
	then \
	    runs=`sed -n 's/^stat::number_of_executed_units: *//p' $$log`; \
	    test "$${runs:-0}" -gt 0 && echo "fuzz: $$name: $$runs inputs, all well"; \
	else \
	    tail -n 40 $$log; echo "fuzz: $$name failed; all of it is in $$log"; exit 1; \
	fi
else
fuzz:
	@echo "make fuzz needs ./configure CC=clang CXX=clang++ --enable-fuzzing" >&2; exit 1
endif

clean-local: fuzz-clean
.PHONY: fuzz-clean
fuzz-clean:
	rm -rf tests/fuzz/found tests/fuzz/*.log
