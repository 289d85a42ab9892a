# The command line: help, mistakes and how they are answered. Nothing is run.

load common

@test "--help names every command and every exit status" {
    run "$HYBRIDSIM" --help
    [ "$status" -eq 0 ]
    for word in run check explain live wireshark dissect --set --seed --repeat --out \
        "0 all expectations hold" "4 nothing was checked"; do
        [[ $output == *"$word"* ]]
    done
}

@test "each command has a help of its own" {
    for command in run check explain live wireshark dissect; do
        run "$HYBRIDSIM" $command --help
        [ "$status" -eq 0 ]
        [[ $output == *"hybridsim $command"* ]]
    done
}

@test "the help is one screen" {
    "$HYBRIDSIM" --help >help
    [ -z "$(awk 'length > 79' help)" ]
    [ "$(wc -l <help)" -le 24 ]
}

@test "help COMMAND is COMMAND --help, and a wrong one is guessed" {
    "$HYBRIDSIM" help survive >by-word
    "$HYBRIDSIM" survive -h >by-letter
    cmp by-word by-letter
    run "$HYBRIDSIM" help survvie
    [ "$status" -eq 2 ]
    [[ $output == *'no command "survvie"; did you mean "survive"?'* ]]
}

@test "a mistyped option is guessed; another is not" {
    run "$HYBRIDSIM" run --jsno "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"--jsno; did you mean --json?; see hybridsim run --help"* ]]
    run "$HYBRIDSIM" compare --throughptu=1Gbps "$SCENARIOS/dx-cut.ini"
    [[ $output == *"did you mean --throughput?"* ]]
    run "$HYBRIDSIM" run --xyzzy "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output != *"did you mean"* ]]
    [ ! -e out ]
}

@test "--quiet and --verbose do not go together, --color takes three words" {
    run "$HYBRIDSIM" explain --quiet --verbose "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    run "$HYBRIDSIM" explain --color=red "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *"expected auto, always or never"* ]]
}

@test "--quiet prints nothing in any command" {
    for command in explain "explain --routes --at 1s"; do
        # shellcheck disable=SC2086
        run "$HYBRIDSIM" $command --quiet "$SCENARIOS/dx-cut.ini"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "--version names the program and its engine" {
    run "$HYBRIDSIM" --version
    [ "$status" -eq 0 ]
    [[ $output =~ ^hybridsim\ [0-9.]+\ \(ns-3\.[0-9]+\)$ ]]
}

@test "no argument at all is a mistake, answered with the help" {
    run "$HYBRIDSIM"
    [ "$status" -eq 2 ]
    [[ $output == usage:* ]]
}

@test "commands without a file say what they want" {
    for command in run check explain wireshark dissect; do
        run "$HYBRIDSIM" $command
        [ "$status" -eq 2 ]
        [[ $output == *"$command: which "* ]]
    done
}

@test "an unknown command is no file either" {
    run "$HYBRIDSIM" chekc
    [ "$status" -eq 2 ]
    [[ $output == *'"chekc" is neither a command nor a file; did you mean "check"?'* ]]
}

@test "unknown options and bad numbers" {
    for options in --frobnicate "--seed x" "--seed -1" "--repeat x" \
        "--repeat -1" "--jobs 0" "--seed"; do
        # shellcheck disable=SC2086
        run "$HYBRIDSIM" run $options "$SCENARIOS/dx-cut.ini"
        [ "$status" -eq 2 ]
        [[ $output == hybridsim:* ]]
    done
    [ ! -e out ]
}

@test "a file that is not there" {
    run "$HYBRIDSIM" nowhere/dx-cut.ini
    [ "$status" -eq 2 ]
    [[ $output == *"nowhere/dx-cut.ini"*"No such file"* ]]
}

@test "a mistake in a scenario has file, line, group and key, and the near word" {
    sed 's/^action = blackhole/action = blackhoel/' "$SCENARIOS/dx-cut.ini" \
        >bad.ini
    line=$(grep -n blackhoel bad.ini | cut -d: -f1)
    for command in run check explain; do
        run "$HYBRIDSIM" $command bad.ini
        [ "$status" -eq 2 ]
        [[ $output == *"bad.ini:$line:"*"[fault cut] action"*'did you mean "blackhole"'* ]]
    done
    [ ! -e out/bad ]
}

@test "several mistakes are told at once" {
    sed -e 's/^delay = 2ms/delay = 2/' -e 's/^target = primary/taget = primary/' \
        "$SCENARIOS/dx-cut.ini" >bad.ini
    run "$HYBRIDSIM" bad.ini
    [ "$status" -eq 2 ]
    [[ $output == *"delay"*"no unit"* ]]
    [[ $output == *'did you mean "target"'* ]]
}

@test "--set obeys the rules of the file" {
    run "$HYBRIDSIM" --set "fault cut.actoin=link-down" "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *'did you mean "action"'* ]]
    run "$HYBRIDSIM" --set "fault ctu.action=link-down" "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 2 ]
    [[ $output == *'did you mean "fault cut"'* ]]
    [ ! -e out ]
}

@test "explain says where each value comes from, and runs nothing" {
    run "$HYBRIDSIM" explain --set "dx primary.delay=7ms" --seed 9 \
        "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 0 ]
    grep -E '^  delay +7ms +--set' <<<"$output"
    grep -E '^  rate +1Gbps +file:[0-9]+' <<<"$output"
    grep -E '^  hold +90s +AWS default: ' <<<"$output"
    grep -E '^  convergence +100ms +assumed: ' <<<"$output"
    grep -E '^  seed +9 ' <<<"$output"
    [ ! -e out ]
}

@test "explain takes --set in two words without quotes" {
    run "$HYBRIDSIM" explain --set fault cut.action=link-down \
        "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 0 ]
    grep -E '^  action +link-down +--set' <<<"$output"
}

@test "live --control does not take the place of a file" {
    echo mine >plan
    run "$HYBRIDSIM" live --control plan "$SCENARIOS/dx-cut.ini"
    [ "$status" -eq 3 ]
    [[ $output == *"plan: commands are taken on a socket, and this name is taken by something else: File exists"* ]]
    [ "$(cat plan)" = mine ]
}
