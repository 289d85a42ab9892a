#!/bin/sh
# Holds every #include "…" against the arrows of ARCHITECTURE.md: each folder
# may include from itself and from the folders named behind it here.
set -eu
cd "${TOP_SRCDIR:-$(dirname "$0")/..}"

allowed() {
    base="models/base"
    cores="models/bgp models/bfd models/ikev2 models/esp models/crypto $base"
    case $1 in
    models/base) ;;
    models/crypto | models/bgp | models/bfd) echo "$base" ;;
    models/esp | models/ikev2) echo "models/crypto $base" ;;
    models/net) echo "$cores" ;;
    models/load) echo "models/net $base" ;;
    models/aws | models/onprem) echo "models/net $cores" ;;
    pcap) echo "$base" ;;
    sim/engine) echo "$base" ;;
    sim/scenario | sim/observe) echo "$base" ;;
    sim/dissect) echo "pcap $cores" ;;
    sim/findings) echo "sim/scenario sim/observe $base" ;;
    sim/replay) echo "sim/dissect sim/observe pcap models/load $base" ;;
    sim/monitor) echo "sim/observe sim/scenario $base" ;;
    sim/output) echo "sim/replay sim/monitor models/load sim/findings sim/observe sim/scenario pcap $base" ;;
    sim/report) ;; # of result.json alone
    sim/check) ;;  # so is this
    sim/world) echo "sim/replay sim/engine sim/scenario sim/observe pcap models/aws models/onprem models/load models/net $cores" ;;
    sim/routes) echo "sim/output sim/world sim/scenario sim/observe sim/engine pcap models/net $cores" ;;
    sim) echo "sim/monitor sim/replay sim/check sim/report sim/findings sim/routes sim/engine sim/scenario sim/world sim/observe sim/output sim/dissect pcap models/net $cores" ;;
    esac
}

checked=0 wrong=0
for file in $(find models pcap sim -name '*.[ch]' -o -name '*.cc' | sort); do
    folder=$(dirname "$file")
    for include in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
        [ "$include" = config.h ] && continue
        checked=$((checked + 1))
        ok=no
        for place in $folder $(allowed "$folder"); do
            [ "$(dirname "$include")" = "$place" ] && ok=yes
        done
        if [ $ok = no ]; then
            echo "$file: includes $include: $folder may not use $(dirname "$include")"
            wrong=$((wrong + 1))
        fi
    done
done
if grep -rln '#include <ns3/' --include='*.[ch]' models pcap sim; then
    echo "C code must not include ns-3: that is for sim/engine/ns3_*.cc"
    wrong=$((wrong + 1))
fi
echo "$checked includes, $wrong against the layers"
[ "$checked" -gt 0 ] && [ "$wrong" -eq 0 ]
