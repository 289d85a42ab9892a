# What goes wrong around a run: Ctrl-C, kill -9, a folder that cannot be
# written, a disk that is full. Nothing half-written, and a clear word.

load common

# What a shell starts in the background ignores SIGINT; this does not.
PROGRAM=(env --default-signal=INT "$HYBRIDSIM")

# A run of hours, with a capture: it ends when it is told to.
start_long() {
    "${PROGRAM[@]}" run --out out --set scenario.duration=40000s "$@" \
        "$SCENARIOS/dx-cut.ini" >stdout 2>stderr &
    pid=$!
}

# Whatever a test that fails leaves behind.
teardown() {
    [ -z "${pid:-}" ] || kill -9 "$pid" 2>/dev/null || true
}

# Until it simulates: its capture has been opened.
wait_for_work() {
    for ((i = 0; i < 600; i++)); do
        compgen -G 'out/dx-cut/.unfinished-*/capture.pcapng*' >/dev/null &&
            return
        sleep 0.05
    done
    return 1
}

ends_with() {
    local status=0
    wait "$pid" || status=$?
    [ "$status" -eq "$1" ]
}

leave_a_result() {
    small dx-cut.ini "detect.max = 910ms"
    "$HYBRIDSIM" run --quiet --out out dx-cut.ini
    sha256sum out/dx-cut/result.json >before
}

@test "SIGINT and SIGTERM: nothing is written, and it says how far it was" {
    for signal in INT:130 TERM:143; do
        start_long
        wait_for_work
        kill -"${signal%:*}" "$pid"
        ends_with "${signal#*:}"
        grep -E 'interrupted at [0-9]+ s of 40000 s; nothing of it was written' \
            stderr
        [ ! -s stdout ]
        [ -z "$(find out -type f)" ]
        [ ! -e out/dx-cut ]
    done
}

@test "an interrupted run leaves the earlier result as it was" {
    leave_a_result
    start_long
    wait_for_work
    kill -INT "$pid"
    ends_with 130
    sha256sum --check before
    [ "$(ls -A out/dx-cut | xargs)" = "monitoring result.json" ]
}

@test "a second signal ends at once" {
    start_long
    wait_for_work
    kill -STOP "$pid"
    kill -INT "$pid"
    kill -TERM "$pid"
    kill -CONT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -gt 128 ]
    [ ! -e out/dx-cut/result.json ]
}

@test "of several files those that had finished stay, and are named" {
    small first.ini "detect.max = 910ms"
    sed 's/^duration = .*/duration = 40000s/' first.ini >second.ini
    cp first.ini third.ini
    "${PROGRAM[@]}" run --quiet first.ini second.ini third.ini 2>stderr &
    pid=$!
    for ((i = 0; i < 600; i++)); do
        compgen -G 'out/second/.unfinished-*' >/dev/null && break
        sleep 0.05
    done
    kill -INT "$pid"
    ends_with 130
    grep 'second.ini: interrupted at' stderr
    grep 'first.ini had finished: its results are in out' stderr
    grep 'third.ini and what follows it was not begun' stderr
    [ -e out/first/result.json ]
    [ ! -e out/second ]
    [ ! -e out/third ]
}

@test "--repeat: the table is of the seeds that had finished, and no child is left" {
    small s.ini "detect.max = 910ms"
    "${PROGRAM[@]}" run --repeat 2000 -j 2 s.ini >stdout 2>stderr &
    pid=$!
    for ((i = 0; i < 600; i++)); do
        [ -e out/s/repeat/seed-3/s/result.json ] && break
        sleep 0.05
    done
    kill -INT "$pid"
    ends_with 130
    grep -E 'the table is of the [0-9]+ runs of 2000 that had finished' stderr
    grep -E 's persistent|cut persistent' stdout
    [ -z "$(find out -name '.unfinished-*')" ]
    ! pgrep -P "$pid"
}

@test "kill -9 leaves nothing under a final name; the next run cleans up" {
    leave_a_result
    start_long
    wait_for_work
    kill -9 "$pid"
    ends_with 137
    sha256sum --check before
    left=$(cd out/dx-cut && ls -d .unfinished-*)
    [ -n "$left" ]
    run "$HYBRIDSIM" run --quiet --out out dx-cut.ini
    [ "$status" -eq 0 ]
    [[ $output == *"out/dx-cut/$left: removed; a run was killed and left it"* ]]
    [ "$(ls -A out/dx-cut | xargs)" = "monitoring result.json" ]
}

@test "what another run is writing now is left alone" {
    small dx-cut.ini "detect.max = 910ms"
    start_long
    wait_for_work
    run "$HYBRIDSIM" run --quiet --out out dx-cut.ini
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    compgen -G 'out/dx-cut/.unfinished-*/capture.pcapng*'
    kill -TERM "$pid"
    ends_with 143
    [ "$(ls -A out/dx-cut | xargs)" = "monitoring result.json" ]
}

@test "kill -9 of --repeat takes the children along" {
    "${PROGRAM[@]}" run --repeat 2 -j 2 --set scenario.duration=40000s \
        "$SCENARIOS/dx-cut.ini" >/dev/null 2>&1 &
    pid=$!
    for ((i = 0; i < 600; i++)); do
        [ "$(find out -name '.unfinished-*' 2>/dev/null | wc -l)" -eq 2 ] &&
            break
        sleep 0.05
    done
    children=$(pgrep -P "$pid")
    [ "$(wc -w <<<"$children")" -eq 2 ]
    kill -9 "$pid"
    ends_with 137
    for child in $children; do
        for ((i = 0; i < 600; i++)); do
            kill -0 "$child" 2>/dev/null || break
            sleep 0.05
        done
        ! kill -0 "$child" 2>/dev/null
    done
}

# A read-only mount, which root cannot write to either.
@test "a folder that is read-only is told before the run" {
    mkdir -p out frozen
    mount -t tmpfs -o ro tmpfs frozen 2>/dev/null || skip "may not mount"
    for arguments in "run" "run --repeat 2" survive "compare --quick"; do
        # shellcheck disable=SC2086
        run "$HYBRIDSIM" $arguments --out frozen \
            --set scenario.duration=40000s "$SCENARIOS/dx-cut.ini"
        [ "$status" -eq 3 ] || break
        [[ $output == *"frozen"*"Read-only file system"* ]] || break
    done
    umount frozen
    [ "$status" -eq 3 ]
    [[ $output == *"frozen"*"Read-only file system"* ]]
}

@test "a disk without room for the capture is told before the run" {
    mkdir full
    mount -t tmpfs -o size=1m tmpfs full 2>/dev/null || skip "may not mount"
    run "$HYBRIDSIM" run --out full --set scenario.duration=40000s \
        "$SCENARIOS/dx-cut.ini"
    left=$(find full -mindepth 1 | wc -l)
    umount full
    [ "$status" -eq 3 ]
    [[ $output == *"full/dx-cut: No space left on device: the results of this run need "*" MB at least"* ]]
    [ "$left" -eq 0 ]
}

@test "a disk that fills up during the run ends it there" {
    mkdir full
    mount -t tmpfs -o size=5m tmpfs full 2>/dev/null || skip "may not mount"
    run "$HYBRIDSIM" run --out full "${SMALL[@]}" \
        "$SCENARIOS/dx-cut.ini"
    left=$(find full -mindepth 1 | wc -l)
    umount full
    [ "$status" -eq 3 ]
    [[ $output == *"full/dx-cut/capture.pcapng"*"No space left on device"* ]]
    [[ $output != *unfinished* ]]
    [ "$left" -eq 0 ]
}
