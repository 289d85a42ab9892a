# `check` for CI: which files, outputs that cannot be written, baselines, seeds,
# and runs that end before their time.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    small holds.ini "detect.max = 910ms" "detect.min = 590ms"
    small fails.ini "detect.max = 100ms"
    sed 's/^duration = .*/duration = 40000s/' holds.ini >long.ini
    mkdir -p tree/deep tree/.hidden
    cp holds.ini tree/b.ini
    cp holds.ini tree/deep/a.ini
    cp fails.ini tree/.hidden/c.ini
    echo "not a scenario" >tree/notes.txt
}

setup() {
    cp -r "$BATS_FILE_TMPDIR"/{holds,fails,long}.ini "$BATS_FILE_TMPDIR/tree" \
        "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "a folder stands for every .ini below it; hidden ones are left out" {
    run "$HYBRIDSIM" check tree holds.ini ./tree/b.ini
    [ "$status" -eq 0 ]
    [[ $output == *"3 of 3 scenarios hold"* ]]
    [ -e out/a/result.json ]
    [ -e out/b/result.json ]
    mkdir empty
    run "$HYBRIDSIM" check empty
    [ "$status" -eq 2 ]
    [[ $output == *"empty: there is no *.ini below this folder"* ]]
}

@test "two files of one name keep their results apart" {
    cp fails.ini tree/holds.ini
    run "$HYBRIDSIM" check holds.ini tree/holds.ini fails.ini
    [ "$status" -eq 1 ]
    [ "$(jq .verdict.passed out/holds/result.json)" = true ]
    [ "$(jq .verdict.passed out/tree/holds/result.json)" = false ]
    [ "$(jq .verdict.passed out/fails/result.json)" = false ]
}

@test "a failure is explained by the parts of the failover" {
    run "$HYBRIDSIM" check fails.ini
    [ "$status" -eq 1 ]
    outage=$(jq '.faults[0].clients[0].outage.duration_ms / 1000' \
        out/fails/result.json)
    outage=$(printf '%.3f s' "$outage")
    [[ $output == *"FAIL "*" $outage "*"BFD 0."*"fails.ini"* ]]
    [[ $output == *"fault cut, persistent: outage $outage, failover "* ]]
    [[ $output == *"  detect 0."*" s, "*" %: detection time expired at dc.gateway"* ]]
}

@test "an output that cannot be written is told before the runs" {
    for option in --junit --tap --sarif; do
        run "$HYBRIDSIM" check $option no/such/folder/file holds.ini
        [ "$status" -eq 3 ]
        [[ $output == *"no/such/folder/file: No such file or directory"* ]]
        [ ! -e out ]
    done
}

@test "an output that does not fit is told, and no half of it is left" {
    for option in --junit --tap --sarif; do
        run "$HYBRIDSIM" check $option /dev/full holds.ini
        [ "$status" -eq 3 ]
        [[ $output == *"/dev/full: No space left on device"* ]]
    done
    mkdir full
    mount -t tmpfs -o size=4k tmpfs full 2>/dev/null || skip "may not mount"
    echo before >full/junit.xml
    run "$HYBRIDSIM" check --junit full/junit.xml holds.ini fails.ini
    left=$(ls -A full)
    before=$(cat full/junit.xml)
    umount full
    [ "$status" -eq 3 ]
    [[ $output == *"full/junit.xml: No space left on device"* ]]
    [ "$left" = junit.xml ]
    [ "$before" = before ]
}

@test "one output at most goes to standard output" {
    run bash -c "'$HYBRIDSIM' check --tap - holds.ini 2>/dev/null"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "TAP version 13" ]
    [ "$(grep -c . <<<"$output")" -eq 5 ]
    run "$HYBRIDSIM" check --tap - --json holds.ini
    [ "$status" -eq 2 ]
    [[ $output == *"only one of"* ]]
}

@test "a baseline: the same program and file give the same result" {
    "$HYBRIDSIM" check -q --save-baseline base holds.ini tree
    [ -e base/holds.ini.json ]
    [ -e base/tree/deep/a.ini.json ]
    run "$HYBRIDSIM" check --baseline base holds.ini
    [ "$status" -eq 0 ]
    [[ $output == *"only in the baseline: tree/b.ini"* ]]
    run "$HYBRIDSIM" check --baseline base tree fails.ini
    [ "$status" -eq 1 ]
    [[ $output == *"new: not in the baseline"* ]]
    # One digit, deep inside, of a part that is kept and of one that is hashed.
    sed -i '0,/"since_fault_ms": [0-9]/s//&1/' base/holds.ini.json
    run "$HYBRIDSIM" check --baseline base holds.ini
    [ "$status" -eq 1 ]
    [[ $output == *"gave another result"*"faults[0].detections[0].since_fault_ms: "*", was "* ]]
    "$HYBRIDSIM" check -q --save-baseline base holds.ini
    sed -i '/"series"/,/}/s/"sha256": "./&0/' base/holds.ini.json
    run "$HYBRIDSIM" check --baseline base holds.ini
    [ "$status" -eq 1 ]
    [[ $output == *"series is not as it was"* ]]
}

@test "a baseline: what became slower, by how much and in which part" {
    "$HYBRIDSIM" check -q --save-baseline base holds.ini
    cp holds.ini faster.ini
    sed -i 's/^bfd = .*/bfd = off\nkeepalive = 3s\nhold = 9s/; s/^detect.*//' holds.ini
    echo "outage.max = 60s" >>holds.ini
    run "$HYBRIDSIM" check --baseline base --junit j.xml holds.ini
    [ "$status" -eq 1 ]
    [[ $output == *"figures are worse than in the baseline"* ]]
    [[ $output =~ by\ part,\ fault\ cut,\ persistent:\ .*detect\ \+[4-9]\.[0-9]{3}\ s ]]
    [[ $output =~ worse:\ outage\ [0-9.]+\ s,\ was\ 1\.[0-9]+\ s\ \(\+ ]]
    grep -q '<failure message="[0-9]* figures are worse' j.xml
    # So wide a tolerance takes it; a better one is no failure.
    run "$HYBRIDSIM" check --baseline base --tolerance 100000%,60s holds.ini
    [[ $output != *"worse: outage"* ]]
    "$HYBRIDSIM" check -q --save-baseline base holds.ini
    sed 's/^detect.*//' faster.ini >holds.ini
    echo "outage.max = 60s" >>holds.ini
    run "$HYBRIDSIM" check --baseline base --tolerance 1%,30s holds.ini
    [[ $output != *"worse: outage"* ]]
}

@test "a baseline that is corrupt, missing or something else is refused at once" {
    "$HYBRIDSIM" check -q --save-baseline base holds.ini
    head -c 3000 base/holds.ini.json >base/half.ini.json
    run "$HYBRIDSIM" check --baseline base long.ini
    [ "$status" -eq 2 ]
    [[ $output == *"base/half.ini.json:"*"the baseline is corrupt"* ]]
    for other in '{}' '[]' '{"format":"hybridsim-baseline","version":9}' \
        '{"format":"hybridsim-baseline","version":1,"runs":[]}' \
        '{"format":"hybridsim-baseline","version":1,"runs":[{"figures":7}]}'; do
        echo "$other" >base/half.ini.json
        run "$HYBRIDSIM" check --baseline base long.ini
        [ "$status" -eq 2 ]
        [[ $output == *"base/half.ini.json: the file "* ]]
    done
    run "$HYBRIDSIM" check --baseline nowhere long.ini
    [ "$status" -eq 2 ]
    for bad in x 5 -1% 5%, 1ms,x 5%3; do
        run "$HYBRIDSIM" check --baseline base --tolerance "$bad" long.ini
        [ "$status" -eq 2 ]
        [[ $output == *"--tolerance $bad: expected"* ]]
    done
}

@test "--repeat: every seed must hold, and those that do not can be run again" {
    # Between the fastest and the slowest of these seeds.
    sed 's/^detect.max = .*/detect.max = 850ms/' holds.ini >some.ini
    run "$HYBRIDSIM" check --repeat 6 --junit j.xml some.ini
    [ "$status" -eq 1 ]
    [[ $output =~ ([1-5])\ of\ 6\ seeds,\ not\ ([0-9 ]+)\; ]]
    held=${BASH_REMATCH[1]} seeds=${BASH_REMATCH[2]}
    [ "$(wc -w <<<"$seeds")" -eq $((6 - held)) ]
    for seed in 1 2 3 4 5 6; do
        expected=0
        [[ " $seeds " == *" $seed "* ]] && expected=1
        run "$HYBRIDSIM" run -q --seed "$seed" some.ini
        [ "$status" -eq "$expected" ]
    done
    grep -q "<failure message=\"$held of 6 seeds, not $seeds;" j.xml
    grep -q 'over the seeds .*min .*median .*p90 .*max' j.xml
    run "$HYBRIDSIM" check --repeat 3 --seed 40 --json holds.ini
    [[ $output == *'"seed":"40"'*'"seed":"42"'* ]]
}

@test "--fail-fast ends the others" {
    run "$HYBRIDSIM" check --fail-fast -j 2 --junit j.xml long.ini fails.ini \
        holds.ini
    [ "$status" -eq 1 ]
    [[ $output == *"not run"*"long.ini"* ]]
    [[ $output == *"0 of 3 scenarios hold, 2 not run"* ]]
    [ "$(grep -c '<skipped/>' j.xml)" -eq 2 ]
}

# Two runs of hours and one that is soon over.
start_check() {
    cp long.ini longer.ini
    set -m
    # What a shell starts in the background ignores SIGINT; this does not.
    env --default-signal=INT "$HYBRIDSIM" check -j 2 --junit j.xml --save-baseline base "$@" holds.ini \
        long.ini longer.ini >stdout 2>stderr &
    pid=$!
    set +m
    for ((i = 0; i < 600; i++)); do
        compgen -G 'out/longer/.unfinished-*' >/dev/null && return
        sleep 0.05
    done
    return 1
}

@test "SIGINT: what had finished is reported, and no child is left" {
    start_check
    children=$(pgrep -P "$pid")
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    grep 'interrupted: 1 of 3 runs had finished' stderr
    grep -E '^pass .*holds.ini' stdout
    grep -E '^not run .*long.ini' stdout
    grep '1 of 3 scenarios hold, 2 not run' stdout
    [ "$(grep -c '<skipped/>' j.xml)" -eq 2 ]
    [ ! -e base ]
    for child in $children; do
        ! kill -0 "$child" 2>/dev/null
    done
}

@test "kill -9 of a run: it died, the others go on" {
    start_check
    for child in $(pgrep -P "$pid"); do
        tr '\0' ' ' <"/proc/$child/cmdline" | grep -q 'longer.ini' &&
            kill -9 "$child"
    done
    for ((i = 0; i < 600; i++)); do
        grep -q 'DIED longer.ini' stderr && break
        sleep 0.05
    done
    grep -q '2 of 3: DIED longer.ini' stderr
    kill -INT "$pid"
    wait "$pid" || true
    grep -E '^DIED .*longer.ini' stdout
    grep 'the run died: Killed' stdout
    grep -q '<error message="the run died"' j.xml
}
