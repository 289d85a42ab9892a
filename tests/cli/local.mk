# Tests of the command line, with bats.
CLI_TESTS = tests/cli/usage.bats tests/cli/run.bats tests/cli/check.bats \
	tests/cli/ci.bats tests/cli/replay.bats \
	tests/cli/determinism.bats tests/cli/dissect.bats \
	tests/cli/survive.bats tests/cli/compare.bats tests/cli/routes.bats \
	tests/cli/findings.bats tests/cli/trouble.bats tests/cli/files.bats tests/cli/init.bats tests/cli/advice.bats
check_SCRIPTS += $(CLI_TESTS) tests/cli/check-completion.py
EXTRA_DIST += tests/cli/common.bash tests/cli/check-completion.py $(CLI_TESTS)
