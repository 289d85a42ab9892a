"""Patches that break one rule each: what is replaced, by what, and which
scenarios are likely to see it.

White space in `old` stands for any. Add a patch with each rule or timer that is
added; if no scenario sees it, a scenario is missing.
"""

from typing import NamedTuple


class Mutation(NamedTuple):
    name: str
    rule: str
    path: str
    old: str
    new: str
    scenarios: tuple = ()


M = Mutation
VGW = "models/aws/vgw_routes.c"
DX = "models/aws/dx_routes.c"
DXGW = "models/aws/dxgw.c"
TGW = "models/aws/tgw_routes.c"
DECIDE = "models/bgp/decide.c"
CONTROL = "models/net/control.c"

MUTATIONS = [
    # A virtual private gateway's order

    M("vgw-class", "VGW: Direct Connect before static VPN before BGP VPN", VGW,
      "result = order(HS_VGW_TAG_CLASS(a->tag), HS_VGW_TAG_CLASS(b->tag));",
      "result = 0;", ("routes/dx-over-vpn", "dx-cut")),
    M("vgw-class-reversed", "VGW: Direct Connect before VPN, not behind", VGW,
      "result = order(HS_VGW_TAG_CLASS(a->tag), HS_VGW_TAG_CLASS(b->tag));",
      "result = order(HS_VGW_TAG_CLASS(b->tag), HS_VGW_TAG_CLASS(a->tag));",
      ("routes/dx-over-vpn", "dx-cut")),
    M("vgw-no-ecmp", "VGW: one tunnel at a time", VGW,
      "if (HS_VGW_TAG_CLASS(a->tag) != HS_VGW_DX) "
      "ret_verdict->equal_cost = false;", "",
      ("routes/vpn-one-tunnel",)),
    M("dx-ecmp", "Direct Connect: equal interfaces share the load", DX,
      "ret_verdict->equal_cost = true;", "ret_verdict->equal_cost = false;"),
    M("dx-community", "Direct Connect: the community is evaluated", DX,
      "result = order(hs_dx_preference(b, view), hs_dx_preference(a, view));",
      "result = 0;", ("routes/community-over-path",)),
    M("dx-path", "Direct Connect and VPN: the shorter AS path", DX,
      "result = order(bgp_as_path_length(a->attrs->as_path), "
      "bgp_as_path_length(b->attrs->as_path));", "result = 0;",
      ("routes/as-path", "routes/vpn-as-path")),
    M("dx-med", "Direct Connect and VPN: the lower MED", DX,
      "result = compare_med(a, b);", "result = 0;",
      ("routes/dx-med", "routes/vpn-med")),
    M("dx-med-before-path", "Direct Connect: the path before the MED", DX,
      "ret_verdict->step = HS_DX_STEP_PATH; result = order(",
      "result = compare_med(a, b); if (result != 0) return result; "
      "ret_verdict->step = HS_DX_STEP_PATH; result = order(",
      ("routes/path-before-med",)),
    M("dx-path-before-community", "Direct Connect: the community before the "
      "path", DX,
      "ret_verdict->step = HS_DX_STEP_COMMUNITY; result = order(",
      "result = order(bgp_as_path_length(a->attrs->as_path), "
      "bgp_as_path_length(b->attrs->as_path)); if (result != 0) return result; "
      "ret_verdict->step = HS_DX_STEP_COMMUNITY; result = order(",
      ("routes/community-over-path",)),

    # A transit gateway's order, and its tables

    M("tgw-class", "TGW: static, VPC, Direct Connect gateway, VPN, peering",
      TGW, "result = order(hs_tgw_tag_class(a->tag), "
      "hs_tgw_tag_class(b->tag));", "result = 0;"),
    M("tgw-class-reversed", "TGW: static before Direct Connect before VPN",
      TGW, "result = order(hs_tgw_tag_class(a->tag), "
      "hs_tgw_tag_class(b->tag));", "result = order(hs_tgw_tag_class(b->tag), "
      "hs_tgw_tag_class(a->tag));"),
    M("tgw-path", "TGW: the shorter AS path within a kind", TGW,
      "result = order(bgp_as_path_length(a->attrs->as_path), "
      "bgp_as_path_length(b->attrs->as_path));", "result = 0;"),
    M("tgw-med", "TGW: the lower MED within a kind", TGW,
      "result = order(med(a), med(b));", "result = 0;"),
    M("tgw-ecmp", "TGW: equal VPN tunnels share the load", TGW,
      "ret_verdict->equal_cost = may_share(a, b, options);", ""),
    M("tgw-ecmp-off", "TGW: no sharing with vpn-ecmp off", TGW,
      "(is_vpn(class) && options->vpn_ecmp)", "is_vpn(class)"),
    M("tgw-propagation", "TGW: only what propagates is in a table",
      "models/aws/tgw_table.c", "return table->propagate_all ||",
      "return true ||"),
    M("tgw-blackhole", "TGW: a blackhole route drops", "models/aws/tgw_table.c",
      "add_hop(hops, HS_PORT_BLACKHOLE);", ";"),

    # A Direct Connect gateway

    M("dxgw-filter", "DXGW: allowed prefixes filter a VGW's network", DXGW,
      "bool allowed = association->allowed->len == 0;",
      "bool allowed = true;"),
    M("dxgw-origin", "DXGW: allowed prefixes of a TGW are announced", DXGW,
      "config->originates && i < config->n_allowed;",
      "config->originates && i < config->n_allowed && i < 1;"),

    # A VPC's tables

    M("vpc-local", "VPC: local before everything", "models/aws/vpc_table.c",
      "if ((class_a == HS_VPC_LOCAL) != (class_b == HS_VPC_LOCAL)) "
      "return order(class_a, class_b);",
      "if ((class_a == HS_VPC_LOCAL) != (class_b == HS_VPC_LOCAL)) "
      "return order(class_b, class_a);"),
    M("vpc-static", "VPC: static before propagated", "models/aws/vpc_table.c",
      "if (class_a != class_b) return order(class_a, class_b);",
      "if (class_a != class_b) return order(class_b, class_a);"),

    # What a community means

    M("community-high", "7224:7300 is preferred", CONTROL,
      "{UINT32_C(7224) << 16 | 7300, 150}",
      "{UINT32_C(7224) << 16 | 7300, 100}", ("routes/community-over-path",)),
    M("community-medium", "7224:7200 is what no community counts as", CONTROL,
      "{UINT32_C(7224) << 16 | 7200, 100}",
      "{UINT32_C(7224) << 16 | 7200, 120}", ("routes/community-medium",)),
    M("community-low", "7224:7100 is for last", CONTROL,
      "{UINT32_C(7224) << 16 | 7100, 50}",
      "{UINT32_C(7224) << 16 | 7100, 100}", ("routes/community-low",)),

    # A customer gateway's policy and decision

    M("customer-local-preference", "the customer's local preference is set",
      CONTROL, ".local_pref = config->local_preference});",
      ".local_pref = 100});", ("routes/customer-local-preference",)),
    M("prepend", "prepending makes the path longer", CONTROL,
      ".prepend = config->prepend});", ".prepend = 0});",
      ("routes/as-path",)),
    M("announced-med", "a session announces its MED", CONTROL,
      ".med = config->med,", ".med = 0,",
      ("routes/dx-med", "routes/customer-med")),
    M("announced-community", "a session announces its communities", CONTROL,
      ".added = config->communities[i]});", ".added = 1});",
      ("routes/community-over-path",)),
    M("own-routes-only", "a customer gateway is no transit", CONTROL,
      ".match_source = config->own_routes_only,", ".match_source = false,",
      ("routes/customer-is-no-transit",)),
    M("decide-local-preference", "RFC 4271: the higher local preference",
      DECIDE, "order(local_pref(b), local_pref(a))", "0",
      ("routes/customer-local-preference",)),
    M("decide-path", "RFC 4271: the shorter AS path", DECIDE,
      "STEP(BGP_STEP_AS_PATH, order(bgp_as_path_length(a->attrs->as_path), "
      "bgp_as_path_length(b->attrs->as_path)))", "",
      ("routes/customer-as-path",)),
    M("decide-med", "RFC 4271: the lower MED of one neighbour", DECIDE,
      "return order(med(a, options), med(b, options));", "return 0;",
      ("routes/customer-med", "routes/tunnel-med-swapped")),
    M("decide-med-reversed", "RFC 4271: the lower MED, not the higher", DECIDE,
      "return order(med(a, options), med(b, options));",
      "return order(med(b, options), med(a, options));",
      ("routes/customer-med", "routes/tunnel-med")),

    # Detection

    M("bfd-detection", "BFD: the multiplier's worth of intervals",
      "models/bfd/session.c",
      "return s->remote_detect_mult * MAX(s->rx_in_use, s->remote_desired_tx);",
      "return 2 * s->remote_detect_mult * "
      "MAX(s->rx_in_use, s->remote_desired_tx);",
      ("dx-cut", "dx-cut-to-aws")),
    M("bfd-detection-short", "BFD: no less than the multiplier's worth",
      "models/bfd/session.c",
      "return s->remote_detect_mult * MAX(s->rx_in_use, s->remote_desired_tx);",
      "return (s->remote_detect_mult - 1) * "
      "MAX(s->rx_in_use, s->remote_desired_tx);",
      ("dx-cut", "dx-cut-to-aws")),
    M("bfd-ends-bgp", "BFD that goes down takes BGP along", CONTROL,
      "bgp_peer_bfd_down(peer->bgp, now, may_be_restart(peer));", ";",
      ("dx-cut", "dx-cut-hold30-bfd")),
    M("hold-time", "BGP: the hold time", "models/bgp/fsm.c",
      "arm(f, TIMER_HOLD, f->negotiated.hold,",
      "arm(f, TIMER_HOLD, f->negotiated.hold / 3 * 4,",
      ("dx-cut-hold30", "dx-cut-hold9", "dx-cut-hold90")),
    M("hold-time-short", "BGP: no less than the hold time", "models/bgp/fsm.c",
      "arm(f, TIMER_HOLD, f->negotiated.hold,",
      "arm(f, TIMER_HOLD, f->negotiated.hold / 2,",
      ("dx-cut-hold30", "dx-cut-hold9", "dx-cut-hold90")),
    M("hold-negotiated", "BGP: the lower offer of the hold time",
      "models/bgp/open.c", "n->hold = MIN(config->hold, HS_SEC(hold));",
      "n->hold = MAX(config->hold, HS_SEC(hold));",
      ("dx-cut-hold30", "dx-cut-hold9")),
    M("keepalive", "BGP: keepalives at the interval agreed on",
      "models/bgp/fsm.c", "arm(f, TIMER_KEEPALIVE, f->negotiated.keepalive,",
      "arm(f, TIMER_KEEPALIVE, f->negotiated.keepalive * 4,",
      ("dx-cut-hold9", "vpn-tunnel-down")),
    M("hold-withdraws", "a session that ends takes its routes along",
      "models/bgp/fsm.c", "return event == BGP_EVENT_TCP_FAILS ||",
      "return true ||", ("timers/hold-against-restart",)),
    M("carrier", "carrier that is lost ends the session", CONTROL,
      "peer->carrier_up = up;", "peer->carrier_up = true;",
      ("dx-cut-carrier",)),
    M("carrier-delay", "the carrier delay", CONTROL,
      "peer->config.carrier_delay));", "100 * peer->config.carrier_delay));",
      ("dx-cut-carrier",)),
    M("dpd-delay", "DPD asks after its delay", "models/ikev2/informational.c",
      "due = hs_time_add(last, c->dpd_delay);",
      "due = hs_time_add(last, 4 * c->dpd_delay);",
      ("vpn-tunnel-remade", "vpn-tunnel-down")),
    M("dpd-timeout", "DPD gives up when its time is over", "sim/world/vpn.c",
      ".first = (vpn->aws_dpd_timeout - AWS_DPD_DELAY) / AWS_DPD_PROBES,",
      ".first = 4 * (vpn->aws_dpd_timeout - AWS_DPD_DELAY) / AWS_DPD_PROBES,",
      ("timers/dpd-aws",)),
    M("dpd-tries", "DPD gives up after its tries", "models/ikev2/preset.c",
      "(IkeRetransmit){.first = HS_SEC(3), .factor = 1000, .tries = 4};",
      "(IkeRetransmit){.first = HS_SEC(3), .factor = 1000, .tries = 14};",
      ("timers/dpd-aws",)),

    # Restart, rekeying, tables

    M("restart-keeps", "graceful restart keeps what was learned",
      "models/bgp/restart.c",
      "peer->stale_until = hs_time_add(peer->speaker->now, n->restart_time);",
      "peer->stale_until = hs_time_add(peer->speaker->now, HS_SEC(1));",
      ("dx-graceful-restart-bfd",)),
    M("restart-ends", "graceful restart waits no longer than its time",
      "models/bgp/restart.c",
      "peer->stale_until = hs_time_add(peer->speaker->now, n->restart_time);",
      "peer->stale_until = hs_time_add(peer->speaker->now, "
      "2 * n->restart_time);", ("dx-graceful-restart-bfd",)),
    M("bfd-and-restart", "BFD with graceful restart: stale routes stay",
      CONTROL, "return !config->bfd_aborts_restart &&", "return false &&",
      ("dx-graceful-restart-bfd",)),
    M("rekey-margin", "an SA is replaced a margin before its end",
      "models/ikev2/sa.c",
      "if (s->config.rekey_rule == IKE_REKEY_MARGIN) drawn += margin;",
      "if (s->config.rekey_rule == IKE_REKEY_MARGIN) drawn -= 2 * margin;",
      ("vpn-rekey",)),
    M("rekey-fuzz", "the margin is drawn", "models/ikev2/sa.c",
      "HsDuration fuzz = margin / 100 * s->config.rekey_fuzz;",
      "HsDuration fuzz = 0 * margin;", ("vpn-rekey",)),
    M("convergence", "AWS's convergence takes its time", "models/aws/vgw.c",
      ".fib_delay = config->convergence + config->fib_delay,",
      ".fib_delay = 30 * config->convergence + config->fib_delay,",
      ("dx-cut", "dx-cut-carrier")),
    M("fib-delay", "tables are programmed after their delay",
      "models/net/router_table.c",
      "hs_time_add(now, router->config.fib_delay),",
      "hs_time_add(now, 50 * router->config.fib_delay),",
      ("dx-cut", "dx-cut-carrier")),
    M("own-as", "a path with one's own AS is refused", "models/bgp/speaker.c",
      "if (bgp_as_path_count(attrs->as_path, session->local_as) >",
      "if (false && bgp_as_path_count(attrs->as_path, session->local_as) >",
      ("routes/cloudhub-same-as",)),
    M("prefix-limit", "too many prefixes end the session",
      "models/bgp/speaker.c", "if (config->max_prefixes > 0 &&",
      "if (false && config->max_prefixes > 0 &&", ("prefix-limit",)),
]
