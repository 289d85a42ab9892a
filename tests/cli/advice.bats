#!/usr/bin/env bats
# Advice is a promise: who takes it gets what it says, to the nanosecond.

load common

# A run of nine seconds' hold time, without BFD.
slow() {
    small "$1"
    sed -i 's/^bfd = .*/keepalive = 3s\nhold = 9s/' "$1"
}

@test "who takes the advice gets what it promised" {
    slow slow.ini
    "$HYBRIDSIM" run --no-report slow.ini >text || [ $? -eq 4 ]
    grep -q '^ADVICE   with BFD on primary it takes ' text
    grep -q '^ *--set "dx primary.bfd=300ms x 3"$' text
    result=out/slow/result.json
    jq -e '.advice_tried == 1' $result
    jq -e '.advice[0].before_ms == .figures.failover.value_ms' $result
    jq -e '.advice[0] | .saves_ms > 3000 and .measured == "another run"' $result
    jq -e '[.advice[].after_ms] | . == sort' $result
    promised=$(jq '.advice[0].after_ms' $result)
    set=$(jq -r '.advice[0].set' $result)
    eval "'$HYBRIDSIM' run --quiet $set slow.ini" || [ $? -eq 4 ]
    [ "$(jq '.figures.failover.value_ms' $result)" = "$promised" ]
    # Asked quietly, it did not look any further.
    jq -e '.advice == null and .advice_tried == null' $result
}

@test "what changes nothing is not advised, and --no-advice asks for none" {
    small steady.ini
    "$HYBRIDSIM" run --no-report --set "fault cut.target=backup" steady.ini \
        >text || [ $? -eq 4 ]
    ! grep -q '^ADVICE' text
    jq -e '.advice == []' out/steady/result.json
    "$HYBRIDSIM" run --no-report --no-advice steady.ini >text || [ $? -eq 4 ]
    ! grep -q '^ADVICE' text
    jq -e '.advice == null' out/steady/result.json
}
