# `compare`: designs side by side, by measurement.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    # A site of 100 Mbit/s with a line and a VPN, and with each alone.
    small both.ini
    sed -i -e 's/^prefix = .*/&\nlan.rate = 100Mbps/' -e 's/^bfd = .*/&\nkeepalive = 3s\nhold = 9s/' \
        -e 's/^underlay = .*/&\ntunnels = 1\nkeepalive = 3s\nhold = 9s/' \
        -e 's/^jitter = .*/jitter = exponential 10ms\nrate = 100Mbps/' both.ini
    sed '/^\[vpn backup\]/,/^$/d; /^\[internet\]/,/^$/d' both.ini >dx.ini
    sed -e '/^\[dx primary\]/,/^$/d; /^\[fault cut\]/,/^$/d' both.ini >vpn.ini
    "$HYBRIDSIM" compare --throughput 90Mbps --json both.ini dx.ini vpn.ini >three.json
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

# cell REQUIREMENT COLUMN FIELD
cell() {
    jq -r --arg r "$1" ".requirements[] | select(.requirement == \$r).cells[$2].$3" three.json
}

@test "each design has its column" {
    [ "$(jq -r '[.designs[].label] | join(" ")' three.json)" = "both dx vpn" ]
    [ "$(jq -r '[.requirements[].cells | length] | unique == [3]' three.json)" = true ]
}

@test "Direct Connect is steady, the internet is not" {
    # A round trip of 4.6 ms, against 19 ms and twice an exponential of 10 ms.
    [ "$(cell p50 1 'value < 10')" = true ]
    [ "$(cell p50 2 'value > 25')" = true ]
    [ "$(cell p99 1 mark)" = met ]
    [ "$(cell p99 2 mark)" = "not met" ]
    # Of an exponential the 99th percentile is 4.6 means above the least.
    [ "$(cell jitter 1 'value < 1')" = true ]
    [ "$(cell jitter 2 'value > 20')" = true ]
}

@test "the ceiling is that of the narrowest link, less its overhead" {
    # 1328 bytes of 1366: Ethernet takes 38.
    [ "$(cell throughput 1 'value | . > 97e6 and . < 97.4e6')" = true ]
    [ "$(cell throughput 1 mark)" = met ]
    # ESP takes 50 to 60 bytes more; jitter that keeps the order moves it a bit.
    [ "$(cell throughput 2 'value | . > 85e6 and . < 97e6')" = true ]
}

@test "encryption is seen on the wire, in the normal state and after failures" {
    [ "$(cell encrypted 0 mark)" = "not met" ]
    [[ $(cell encrypted 0 text) == *"in clear on primary" ]]
    [ "$(cell encrypted 2 mark)" = met ]
    [ "$(cell encrypted 2 value)" = 0 ]
    [ "$(cell encrypted-after 2 mark)" = met ]
    [ "$(cell encrypted-after 0 mark)" = "not met" ]
}

@test "two ways survive what one does not" {
    [ "$(cell survives 1 mark)" = "not met" ]
    [[ $(cell survives 1 text) == *primary* ]]
    [[ $(cell survives 2 text) == *internet* ]]
    [[ $(cell survives 0 text) != *primary* ]]
}

@test "--set: each a design, --base: and the file as it is" {
    run "$HYBRIDSIM" compare --quick --base --set "dx primary.delay=20ms" \
        --set "onprem dc.lan.rate=50Mbps" --json dx.ini
    [ "$status" -eq 0 ]
    [ "$(jq -r '[.designs[].label] | join(", ")' <<<"$output")" = \
        "as written, dx primary.delay=20ms, onprem dc.lan.rate=50Mbps" ]
    # 36 ms more for a round trip.
    [ "$(jq '.requirements[] | select(.requirement == "p50").cells
        | .[1].value - .[0].value | . > 35 and . < 37' <<<"$output")" = true ]
    [ "$(jq '.requirements[] | select(.requirement == "throughput").cells
        | .[2].value | . > 48.5e6 and . < 48.7e6' <<<"$output")" = true ]
    [ "$(jq -r '.requirements[] | select(.requirement == "survives").cells[0].mark' \
        <<<"$output")" = unknown ]
}

@test "what a design does not reach is seen by probes" {
    # VPC peering is not transitive: the site is reached from the hub alone.
    "$HYBRIDSIM" compare --quick --json "$SCENARIOS/options/d-peering.ini" >peering.json
    mark() {
        jq -r --arg r "$1" ".requirements[] | select(.requirement == \$r).cells[0].$2" peering.json
    }
    [ "$(mark on-premises text)" = "2 of 4 ways" ]
    [ "$(mark on-premises mark)" = "not met" ]
    [ "$(mark multi-vpc text)" = "2 of 2 ways" ]
    [ "$(mark p50 text)" = "no answer" ]
    [ "$(mark jitter text)" = "no path" ]
    [ "$(mark throughput text)" = "no path" ]
    [ "$(mark encrypted mark)" = unknown ]
}

@test "Markdown and text" {
    run "$HYBRIDSIM" compare --quick --format markdown --p99 none dx.ini
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "| requirement"*"| limit"*"| dx"*"|" ]]
    [[ ${lines[1]} == "| --- | --- | --- |" ]]
    [[ $output == *"| round trip, 99th percentile  |  "*" ms "*"|"* ]]
    [[ $output == *"✘ "*"in clear on primary"* ]]
    LC_ALL=C run "$HYBRIDSIM" compare --quick dx.ini
    [[ $output == *"NO: "*"in clear on primary"* ]]
    [[ $output != *"✘"* ]]
}

documented() {
    awk -v kind="### $2" '$0 == kind { on = 1; next } /^### / { on = 0 }
        on && /^\| `/ { gsub("[`|]", " "); print $1 }' "$TOP_SRCDIR/$1" | sort
}

@test "SURVEY.md has every field" {
    check() {
        [ "$(documented SURVEY.md "$1")" = "$(jq -r "[$2] | map(keys) | add | unique[]" three.json)" ]
    }
    check comparison .
    check design '.designs[]'
    check requirement '.requirements[]'
    check cell '.requirements[].cells[]'
}

@test "2: what cannot be compared" {
    run "$HYBRIDSIM" compare
    [ "$status" -eq 2 ]
    run "$HYBRIDSIM" compare --base dx.ini
    [ "$status" -eq 2 ]
    run "$HYBRIDSIM" compare --format html dx.ini
    [ "$status" -eq 2 ]
    run "$HYBRIDSIM" compare --p99 30 dx.ini
    [ "$status" -eq 2 ]
    [[ $output == *"--p99"*"30ms"* ]]
    run "$HYBRIDSIM" compare dx.ini missing.ini
    [ "$status" -eq 2 ]
}
