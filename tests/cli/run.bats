# `run`: what it prints, what it writes, and what it does when it cannot.

load common

@test "a run prints a verdict that agrees with its result" {
    run "$HYBRIDSIM" "${SMALL[@]}" --no-capture "$SCENARIOS/dx-cut.ini"
    [ "$status" -le 1 ]
    [ "$(wc -l <<<"$output")" -le 50 ]
    for word in FAULT FAILOVER THEORY DATABASE "CLEAR TEXT" EXPECTED \
        out/dx-cut/report.html; do
        [[ $output == *"$word"* ]]
    done
    for client in persistent pool; do
        failover=$(jq -r ".faults[0].clients[] |
            select(.client == \"$client\") | .failover_ms // empty" \
            out/dx-cut/result.json)
        [ -z "$failover" ] ||
            [[ $output == *"$(printf %.3f "${failover}e-3")"* ]]
    done
    [ "$(jq .verdict.exit_code out/dx-cut/result.json)" -eq "$status" ]
    [ "$(jq -r .format,.version out/dx-cut/result.json | xargs)" = \
        "hybridsim-result 1" ]
    [ ! -e out/dx-cut/capture.pcapng ]
}

MONITORING="./monitoring/events.json ./monitoring/metric-stream.json \
./monitoring/metrics.csv ./monitoring/metrics.openmetrics \
./monitoring/notifications.json ./monitoring/vpn-logs.json"

@test "run with a capture leaves result, capture and profile, and no more" {
    "$HYBRIDSIM" run --quiet --out here "${SMALL[@]}" "$SCENARIOS/dx-cut.ini" ||
        [ $? -eq 1 ]
    [ "$(cd here/dx-cut && find . -type f | sort | xargs)" = \
        "./capture.pcapng $MONITORING ./result.json ./wireshark/colorfilters ./wireshark/esp_sa ./wireshark/ikev2_decryption_table ./wireshark/preferences" ]
    run "$HYBRIDSIM" wireshark --tshark here/dx-cut
    [ "$status" -eq 0 ]
    [[ $output == *"WIRESHARK_CONFIG_DIR="*"tshark -r "* ]]
    if [ "$TSHARK" != no ]; then
        eval "$output -c 1000 -Y esp -T fields -e esp.icv_good" 2>/dev/null |
            sort -u >icv
        [ "$(cat icv)" = 1 ]
    fi
    run "$HYBRIDSIM" wireshark here/dx-cut/result.json
    [[ $output == *"wireshark -r "* ]]
}

@test "wireshark takes no option of scenarios" {
    run "$HYBRIDSIM" wireshark --seed 3 here
    [ "$status" -eq 2 ]
    [[ $output == *"--seed"* ]]
}

@test "wireshark without a capture" {
    mkdir empty
    run "$HYBRIDSIM" wireshark empty
    [ "$status" -eq 2 ]
    [[ $output == *"no capture.pcapng"* ]]
}

@test "--json prints the very result that it writes" {
    "$HYBRIDSIM" --json --no-capture "${SMALL[@]}" "$SCENARIOS/dx-cut.ini" \
        >printed || [ $? -eq 1 ]
    cmp printed out/dx-cut/result.json
}

@test "--quiet prints nothing, and the status still tells" {
    small s.ini "detect.max = 910ms"
    run "$HYBRIDSIM" run --quiet s.ini
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    small s.ini "detect.max = 100ms"
    run "$HYBRIDSIM" run --quiet s.ini
    [ "$status" -eq 1 ]
    [ -z "$output" ]
}

@test "--facts prints the stream in order of time" {
    small s.ini "detect.max = 910ms"
    "$HYBRIDSIM" run --facts s.ini >facts
    cut -f1 facts | sort -c -n
    [ "$(awk -F'\t' 'NF != 11' facts | wc -l)" -eq 0 ]
    grep -qP '\tfault\tcut\tcut\tprimary\t-\tapplied\tblackhole\t' facts
    grep -qP '\tbfd\tdc.gateway\tprimary bfd\t-\tUp\tDown\tdetection time expired\t' facts
}

@test "--set changes what happens: quoted, and in two words" {
    small s.ini "detect.max = 910ms"
    "$HYBRIDSIM" run --quiet -o quoted --set "fault cut.action=link-down" s.ini
    "$HYBRIDSIM" run --quiet -o words --set fault cut.action=link-down s.ini
    cmp quoted/s/result.json words/s/result.json
    [ "$(jq -r '.faults[0].action' quoted/s/result.json)" = link-down ]
    [ "$(jq '[.faults[0].detections[] | .since_fault_ms] | min' \
        quoted/s/result.json)" = 10 ]
}

@test "no colour on what is no terminal, nor with NO_COLOR on one" {
    small s.ini "detect.max = 910ms"
    run "$HYBRIDSIM" s.ini
    [[ $output != *$'\e'* ]]
    command -v script >/dev/null || skip "script(1) is missing"
    TERM=xterm NO_COLOR=1 script -qec "$HYBRIDSIM s.ini 2>/dev/null" \
        /dev/null >plain
    [ "$(grep -c $'\e' plain)" -eq 0 ]
    TERM=xterm NO_COLOR= script -qec "$HYBRIDSIM s.ini 2>/dev/null" \
        /dev/null >coloured
    grep -q $'\e' coloured
}

@test "a folder that cannot be made" {
    touch file
    run "$HYBRIDSIM" --out file "${SMALL[@]}" "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 3 ]
    [[ $output == *"file"* ]]
    [ -f file ] && [ ! -s file ]
}

@test "a result that cannot be written is an error" {
    small s.ini "detect.max = 910ms"
    mkdir -p out/s/result.json/in-the-way
    run "$HYBRIDSIM" s.ini
    [ "$status" -eq 3 ]
    [[ $output == *"result.json"* ]]
}

@test "a full disk: said clearly, and nothing half-written stays" {
    mkdir full
    mount -t tmpfs -o size=2m tmpfs full 2>/dev/null ||
        skip "may not mount a tmpfs"
    run "$HYBRIDSIM" run --quiet --out full "${SMALL[@]}" \
        "$SCENARIOS/dx-cut.ini"
    left=$(find full -type f | wc -l)
    umount full
    [ "$status" -eq 3 ]
    [[ $output == *"No space left on device"* ]]
    [ "$left" -eq 0 ]
}

@test "a standard output that is full is an error" {
    small s.ini "detect.max = 910ms"
    for command in "run s.ini" "check s.ini" "explain s.ini" --help; do
        run bash -c "'$HYBRIDSIM' $command >/dev/full"
        [ "$status" -eq 3 ]
        [[ $output == *"standard output: No space left on device"* ]]
    done
}

@test "--repeat prints the distribution of every part beside the theory" {
    small s.ini "detect.max = 910ms"
    run "$HYBRIDSIM" --repeat 4 -j 2 s.ini
    [ "$status" -eq 0 ]
    [[ $output == *"4 runs, seeds 1 to 4; expectations held in 4"* ]]
    for word in min p50 p90 p99 max theory detect fib dataplane transport \
        application failover outage; do
        [[ $output == *"$word"* ]]
    done
    # The extremes of the table are those of the four results.
    for pick in min max; do
        jq -s "[.[].faults[0].clients[0].parts[0].duration_ms] | $pick / 1000" \
            out/s/repeat/seed-*/s/result.json
    done >extremes
    [ "$(wc -l <extremes)" -eq 2 ]
    [ "$(uniq extremes | wc -l)" -eq 2 ]
    while read -r value; do
        [[ $output == *"$(printf %.3f "$value")"* ]]
    done <extremes
}
