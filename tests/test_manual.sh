#!/bin/sh
# hybridsim(1) against `hybridsim COMMAND --help`: each command has the options
# of the sections "Of every command" and "Of … COMMAND …", and no others; and
# man renders the page without a warning.
set -eu
top=${TOP_SRCDIR:-$(dirname "$0")/..}
program=${TOP_BUILDDIR:-.}/hybridsim
page=$top/sim/hybridsim.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

# The options, long and short, one a line, of a help text.
of_help() {
    grep -oE -e '^ +(-[a-z], )?--[a-z0-9-]+' -e '^every command: .*' |
        grep -oE -e '( |^)--?[a-z0-9-]+' | tr -d ' ' | sort -u
}

# Of the page: those that head a paragraph in the sections that name $1.
of_page() {
    awk -v command="$1" '
        /^\.SS / { on = ($0 ~ " every command$" || $0 ~ "[ ]" command "( |,|$)") }
        /^\.SH / { on = 0 }
        /^\.TP/ { getline; if (on) print }' "$page" |
        sed 's/\\-/-/g' | grep -oE -e '(^|[ "])--?[a-z0-9-]+' |
        sed 's/^[ "]//' | sort -u
}

checked=0
commands=$("$program" --help |
    sed -n '/^commands/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
    "$program" "$command" --help >"$work/screen"
    awk -v command="$command" 'length > 79 { wide = 1; print }
        END { if (wide) print command ": wider than a terminal"
              if (NR > 24) print command ": longer than a screen: " NR
              if (wide || NR > 24) exit 1 }' "$work/screen" || wrong=1
    grep -q '^example: hybridsim ' "$work/screen" || {
        echo "$command: --help has no example"
        wrong=1
    }
    "$program" "$command" --help | of_help >"$work/help"
    of_page "$command" >"$work/page"
    checked=$((checked + $(wc -l <"$work/help")))
    diff "$work/help" "$work/page" >"$work/diff" || {
        echo "$command: < is only in --help, > only in hybridsim.1"
        grep '^[<>]' "$work/diff"
        wrong=1
    }
done

# The overview's options and commands are all in the page.
for option in $("$program" --help | grep -oE -e '--[a-z][a-z0-9-]*' | sort -u); do
    sed 's/\\-/-/g' "$page" | grep -qE -e "^\.B.*$option( |=|,|\"|$)" || {
        echo "hybridsim --help: $option is not in hybridsim.1"
        wrong=1
    }
done
for command in $commands; do
    grep -qx "\.B $command" "$page" || {
        echo "hybridsim --help: command $command is not in hybridsim.1"
        wrong=1
    }
done

# hybridsim-scenario(5) has every kind, and every key of scenarios/README.md.
scenario=${TOP_BUILDDIR:-.}/sim/hybridsim-scenario.5
awk '/^##/ { on = /^### \[/ } on' "$top/scenarios/README.md" |
    sed -n 's/^### \(\[.*\]\)$/.SS \1/p; s/^| `\([a-z0-9.-]*\)` |.*/\\fB\1\\fR/p' |
    sed 's/-/\\-/g' | sort -u >"$work/described"
[ "$(wc -l <"$work/described")" -gt 100 ] || {
    echo "scenarios/README.md: no keys found"
    wrong=1
}
grep -vxFf "$scenario" "$work/described" >"$work/missing" && {
    echo "hybridsim-scenario(5) does not have:"
    cat "$work/missing"
    wrong=1
}

if command -v man >/dev/null; then
    for each in "$page" "$scenario"; do
        LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -l "$each" \
            >/dev/null 2>"$work/warnings"
        [ ! -s "$work/warnings" ] || {
            echo "$each:"
            cat "$work/warnings"
            wrong=1
        }
    done
fi
echo "$checked options compared"
[ "$checked" -gt 0 ] && [ $wrong -eq 0 ]
