# Captures made by real daemons: tests/captures/README.md.
CAPTURES = bfd-up-poll-down bgp-bad-peer-as bgp-hold-expired bgp-many-routes \
	bgp-max-prefix bgp-openbgpd bgp-reset bgp-routes bgp-shutdown-message \
	esp-scapy ike-cbc128-sha1-ecp256 ike-cbc128-sha384-ecp521 \
	ike-cbc256-sha256-modp2048 ike-cbc256-sha512-curve25519 ike-cookie \
	ike-dpd-timeout ike-fragments ike-fragments-gcm ike-gcm128-modp3072 \
	ike-gcm256-ecp384 ike-invalid-ke ike-invalid-ke-in-rekey \
	ike-no-child-proposal-chosen ike-no-proposal-chosen \
	ike-rekey-collision ike-ts ike-wrong-psk
EXTRA_DIST += tests/captures/README.md tests/captures/make.py \
	$(CAPTURES:%=tests/captures/%)
