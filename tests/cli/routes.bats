# `explain --routes`: which routes a design comes to, and why.

load common

# routes OPTION...: the JSON of dx-cut.ini, cut at 60 s.
routes() {
    "$HYBRIDSIM" explain --routes --json --set "fault cut.at=60s" \
        "$@" "$SCENARIOS/dx-cut.ini" >routes.json
}

# lost NODE TABLE PREFIX: "by: why" of each candidate that is not used.
lost() {
    jq -r --arg node "$1" --arg table "$2" --arg prefix "$3" \
        '.tables[] | select(.node == $node and .table == $table) |
         .routes[] | select(.prefix == $prefix) | .candidates[] |
         select(.used | not) | "\(.by): \(.lost_by)"' routes.json
}

# ways forth|back: the links and tunnels of the first way, in order.
ways() {
    jq -r ".paths[0].$1.ways[0].hops[].through" routes.json | xargs
}

@test "while Direct Connect is there, it wins at both ends, each by its rule" {
    routes --at 30s
    [ "$(jq -r '.format, .version, (.at_s | floor)' routes.json | xargs)" = \
        "hybridsim-routes 1 30" ]
    [ "$(lost vgw routes 172.16.0.0/24)" = \
        "backup.tunnel1 bgp: Direct Connect before static VPN before BGP VPN
backup.tunnel2 bgp: Direct Connect before static VPN before BGP VPN" ]
    [ "$(lost dc.gateway inside 10.0.0.0/16)" = \
        "backup.tunnel1 bgp: local preference
backup.tunnel2 bgp: local preference" ]
    [ "$(ways forth)" = "vgw.app primary.backbone primary dc.lan" ]
    [ "$(ways back)" = "primary primary.backbone vgw.app app.lan" ]
    [ "$(jq '.paths[0].symmetric' routes.json)" = true ]
    [ "$(jq -r '.paths[0] | .forth, .back | .ways[].end' routes.json |
        sort -u)" = delivered ]
}

@test "while the fibre is cut, the first tunnel carries both directions" {
    routes --at 70s
    [ "$(lost vgw routes 172.16.0.0/24)" = \
        "backup.tunnel2 bgp: AWS's own choice" ]
    [ "$(lost dc.gateway inside 10.0.0.0/16)" = \
        "backup.tunnel2 bgp: c) lower MED" ]
    [ "$(ways forth)" = "vgw.app backup.tunnel1.backbone backup.tunnel1 dc.lan" ]
    [ "$(ways back)" = "backup.tunnel1 backup.tunnel1.backbone vgw.app app.lan" ]
    [ "$(jq -r '.paths[0].forth.ways[0].hops[] | select(.tunnel).over[]' \
        routes.json | xargs)" = "backup.tunnel1.edge internet dc.uplink" ]
}

@test "before BFD has noticed, the routes still say Direct Connect" {
    routes --at 60.3s
    [ "$(ways forth)" = "vgw.app primary.backbone primary dc.lan" ]
    routes --at 61.1s
    [ "$(ways forth)" = "vgw.app backup.tunnel1.backbone backup.tunnel1 dc.lan" ]
}

# The VPN's preference wins at the customer, AWS's order takes no notice of it.
@test "asymmetry is named" {
    routes --at 30s --set "vpn backup.local-preference=300"
    [ "$(jq '.paths[0].symmetric' routes.json)" = false ]
    [ "$(jq -r '.paths[0].only_forth[]' routes.json | xargs)" = \
        "primary.backbone primary" ]
    [ "$(jq -r '.paths[0].only_back[]' routes.json | xargs)" = \
        "backup.tunnel1 backup.tunnel1.backbone" ]
    run "$HYBRIDSIM" explain --routes --at 30s \
        --set "vpn backup.local-preference=300" "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 0 ]
    [[ $output == *"ASYMMETRIC: only forth by primary.backbone, primary; only back by backup.tunnel1, backup.tunnel1.backbone."* ]]
}

@test "every table of every element is there" {
    routes
    [ "$(jq '.at_s | floor' routes.json)" -eq 20 ]
    for table in "vgw routes" "app main" "app edge" "dc.gateway inside" "dc.gateway outside" \
        "primary.aws default" "backup.tunnel1.aws outside" "internet default"; do
        [ "$(jq --arg t "$table" \
            '[.tables[] | select("\(.node) \(.table)" == $t)] | length' \
            routes.json)" -eq 1 ]
    done
}

@test "the route to a prefix, from its other end" {
    run "$HYBRIDSIM" explain --routes --to 10.0.0.0/16 "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 0 ]
    [[ $output == *"172.16.0.10 -> 10.0.0.2"* ]]
    [[ $output == *"=> delivered: orders.client"* ]]
    run "$HYBRIDSIM" explain --routes --to 192.0.2.1 "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"no host of the scenario has 192.0.2.1"* ]]
}

@test "a host is found although its network is announced from elsewhere" {
    run "$HYBRIDSIM" explain --routes --set "onprem dc.prefix=172.16.0.0/16" \
        --set "vpn backup.routing=static" \
        --set "vpn backup.static-routes=172.16.0.0/24" "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 0 ]
    [[ $output == *"172.16.0.10 -> 10.0.0.10"* ]]
}

@test "mistakes" {
    run "$HYBRIDSIM" explain --at 3s "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"go with --routes"* ]]
    run "$HYBRIDSIM" explain --routes --at 300 "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"--at 300: "* ]]
    run "$HYBRIDSIM" explain --routes --at 301s "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"the run is over before that"* ]]
    run "$HYBRIDSIM" explain --routes --to nowhere "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"--to nowhere: expected an address or a prefix"* ]]
}

# A design that nobody uses yet has routes, too; a run of it shows nothing.
@test "no database, no probe: ways between the places of a design" {
    printf '%s\n' '[onprem dc]' 'asn = 65001' 'prefix = 172.16.0.0/24' \
        '[vpc app]' 'cidr = 10.0.0.0/16' '[gateway vgw]' 'attach = app' \
        '[dx primary]' 'between = dc, vgw' >bare.ini
    run "$HYBRIDSIM" explain --routes --from 10.0.0.0/16 --to 172.16.0.0/24 \
        bare.ini
    [ "$status" -eq 0 ]
    [[ $output == *"=> delivered: dc.host"* ]]
    [[ $output == *"=> delivered: app.host"* ]]
    run "$HYBRIDSIM" run bare.ini
    [ "$status" -eq 2 ]
    [ "$output" = "bare.ini: there is no [database] and no [probe], so nothing would be observed" ]
    printf '%s\n' '[probe p]' 'from = app' 'to = dc' 'expect = reachable' \
        '[scenario]' 'duration = 40s' >>bare.ini
    run "$HYBRIDSIM" run bare.ini
    [ "$status" -eq 0 ]
    [[ $output == *"1 of 1 expectations hold"* ]]
}

# The packets of an unpinned tunnel come by the interface that AWS chooses.
@test "what carries a tunnel makes no asymmetry" {
    run "$HYBRIDSIM" explain --routes --at 30s \
        --set "dx secondary.local-preference=300" "$SCENARIOS/tunnels-unpinned.ini"
    [ "$status" -eq 0 ]
    [[ $output != *ASYMMETRIC* ]]
}

# Route evaluation order of a transit gateway: a VPN over Direct Connect comes
# before one over the internet; its two tunnels share the load.
@test "what is shared says so, and the others what they lost by" {
    run "$HYBRIDSIM" explain --routes --at 20s \
        "$SCENARIOS/private-ip-vpn-cut.ini"
    [ "$status" -eq 0 ]
    [[ $output == *"one of main.tunnel1, main.tunnel2: equal: flows are spread"* ]]
    [[ $output == *"backup.tunnel1 bgp (VPN, "*"lost: static before VPC"* ]]
}

# Neither has a community; the shorter path comes in at another region.
@test "a location of the gateway's own region, before the path" {
    printf '%s\n' '[onprem dc]' 'asn = 65001' 'prefix = 172.16.0.0/24' \
        '[vpc app]' 'cidr = 10.0.0.0/16' '[gateway vgw]' 'attach = app' \
        '[dxgw hub]' '[association a]' 'between = hub, vgw' \
        '[dx far]' 'between = dc, hub' 'region = elsewhere' \
        '[dx near]' 'between = dc, hub' 'prepend = 2' >regions.ini
    run "$HYBRIDSIM" explain --routes --at 20s regions.ini
    [ "$status" -eq 0 ]
    [[ $output == *"far bgp (eBGP, path 65001) lost: a location of the gateway's own region"* ]]
}
