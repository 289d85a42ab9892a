# hybridsim dissect: captures of real daemons, keys that fit and that do not,
# and files that are no captures. What it says of each field is held against
# tshark by tests/system/check-dissect.py.

load common
bats_require_minimum_version 1.5.0

CAPTURES=$TOP_SRCDIR/tests/captures

@test "a line for each message, on standard output only" {
    "$HYBRIDSIM" dissect "$CAPTURES/bgp-routes/capture.pcap" >out 2>err
    [ "$(wc -l <out)" -eq 27 ]
    grep -q 'BGP  OPEN AS 4200000001, hold 9 s, id 192.0.2.1, ' out
    grep -q 'BGP  UPDATE 10.1.0.0/16, origin IGP, path 4200000001, next hop 192.0.2.1, med 42, communities 7224:7300 7224:9300' out
    grep -q 'BGP  UPDATE withdraws 10.11.0.0/16' out
    grep -q 'BGP  NOTIFICATION Cease/Administrative Shutdown' out
    grep -q '51 packets, 27 bgp, 0 bfd, 0 ike, 0 esp, 28 of other protocols$' err
}

@test "with keys IKE and ESP are opened, without they are named" {
    folder=$CAPTURES/ike-fragments
    "$HYBRIDSIM" dissect --keys "$folder" "$folder/capture.pcap" >keys
    grep -q 'IKE_AUTH request 1 SKF 2/2, complete: SK { IDi(192.0.2.1) N(INITIAL_CONTACT) IDr(192.0.2.2) AUTH SA(0x' keys
    grep -q 'INFORMATIONAL request 2 SK { D(IKE) }' keys
    grep -q 'ESP  SPI 0x[0-9a-f]*, sequence 1: 10.1.0.1 > 10.2.0.1 ICMP type 8 code 0, 84 bytes' keys
    [ "$(grep -c '\]$' keys)" -eq 0 ]
    "$HYBRIDSIM" dissect "$folder/capture.pcap" >none
    [ "$(wc -l <none)" -eq "$(wc -l <keys)" ]
    grep -q 'IKE_AUTH response 1 SK, encrypted$' none
    grep -q 'ESP  SPI 0x[0-9a-f]*, sequence 1: encrypted$' none
    [ "$(grep -c '10\.1\.0\.1' none)" -eq 0 ]
}

@test "a key that does not fit is named and opens nothing" {
    folder=$CAPTURES/ike-gcm256-ecp384
    mkdir wrong
    # Each key moved by a byte.
    sed 's/"0x\([0-9a-f]\{30,\}\)[0-9a-f][0-9a-f]"/"0xff\1"/' \
        "$folder/esp_sa" >wrong/esp_sa
    sed 's/^\([^,]*,[^,]*,\)\([0-9a-f]*\)..,\([0-9a-f]*\)..,/\1ff\2,ff\3,/' \
        "$folder/ikev2_decryption_table" >wrong/ikev2_decryption_table
    "$HYBRIDSIM" dissect --keys wrong "$folder/capture.pcap" >out
    grep -q 'SK, not decrypted  \[ICV wrong: the key in line [0-9]* of ikev2_decryption_table does not fit, or the message was changed\]' out
    [ "$(grep -c 'SK {' out)" -eq 0 ]
    [ "$(grep -c '10\.1\.0\.1' out)" -eq 0 ]
    grep -q 'ESP  SPI 0x[0-9a-f]*, sequence 1: not decrypted  \[ICV wrong: the key in line [0-9]* of esp_sa does not fit, or the packet was changed\]' out
}

@test "a key for another SPI is none" {
    folder=$CAPTURES/ike-fragments
    mkdir other
    sed 's/"0x[0-9a-f]\{8\}"/"0x00000001"/' "$folder/esp_sa" >other/esp_sa
    "$HYBRIDSIM" dissect --keys other "$folder/capture.pcap" >out
    grep -q 'sequence 1: encrypted, no key for this SPI$' out
    grep -q 'SK, encrypted, no key for these SPIs$' out
}

@test "-v has every field, --json the same for programs" {
    "$HYBRIDSIM" dissect -v "$CAPTURES/bfd-up-poll-down/capture.pcap" >out
    grep -q '^        bfd.sta: 3 (Up)$' out
    grep -q '^        bfd.desired_min_tx_interval: 300000$' out
    "$HYBRIDSIM" dissect --json "$CAPTURES/bfd-up-poll-down/capture.pcap" >json
    [ "$(wc -l <json)" -eq 92 ]
    jq -e -s 'length == 92 and all(.protocol == "bfd" and .destination_port == 3784)
        and any(.fields["bfd.sta"] == 3 and .fields["bfd.flags.p"])' json
}

@test "--only leaves the others out" {
    folder=$CAPTURES/ike-fragments
    "$HYBRIDSIM" dissect --only esp "$folder/capture.pcap" >out
    [ "$(wc -l <out)" -eq 2 ]
    run "$HYBRIDSIM" dissect --only ospf "$folder/capture.pcap"
    [ "$status" -eq 2 ]
    [[ $output == *'"ospf" is none of bgp, bfd, ike, esp'* ]]
}

@test "what is inside of ESP has lines of its own" {
    small small.ini
    sed -i 's/^file = no/file = yes/' small.ini
    "$HYBRIDSIM" run --quiet small.ini || [ $? -eq 4 ]
    "$HYBRIDSIM" dissect --only bgp --keys out/small/wireshark \
        out/small/capture.pcapng >out.txt
    grep -q 'BGP  OPEN AS 65001.*(in ESP 0x[0-9a-f]*)$' out.txt
    [ "$(grep -c '\]$' out.txt)" -eq 0 ]
    # Of several links each is named.
    grep -q '  internet  ' out.txt
}

@test "files that are no captures" {
    echo "not a capture at all, but long enough for a header" >text
    run "$HYBRIDSIM" dissect text
    [ "$status" -eq 2 ]
    [[ $output == hybridsim:*text* ]]
    run "$HYBRIDSIM" dissect nowhere.pcap
    [ "$status" -eq 2 ]
    [[ $output == *"nowhere.pcap"*"No such file"* ]]
    run "$HYBRIDSIM" dissect --keys nowhere "$CAPTURES/bgp-routes/capture.pcap"
    [ "$status" -eq 2 ]
    [[ $output == *"nowhere: neither esp_sa nor ikev2_decryption_table"* ]]
}

@test "a capture that ends within a packet: what is there, then the error" {
    head -c 2000 "$CAPTURES/bgp-routes/capture.pcap" >cut.pcap
    run --separate-stderr "$HYBRIDSIM" dissect cut.pcap
    [ "$status" -eq 2 ]
    [[ $output == *"BGP  OPEN"* ]]
    [[ $stderr == *"hybridsim: cut.pcap:"*truncated* ]]
}

@test "lines of a table that cannot be used are named" {
    mkdir keys
    printf '%s\n' '"IPv4","*","*","*","TripleDES-CBC [RFC2451]","0x00","NULL","0x"' \
        'nonsense' >keys/esp_sa
    run --separate-stderr "$HYBRIDSIM" dissect --keys keys \
        "$CAPTURES/esp-scapy/capture.pcap"
    [ "$status" -eq 0 ]
    [[ $stderr == *'esp_sa:1: encryption "TripleDES-CBC [RFC2451]" is not supported'* ]]
    [[ $stderr == *'esp_sa:2: 1 fields, expected 8'* ]]
    [[ $output == *'[line 1 of esp_sa: encryption "TripleDES-CBC [RFC2451]" is not supported]'* ]]
}

@test "a file that is no capture is named as that" {
    echo hello >text.pcap
    run "$HYBRIDSIM" dissect text.pcap
    [ "$status" -eq 2 ]
    [[ $output == *"text.pcap: this is no capture: "*"neither pcap nor pcapng"* ]]
}
