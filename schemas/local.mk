# JSON schemas of the outputs, made from RESULT.md, SURVEY.md and OUTPUTS.md:
# `make update-schemas` after a change of these, or schemas/make.py by hand.
schemasdir = $(pkgdatadir)/schemas
dist_schemas_DATA = \
	schemas/check-summary.schema.json \
	schemas/explained.schema.json \
	schemas/init.schema.json \
	schemas/opening.schema.json \
	schemas/checked.schema.json \
	schemas/comparison.schema.json \
	schemas/dissection.schema.json \
	schemas/result.schema.json \
	schemas/routes.schema.json \
	schemas/survey.schema.json
EXTRA_DIST += schemas/make.py OUTPUTS.md

.PHONY: update-schemas
update-schemas:
	$(PYTHON3) -B $(srcdir)/schemas/make.py

# The same, and what follows from it: the tables that end scenarios/README.md.
.PHONY: update-docs
update-docs: update-schemas
	$(MAKE) $(AM_MAKEFLAGS) tests/test_scenario$(EXEEXT)
	sed '/^### \[scenario\]$$/,$$d' $(srcdir)/scenarios/README.md >readme.tmp
	tests/test_scenario$(EXEEXT) --tables >>readme.tmp
	mv readme.tmp $(srcdir)/scenarios/README.md
