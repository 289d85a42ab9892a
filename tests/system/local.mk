# Tests of the whole program, through its command line and its files.
check_SCRIPTS += tests/system/check-theory.py tests/system/check-captures.py \
	tests/system/check-dissect.py
EXTRA_DIST += tests/system/program.py tests/system/check-theory.py \
	tests/system/check-captures.py tests/system/check-dissect.py
