# `survive`: every element of a design down in turn.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    # Short timers, so that the runs are short: the longest is DPD's 30 s.
    small redundant.ini
    sed -i -e 's/^bfd = .*/&\nkeepalive = 3s\nhold = 9s/' -e 's/^underlay = .*/&\ntunnels = 1\nkeepalive = 3s\nhold = 9s/' \
        redundant.ini
    sed '/^\[vpn backup\]/,/^$/d; /^\[internet\]/,/^$/d' redundant.ini >single.ini
    "$HYBRIDSIM" survive --pairs --json redundant.ini >redundant.json
    status=0
    "$HYBRIDSIM" survive --expect-survives --json single.ini >single.json ||
        status=$?
    echo "$status" >single.status
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

# of FILE ELEMENT FAILURE QUERY: a field of the case.
of() {
    jq -r --arg e "$2" --arg f "$3" \
        ".cases[] | select(.failures == [{element: \$e, failure: \$f}]) | $4" "$1"
}

@test "a line over which a VPN takes over is redundant, whichever way it fails" {
    [ "$(jq -r '.elements[] | select(.name == "primary").verdict' redundant.json)" = redundant ]
    for failure in cut silent "silent, to AWS" "silent, to on-premises"; do
        [ "$(of redundant.json primary "$failure" .state)" = recovered ]
    done
    # Theory: BFD takes 0.6 to 0.9 s; a carrier tells at once.
    [ "$(of redundant.json primary silent '.data_plane_lost_ms > 600 and .data_plane_lost_ms < 1100')" = true ]
    [ "$(of redundant.json primary cut '.data_plane_lost_ms < 300')" = true ]
    [[ $(of redundant.json primary silent .detected) == *" by BFD at "* ]]
    [[ $(of redundant.json primary cut .detected) == *" by carrier at "* ]]
}

@test "a backup that fails interrupts nothing" {
    [ "$(of redundant.json backup silent .state)" = "no interruption" ]
    [ "$(of redundant.json backup.tunnel1 silent .probes_lost)" -eq 0 ]
}

@test "clear text counts from the failure on" {
    # The VPN takes over: what is still in clear left before the detection.
    [ "$(of redundant.json primary silent '.clear_bytes < 0.2 * .clear_bytes_before')" = true ]
    [ "$(of redundant.json backup silent '.clear_bytes > .clear_bytes_before')" = true ]
}

@test "without a backup the line is not redundant" {
    [ "$(jq -r '.elements[] | select(.name == "primary").verdict' single.json)" = "not redundant" ]
    [ "$(of single.json primary silent .state)" = "did not recover" ]
    [ "$(of single.json primary silent .pool.outage_ms)" = null ]
    [ "$(jq -r .single_points_of_failure single.json)" -ge 1 ]
}

@test "1: --expect-survives, with a single point of failure" {
    [ "$(cat single.status)" -eq 1 ]
    run "$HYBRIDSIM" survive single.ini
    [ "$status" -eq 0 ]
    [[ $output == *"DOWN"*"NOT REDUNDANT"*"primary"* ]]
    [[ $output == *"single points of failure"* ]]
}

@test "a router that crashes, and one that is half dead" {
    # One customer gateway is all that the site has.
    [ "$(jq -r '.elements[] | select(.name == "dc.gateway").verdict' redundant.json)" = "not redundant" ]
    [ "$(of redundant.json dc.gateway crash .state)" = "did not recover" ]
    [ "$(of redundant.json dc.gateway "forwarding dead" .detected)" = null ]
}

@test "AWS's failover test takes the session down, and the route with it" {
    [ "$(of redundant.json primary "session down" .state)" != "did not recover" ]
    [[ $(of redundant.json primary "session down" .detected) == *" by administrative at +0.0"* ]]
}

@test "what is single by construction is named and not failed" {
    [ "$(jq -r '[.not_failed[].name] | sort | join(" ")' redundant.json)" = "orders vgw" ]
    [ "$(jq -r '[.elements[].name] | index("orders")' redundant.json)" = null ]
}

@test "a case is a scenario that can be run again" {
    run "$HYBRIDSIM" --no-capture --json out/redundant/survive/primary-silent.ini
    [ "$status" -eq 4 ]
    lost=$(jq '[.faults[0].data_plane[].lost] | add' <<<"$output")
    [ "$lost" -eq "$(of redundant.json primary silent .probes_lost)" ]
}

@test "--pairs: two at once, but not a whole and its part" {
    output=$(cat redundant.json)
    pairs=$(jq -r '.cases[] | select(.failures | length == 2)
        | [.failures[].element] | join("+")' <<<"$output")
    [[ $pairs == *"primary+backup"* ]]
    [[ $pairs == *"dc.uplink+internet"* ]]
    [[ $pairs != *"backup+backup.tunnel1"* ]]
    # DX and VPN together are all that there is.
    [ "$(jq -r '.cases[] | select([.failures[].element] == ["primary", "backup"]).state' <<<"$output")" = "did not recover" ]
    [ "$(jq -r '.cases[] | select([.failures[].element] == ["dc.uplink", "internet"]).state' <<<"$output")" = "no interruption" ]
}

# fields FILE KIND: those that the page describes, as jq's keys has them.
documented() {
    awk -v kind="### $2" '$0 == kind { on = 1; next } /^### / { on = 0 }
        on && /^\| `/ { gsub("[`|]", " "); print $1 }' "$TOP_SRCDIR/$1" | sort
}

@test "SURVEY.md has every field" {
    check() {
        [ "$(documented SURVEY.md "$1")" = "$(jq -r "[$2] | map(keys) | add | unique[]" redundant.json)" ]
    }
    check survey .
    check element '.elements[]'
    check left '.not_failed[]'
    check case '.cases[]'
    check failure '.cases[].failures[]'
    check client '.cases[].pool'
}

@test "2: no file, two files, no database" {
    run "$HYBRIDSIM" survive
    [ "$status" -eq 2 ]
    run "$HYBRIDSIM" survive redundant.ini single.ini
    [ "$status" -eq 2 ]
    sed '/^\[database/,/^$/d; /^\[probe/,/^$/d; /^\[capture/,/^$/d; /^\[fault/,/^$/d' redundant.ini >empty.ini
    run "$HYBRIDSIM" survive empty.ini
    [ "$status" -eq 2 ]
    [[ $output == *"[database]"* ]]
}
