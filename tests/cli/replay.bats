# Captures that are played, and bulk streams: what the command line makes of them.

load common

scenario=$SCENARIOS/replay-no-network.ini

refused() {
    run "$HYBRIDSIM" --set "$1" --out out "$scenario"
    [ "$status" -eq 2 ]
    [[ $output == *"[database orders] replay: "*"$2"* ]]
    [ ! -e out ]
}

@test "a capture that cannot be played is a scenario error, before anything runs" {
    refused "database orders.replay=none.pcap" "none.pcap: there is no such file"
    refused "database orders.replay=replay-pgbench.ini" "this is no capture"
    refused "database orders.replay.server=192.0.2.1:5432" \
        "has no connection to 192.0.2.1:5432 that was used; it has 127.0.0.1:15432"
    refused "database orders.replay.server=here" "expected ADDRESS:PORT"
}

@test "a refused capture is named with the line that names it" {
    sed 's/replay-pgbench.pcap/none.pcap/' "$scenario" >bad.ini
    run "$HYBRIDSIM" explain bad.ini
    [ "$status" -eq 2 ]
    line=$(grep -n none.pcap bad.ini | cut -d: -f1)
    [[ $output == "bad.ini:$line: [database orders] replay: none.pcap: there is no such file" ]]
}

@test "a scenario that replays can be failed element by element" {
    # Direct Connect alone: a run for each of its failures.
    cp "$SCENARIOS/replay-pgbench.pcap" .
    awk '/^\[/ { skip = /^\[(vpn|internet|fault|expect)/ } !skip' \
        "$SCENARIOS/replay-pgbench.ini" >one.ini
    run "$HYBRIDSIM" survive --out out one.ini
    [ "$status" -eq 0 ]
    [[ $output == *"NOT REDUNDANT"* ]]
    [[ $output != *died* ]]
}

@test "streams are files of their own, and an earlier run's go" {
    cat "$scenario" - >streams.ini <<'END'
[stream one]
from = app
to = data
for = 1s
END
    cp "$SCENARIOS/replay-pgbench.pcap" .
    sed -i 's/\[expect\]/[capture]/; /^replay\..*=/d; /^\[capture\]$/,/^$/{/^\[capture\]/d;/^file/d}' streams.ini
    "$HYBRIDSIM" --quiet --out out streams.ini || [ $? -eq 4 ]
    jq -e '.end.sum_received.bits_per_second > 9e6' out/streams/streams/one.json
    jq -e '.streams[0].file == "streams/one.json" and .replay.played.answered == 285' \
        out/streams/result.json
    sed -i '/^\[stream one\]/,$d' streams.ini
    "$HYBRIDSIM" --quiet --out out streams.ini || [ $? -eq 4 ]
    [ ! -e out/streams/streams ]
}
