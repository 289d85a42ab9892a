# Whether each patch of tests/mutate still fits is a test; whether a scenario
# turns red for it is `make mutate`, which builds each in a copy of the sources
# and takes a quarter of an hour.
check_SCRIPTS += tests/mutate/check-mutations.py
EXTRA_DIST += tests/mutate/RESULTS.md tests/mutate/check-mutations.py \
	tests/mutate/mutations.py

.PHONY: mutate
mutate: hybridsim
	TOP_SRCDIR=$(top_srcdir) $(PYTHON3) \
		$(srcdir)/tests/mutate/check-mutations.py --run $(MUTATIONS)
