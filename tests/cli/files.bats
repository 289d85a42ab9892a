# What is given as a scenario and is none, or is a very large one: a clear word,
# at once, without filling the memory. Limits of memory and processor time stand
# for "at once": they are generous.

load common

# At most 1 GB of addresses and SECONDS of the processor.
within() {
    local seconds=$1
    shift
    run bash -c 'ulimit -v 1000000 -t "$0"; exec "$@"' "$seconds" "$@"
}

# The sanitizers reserve more addresses than that.
setup_file() {
    bash -c "ulimit -v 1000000; '$HYBRIDSIM' --version" >/dev/null 2>&1 ||
        export NO_LIMIT=1
}

setup() {
    [ -z "${NO_LIMIT:-}" ] || skip "not with limited memory"
    cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "a scenario of 1 GB is refused at once, with the limit" {
    truncate -s 1G huge.ini
    for command in run explain check survive compare; do
        within 5 "$HYBRIDSIM" $command huge.ini
        [ "$status" -eq 2 ]
        [[ $output == *"huge.ini: 1073741824 bytes are no scenario; the most is 4194304"* ]]
    done
}

@test "folders, pipes and devices are not scenarios" {
    mkdir folder.ini
    mkfifo pipe.ini
    within 5 "$HYBRIDSIM" run folder.ini
    [ "$status" -eq 2 ]
    [ "$output" = "folder.ini: this is a folder, not a scenario" ]
    within 5 "$HYBRIDSIM" run pipe.ini
    [ "$status" -eq 2 ]
    [[ $output == "pipe.ini: this is a pipe; "* ]]
    within 5 "$HYBRIDSIM" run /dev/zero
    [ "$status" -eq 2 ]
    [ "$output" = "/dev/zero: this is no file; a scenario is one" ]
}

@test "a binary file, a zero byte, another encoding" {
    within 5 "$HYBRIDSIM" run "$HYBRIDSIM"
    [ "$status" -eq 2 ]
    [[ $output == *"bytes are no scenario"* || $output == *"not a text file"* ]]
    head -c 100000 "$HYBRIDSIM" >program.ini
    within 5 "$HYBRIDSIM" run program.ini
    [ "$status" -eq 2 ]
    [[ $output == *"program.ini:1: this is not a text file"* ]]
    printf '[scenario]\ntitle = a\0b\n' >zero.ini
    within 5 "$HYBRIDSIM" run zero.ini
    [ "$status" -eq 2 ]
    [[ $output == *"zero.ini:2: this is not a text file: it holds a zero byte"* ]]
    printf '[scenario]\ntitle = caf\351\n' >latin1.ini
    within 5 "$HYBRIDSIM" run latin1.ini
    [[ $output == *"latin1.ini:2: this line is not UTF-8"* ]]
}

@test "an empty file, and one without a reader" {
    : >empty.ini
    within 5 "$HYBRIDSIM" run empty.ini
    [ "$status" -eq 2 ]
    [[ $output == empty.ini:* ]]
    within 5 "$HYBRIDSIM" run /proc/self/mem
    [ "$status" -eq 2 ]
}

@test "a line of two million characters" {
    {
        printf '[scenario]\ntitle = '
        head -c 2000000 /dev/zero | tr '\0' x
        printf '\nduratoin = 5s\n'
    } >long.ini
    within 10 "$HYBRIDSIM" explain long.ini
    [ "$status" -eq 2 ]
    [[ $output == *'long.ini:3: [scenario] duratoin'*'did you mean "duration"'* ]]
}

@test "a hundred thousand groups, and keys, that are wrong" {
    seq -f '[nothing n%.0f]' 100000 >groups.ini
    within 20 "$HYBRIDSIM" run groups.ini
    [ "$status" -eq 2 ]
    [[ $output == *'groups.ini:1: [nothing n1]: unknown kind of element'* ]]
    [[ $output == *"groups.ini: and 99990 more"* ]]
    {
        echo '[vpc a]'
        seq -f 'k%.0f = 1' 100000
    } >keys.ini
    within 20 "$HYBRIDSIM" run keys.ini
    [ "$status" -eq 2 ]
    [[ $output == *"and 99991 more"* ]]
    # The last of them is the first again.
    {
        seq -f '[vpc v%.0f]' 100000
        echo '[vpc v1]'
    } >twice.ini
    within 20 "$HYBRIDSIM" run twice.ini
    [ "$status" -eq 2 ]
}

# What 10,000 virtual interfaces come to: no quota of AWS forbids connections
# beyond those that it grants on request.
@test "ten thousand links are loaded and explained" {
    {
        sed -e '/^\[fault/,$d' -e '/^bfd/d' "$SCENARIOS/dx-cut.ini"
        awk 'BEGIN { for (i = 0; i < 10000; i++) {
            j = i * 4
            printf "[dx d%d]\nbetween = dc, vgw\n", i
            printf "peer.cidr = 100.%d.%d.%d/30\n", 64 + j / 65536,
                (j / 256) % 256, j % 256 } }'
    } >links.ini
    within 60 "$HYBRIDSIM" explain links.ini
    [ "$status" -eq 0 ]
    [ "$(grep -c '^\[dx d' <<<"$output")" -eq 10000 ]
}

@test "ten thousand links without addresses: there are not so many to give" {
    {
        sed -e '/^\[fault/,$d' "$SCENARIOS/dx-cut.ini"
        seq -f $'[vpn v%.0f]\nbetween = dc, vgw\nunderlay = internet' 10000
    } >tunnels.ini
    within 30 "$HYBRIDSIM" run tunnels.ini
    [ "$status" -eq 2 ]
    [[ $output == *"no address is left to derive this from; give it"* ]]
    [ ! -e out ]
}
