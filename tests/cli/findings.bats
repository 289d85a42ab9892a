# Findings: where they are printed, and what --strict makes of them.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    small clear.ini "detect.max = 910ms"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
}

@test "explain prints them with line, evidence and rule" {
    run "$HYBRIDSIM" explain clear.ini
    [ "$status" -eq 0 ]
    line=$(grep -n "^\[dx primary\]" clear.ini | cut -d: -f1)
    [[ $output == *"DX-IN-CLEAR serious: "* ]]
    [[ $output == *"[dx primary] (clear.ini:$line): [gateway vgw] takes primary before [vpn backup]"* ]]
    [[ $output == *'rule: AWS Site-to-Site VPN guide, "Route priority"'* ]]
}

@test "explain --strict: one is a failure" {
    run "$HYBRIDSIM" explain --strict clear.ini
    [ "$status" -eq 1 ]
    [[ $output == *"DX-IN-CLEAR"* ]]
}

@test "run lists them, and result.json has them" {
    run "$HYBRIDSIM" run --out=out clear.ini
    [ "$status" -eq 0 ]
    [[ $output == *"FINDINGS DX-IN-CLEAR ([dx primary])"* ]]
    grep -q '"id": "DX-IN-CLEAR"' out/clear/result.json
}

@test "run --strict and check --strict fail by them alone" {
    run "$HYBRIDSIM" run --strict --quiet --out=out clear.ini
    [ "$status" -eq 1 ]
    run "$HYBRIDSIM" check --out=out clear.ini
    [ "$status" -eq 0 ]
    [[ $output != *"DX-IN-CLEAR"* ]]
    run "$HYBRIDSIM" check --strict --out=out clear.ini
    [ "$status" -eq 1 ]
    [[ $output == *"FAIL"*"clear.ini"*"DX-IN-CLEAR [dx primary]"* ]]
}

@test "--strict looks at one run" {
    run "$HYBRIDSIM" run --strict --repeat=2 clear.ini
    [ "$status" -eq 2 ]
}
