# What the tests of the command line share: the program, small runs, and an
# empty folder for each test.

HYBRIDSIM=$TOP_BUILDDIR/hybridsim
SCENARIOS=$TOP_SRCDIR/scenarios

# A cut that is over within a simulated minute.
SMALL=(--set scenario.duration=60s --set scenario.warmup=5s
    --set "fault cut.at=20s..30s" --set "fault cut.for=15s"
    --set "database orders.rate=10/s" --set probe.interval=200ms)

# small FILE [EXPECTATION]...: dx-cut.ini as such a run, without a capture and
# with these expectations only.
small() {
    local file=$1
    shift
    sed -e '/^\[expect\]/,$d' \
        -e 's/^duration = .*/duration = 60s/' \
        -e 's/^at = .*/at = 20s..30s/' \
        -e 's/^for = .*/for = 15s/' \
        -e 's,^rate = 100/s,rate = 10/s,' "$SCENARIOS/dx-cut.ini" >"$file"
    printf '%s\n' "[capture]" "file = no" "[probe]" "interval = 200ms" \
        "[expect]" "$@" >>"$file"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}
