scenariosdir = $(pkgdatadir)/scenarios
dist_scenarios_DATA = \
	scenarios/README.md \
	scenarios/alarm-average.ini \
	scenarios/alarm-missing-data.ini \
	scenarios/alarm-one-minute.ini \
	scenarios/brownout-bfd.ini \
	scenarios/brownout-probed.ini \
	scenarios/brownout-unnoticed.ini \
	scenarios/brownout-withdrawn.ini \
	scenarios/capacity-collapse.ini \
	scenarios/cloudhub-sites.ini \
	scenarios/database-closed-loop.ini \
	scenarios/database-reconnect-keepalive.ini \
	scenarios/database-reconnect-storm.ini \
	scenarios/database-transactions.ini \
	scenarios/database-user-timeout.ini \
	scenarios/ddos-while-dx-down.ini \
	scenarios/dx-cut-carrier.ini \
	scenarios/dx-cut-encrypted.ini \
	scenarios/dx-cut-hold30-bfd.ini \
	scenarios/dx-cut-hold30.ini \
	scenarios/dx-cut-hold9-bfd.ini \
	scenarios/dx-cut-hold9.ini \
	scenarios/dx-cut-hold90.ini \
	scenarios/dx-cut-to-aws.ini \
	scenarios/dx-cut-to-onprem.ini \
	scenarios/dx-cut.ini \
	scenarios/dx-dual-one-device.ini \
	scenarios/dx-dual-two-devices.ini \
	scenarios/dx-failover-test.ini \
	scenarios/dx-flap.ini \
	scenarios/dx-graceful-restart-bfd.ini \
	scenarios/dx-restored.ini \
	scenarios/firewall-asymmetric.ini \
	scenarios/firewall-symmetric.ini \
	scenarios/lag-member-down.ini \
	scenarios/lag-min-links.ini \
	scenarios/live-database.ini \
	scenarios/live-gateway.ini \
	scenarios/local-preference-communities.ini \
	scenarios/longer-prefix-on-vpn.ini \
	scenarios/mtu-black-hole.ini \
	scenarios/nat-gateway-reset.ini \
	scenarios/nat-mapping-lost.ini \
	scenarios/outage-90s.ini \
	scenarios/prefix-limit.ini \
	scenarios/prepending-is-useless.ini \
	scenarios/private-ip-vpn-cut.ini \
	scenarios/replay-no-network.ini \
	scenarios/replay-pgbench.ini \
	scenarios/replay-pgbench.pcap \
	scenarios/router-crash-dual.ini \
	scenarios/router-crash.ini \
	scenarios/router-frozen.ini \
	scenarios/stream-over-backup.ini \
	scenarios/tgw-dx-cut.ini \
	scenarios/tgw-static-vpn-wins.ini \
	scenarios/tgw-vpn-ecmp.ini \
	scenarios/tunnels-pinned.ini \
	scenarios/tunnels-unpinned-hold90.ini \
	scenarios/tunnels-unpinned.ini \
	scenarios/vif-mtu-change.ini \
	scenarios/vpn-endpoint-replaced.ini \
	scenarios/vpn-rekey-in-failover.ini \
	scenarios/vpn-rekey.ini \
	scenarios/vpn-static-backup.ini \
	scenarios/vpn-tunnel-down.ini \
	scenarios/vpn-tunnel-remade.ini \
	scenarios/vpn-wrong-psk.ini

# Whole designs, for comparison.
scenariosoptionsdir = $(scenariosdir)/options
dist_scenariosoptions_DATA = \
	scenarios/options/a-vpn.ini \
	scenarios/options/b-dx.ini \
	scenarios/options/backup-second-location.ini \
	scenarios/options/bgp-table-as-drawn.ini \
	scenarios/options/c-cloudhub.ini \
	scenarios/options/d-peering.ini \
	scenarios/options/e-nat.ini \
	scenarios/options/growth-multi-region.ini \
	scenarios/options/growth-multi-vpc.ini \
	scenarios/options/macsec.ini \
	scenarios/options/private-ip-vpn.ini \
	scenarios/options/public-vif-tgw.ini \
	scenarios/options/public-vif-vgw.ini \
	scenarios/options/recommended-as-drawn.ini

# One rule of route selection each.
scenariosroutesdir = $(scenariosdir)/routes
dist_scenariosroutes_DATA = \
	scenarios/routes/as-path.ini \
	scenarios/routes/cloudhub-same-as.ini \
	scenarios/routes/community-low.ini \
	scenarios/routes/community-medium.ini \
	scenarios/routes/community-over-path.ini \
	scenarios/routes/customer-as-path.ini \
	scenarios/routes/customer-is-no-transit.ini \
	scenarios/routes/customer-local-preference.ini \
	scenarios/routes/customer-med.ini \
	scenarios/routes/dx-med.ini \
	scenarios/routes/dx-over-vpn.ini \
	scenarios/routes/path-before-med.ini \
	scenarios/routes/tunnel-med-swapped.ini \
	scenarios/routes/tunnel-med.ini \
	scenarios/routes/vpn-as-path.ini \
	scenarios/routes/vpn-med.ini \
	scenarios/routes/vpn-one-tunnel.ini

# One timer each.
scenariostimersdir = $(scenariosdir)/timers
dist_scenariostimers_DATA = \
	scenarios/timers/dpd-aws.ini \
	scenarios/timers/hold-against-restart.ini
