# Tests of the whole program, through its command line and its files.
system_tests = \
	tests/system/check-browser.py \
	tests/system/check-captures.py \
	tests/system/check-ci.py \
	tests/system/check-dissect.py \
	tests/system/check-expect.py \
	tests/system/check-library.py \
	tests/system/check-monitoring.py \
	tests/system/check-paths.py \
	tests/system/check-random.py \
	tests/system/check-report.py \
	tests/system/check-same-number.py \
	tests/system/check-schemas.py \
	tests/system/check-theory.py
check_SCRIPTS += $(system_tests)
EXTRA_DIST += \
	examples/ci/github.yml examples/ci/gitlab.yml \
	tests/ci/junit.xsd tests/ci/sarif.schema.json \
	tests/system/oracle.py \
	tests/system/program.py \
	tests/system/random_design.py \
	tests/system/report_pages.py \
	tests/system/schemas.py \
	$(system_tests)
