# Tests against real daemons in network namespaces, in real time. They need
# root and take minutes: `make check-live`, and not part of `make check`.
LIVE_TESTS = tests/live/check-lab.py tests/live/check-mode.py \
	tests/live/check-postgres.py tests/live/check-backoff.py \
	tests/live/check-bgp.py tests/live/check-timers.py \
	tests/live/check-ipsec.py tests/live/check-gateway.py \
	tests/live/check-replay.py
EXTRA_DIST += $(LIVE_TESTS) tests/live/lab.py tests/live/bird.py \
	tests/live/capture.py tests/live/frr.py tests/live/gateway.py \
	tests/live/openbgpd.py tests/live/postgres.py \
	tests/live/record-timers.py tests/live/simulation.py tests/live/strongswan.py \
	tests/live/swan_keys.py tests/live/timers.md tests/live/timers.py

.PHONY: check-live
check-live:
	$(MAKE) $(AM_MAKEFLAGS) hybridsim
	$(MAKE) $(AM_MAKEFLAGS) check check_PROGRAMS= check_LIBRARIES= \
		check_SCRIPTS= TESTS='$(LIVE_TESTS)'
