# hybridsim init: every design that it can write loads, runs and is as it says.

load common

@test "every design that init writes holds its expectations" {
    for design in dx-vpn dual-dx vpn tgw; do
        for bfd in yes no; do
            "$HYBRIDSIM" init --design $design --bfd $bfd $design-$bfd
        done
    done
    run "$HYBRIDSIM" check dx-vpn-yes.ini dx-vpn-no.ini dual-dx-yes.ini \
        dual-dx-no.ini vpn-yes.ini tgw-yes.ini tgw-no.ini
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "other seeds hold them, too" {
    "$HYBRIDSIM" init --design dx-vpn d
    "$HYBRIDSIM" init --design vpn v
    run "$HYBRIDSIM" check --seed 7 d.ini v.ini
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "what is there is not written over, unless forced" {
    echo mine >plan.ini
    run "$HYBRIDSIM" init plan
    [ "$status" -eq 2 ]
    [[ $output == *"plan.ini: File exists; --force writes over it"* ]]
    [ "$(cat plan.ini)" = mine ]
    run "$HYBRIDSIM" init --force plan
    [ "$status" -eq 0 ]
    grep '^title = plan$' plan.ini
}

@test "choices are in the scenario, and wrong ones are refused as it would be" {
    "$HYBRIDSIM" init --design dual-dx --bfd no --rate 500Mbps \
        --vpc 10.9.0.0/16 --onprem 192.168.7.0/24 --requests 5/s -o - >s.ini
    grep '^bfd = off$' s.ini
    grep '^rate = 500Mbps$' s.ini
    grep '^cidr = 10.9.0.0/16$' s.ini
    grep '^prefix = 192.168.7.0/24$' s.ini
    "$HYBRIDSIM" explain s.ini >/dev/null
    run "$HYBRIDSIM" init --vpc 10.9.0.0/99 bad
    [ "$status" -eq 2 ]
    [[ $output == *"[vpc app] cidr"* ]]
    run "$HYBRIDSIM" init --design triple-dx bad
    [ "$status" -eq 2 ]
    [[ $output == *"expected dx-vpn, dual-dx, vpn or tgw"* ]]
    [ ! -e bad.ini ]
}

@test "on a terminal it asks, and an empty answer is the one in brackets" {
    python3 - "$HYBRIDSIM" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "init", "asked"])
os.write(fd, b"dual-dx\nno\n\n\n10.3.0.0/16\n")
seen = b""
try:
    while True:
        seen += os.read(fd, 4096)
except OSError:
    pass
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
assert b"Which design? [dx-vpn]" in seen, seen
END
    grep '^bfd = off$' asked.ini
    grep '^cidr = 10.3.0.0/16$' asked.ini
    grep '^prefix = 172.16.0.0/24$' asked.ini
    grep '^\[dx secondary\]$' asked.ini
}

@test "--json says what was written" {
    run "$HYBRIDSIM" init --json --design tgw t
    [ "$status" -eq 0 ]
    [ "$(jq -r .file <<<"$output")" = t.ini ]
    [ "$(jq -r .design <<<"$output")" = tgw ]
    [ "$(jq -r .format <<<"$output")" = hybridsim-init ]
}
