# The same file and seed: the same result and capture, byte for byte. Another
# seed: another phase.

load common

cut_at() {
    jq '.faults[0].applied_s' "$1/$2/result.json"
}

@test "the same file and seed twice, also while the machine is busy" {
    for scenario in dx-cut dx-cut-encrypted; do
        "$HYBRIDSIM" run --quiet -o one "${SMALL[@]}" \
            "$SCENARIOS/$scenario.ini" || [ $? -eq 1 ]
        (while :; do :; done) &
        load=$!
        "$HYBRIDSIM" run --quiet -o two "${SMALL[@]}" \
            "$SCENARIOS/$scenario.ini" || [ $? -eq 1 ]
        kill $load
        cmp {one,two}/$scenario/result.json
        cmp {one,two}/$scenario/capture.pcapng
        diff -r {one,two}/$scenario/wireshark
        [ "$(stat -c %s one/$scenario/capture.pcapng)" -gt 1000000 ]
    done
}

@test "another seed: another instant, other keys, another capture" {
    "$HYBRIDSIM" run --quiet -o one "${SMALL[@]}" --seed 1 \
        "$SCENARIOS/dx-cut.ini" || [ $? -eq 1 ]
    "$HYBRIDSIM" run --quiet -o two "${SMALL[@]}" --seed 2 \
        "$SCENARIOS/dx-cut.ini" || [ $? -eq 1 ]
    [ "$(cut_at one dx-cut)" != "$(cut_at two dx-cut)" ]
    run cmp -s {one,two}/dx-cut/capture.pcapng
    [ "$status" -eq 1 ]
    run cmp -s {one,two}/dx-cut/wireshark/esp_sa
    [ "$status" -eq 1 ]
}

@test "a capture changes nothing about the run" {
    "$HYBRIDSIM" run --quiet -o with "${SMALL[@]}" "$SCENARIOS/dx-cut.ini" ||
        [ $? -eq 1 ]
    "$HYBRIDSIM" run --quiet -o without --no-capture "${SMALL[@]}" \
        "$SCENARIOS/dx-cut.ini" || [ $? -eq 1 ]
    for folder in with without; do
        jq 'del(.capture) | del(.. | .evidence?, .packet?)' \
            $folder/dx-cut/result.json >$folder.json
    done
    cmp with.json without.json
}

@test "a seed of 64 bits is taken whole, and told" {
    "$HYBRIDSIM" run --json --no-capture "${SMALL[@]}" \
        --seed 18446744073709551615 "$SCENARIOS/dx-cut.ini" >result ||
        [ $? -eq 1 ]
    [ "$(jq -r .scenario.seed result)" = 18446744073709551615 ]
    "$HYBRIDSIM" run --json --no-capture "${SMALL[@]}" \
        --seed 18446744073709551614 "$SCENARIOS/dx-cut.ini" >other ||
        [ $? -eq 1 ]
    [ "$(jq .faults[0].applied_s result)" != \
        "$(jq .faults[0].applied_s other)" ]
}
