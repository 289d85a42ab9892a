# Route selection against AWS's documentation, a file for each case.
check_SCRIPTS += tests/routes/check-routes.py
EXTRA_DIST += tests/routes/cases tests/routes/check-routes.py
