# `check`: many files, a line for each, and the exit status of the worst.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    small holds.ini "detect.max = 910ms" "detect.min = 590ms"
    small fails.ini "detect.max = 100ms" "failover.max = 60s"
    small nothing.ini
    sed 's/^asn = 65001/asn = none/' holds.ini >bad.ini
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

@test "0: every expectation holds" {
    run "$HYBRIDSIM" check holds.ini
    [ "$status" -eq 0 ]
    [[ $output == *"pass"*"holds.ini"* ]]
    [[ $output == *"1 of 1 scenarios hold"* ]]
}

@test "1: one does not, and is named with its line" {
    run "$HYBRIDSIM" check holds.ini fails.ini nothing.ini
    [ "$status" -eq 1 ]
    line=$(grep -n "detect.max" fails.ini | cut -d: -f1)
    [[ $output == *"FAIL"*"fails.ini"*"detect "*"at most 100ms"*"(fails.ini:$line)"* ]]
    [[ $output != *"at most 60s"* ]]
    [[ $output == *"1 of 3 scenarios hold"* ]]
}

# The scenario FILE names these expectations as those that must fail.
lesson() {
    sed -i "0,/^title/s/^title/expected-verdict = fail: $2\n&/" "$1"
}

@test "0: exactly what must fail does, and it says why" {
    small lesson.ini "detect.max = 910ms" "plaintext.bytes.max = 0"
    lesson lesson.ini plaintext.bytes.max
    run "$HYBRIDSIM" check lesson.ini
    [ "$status" -eq 0 ]
    [[ $output == *"fails as expected: plaintext.bytes "*"at most 0 B"* ]]
    [[ $output == *"because protected traffic crosses primary (dx) in clear"* ]]
    [[ $output == *"1 of 1 scenarios hold"* ]]
    [ "$(jq -c '.verdict | [.passed, .exit_code, .lesson]' out/lesson/result.json)" = "[true,0,true]" ]
}

@test "1: what must fail holds, or something else fails" {
    small lesson.ini "detect.max = 910ms" "plaintext.internet.bytes.max = 0"
    lesson lesson.ini plaintext.internet.bytes.max
    run "$HYBRIDSIM" check lesson.ini
    [ "$status" -eq 1 ]
    [[ $output == *"should fail, and does not: plaintext.internet.bytes 0 B"* ]]
    small lesson.ini "detect.max = 100ms" "plaintext.bytes.max = 0"
    lesson lesson.ini plaintext.bytes.max
    run "$HYBRIDSIM" check lesson.ini
    [ "$status" -eq 1 ]
    [[ $output == *"detect "*"at most 100ms"* ]]
    [[ $output != *"fails as expected"* ]]
}

@test "2: a bad file beside good ones" {
    run "$HYBRIDSIM" check holds.ini bad.ini fails.ini
    [ "$status" -eq 2 ]
    [[ $output == *"BAD FILE"*"bad.ini"*"bad.ini:"*"[onprem dc] asn"* ]]
    [[ $output == *"pass"*"holds.ini"* ]]
    [[ $output == *"FAIL"*"fails.ini"* ]]
}

@test "3: a run that is killed does not take the others with it" {
    # Time on the processor runs out in the long run only, by a signal.
    run bash -c "ulimit -t 3; exec '$HYBRIDSIM' check -j 2 \
        --out killed holds.ini '$SCENARIOS/dx-cut-hold90.ini'"
    [ "$status" -eq 3 ]
    [[ $output == *"DIED"*"dx-cut-hold90.ini"* ]]
    [[ $output == *"the run died: "* ]]
    [[ $output == *"pass"*"holds.ini"* ]]
    [ ! -e killed/dx-cut-hold90/result.json ]
}

@test "3: a result that cannot be written" {
    mkdir -p blocked/holds/result.json/in-the-way
    run "$HYBRIDSIM" check --out blocked holds.ini
    [ "$status" -eq 3 ]
    [[ $output == *"result.json"* ]]
}

@test "4: nothing was checked" {
    run "$HYBRIDSIM" check nothing.ini
    [ "$status" -eq 4 ]
    [[ $output == *"NOTHING CHECKED"*"nothing.ini"* ]]
}

@test "an expectation can be given on the command line" {
    run "$HYBRIDSIM" check --set expect.detect.max=100ms nothing.ini
    [ "$status" -eq 1 ]
    [[ $output == *"(--set)"* ]]
}

@test "so many at once give the same lines as one after another" {
    "$HYBRIDSIM" check -j 1 holds.ini fails.ini nothing.ini >one || [ $? -eq 1 ]
    "$HYBRIDSIM" check -j 3 holds.ini fails.ini nothing.ini >three ||
        [ $? -eq 1 ]
    cmp one three
}
