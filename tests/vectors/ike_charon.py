#!/usr/bin/env python3
"""Writes ike-charon.ini: what two strongSwans said and what keys they derived.

One makes an IKE SA with the other, rekeys the child SA (with PFS), then the
IKE SA, and deletes it. Of each suite the file has the IKE messages as they
passed on the wire (m1, m2, ...), without non-ESP marker, and everything secret
that the initiator's log shows. Needs root and what tests/live/strongswan.py
needs. SPIs and nonces differ with each making.
"""

import os
import re
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "live"))
from capture import Capture
from lab import Lab
from strongswan import StrongSwan, connection

LEFT, RIGHT = "192.0.2.1", "192.0.2.2"

# proposals of IKE and ESP, fragment size
SUITES = {
    "cbc256-sha256-modp2048": ("aes256-sha256-modp2048",) * 2 + (0,),
    "cbc128-sha1-modp1024": ("aes128-sha1-modp1024",) * 2 + (0,),
    "cbc256-sha512-x25519": ("aes256-sha512-curve25519",) * 2 + (0,),
    "gcm256-sha384-ecp384": ("aes256gcm16-prfsha384-ecp384",
                             "aes256gcm16-ecp384", 0),
    "gcm128-sha256-modp2048s256": ("aes128gcm16-prfsha256-modp2048s256",
                                   "aes128gcm16-modp2048s256", 0),
    "cbc128-sha384-ecp256-fragments": ("aes128-sha384-ecp256",
                                       "aes128-sha384-ecp256", 250),
    "gcm256-sha256-ecp521-fragments": ("aes256gcm16-prfsha256-ecp521",
                                       "aes256gcm16-ecp521", 250),
}

DUMP = re.compile(r"\S+ \d+\[\w+\]\s+\d+: ((?:[0-9A-F]{2} ?){1,16})(?:  .*)?$")
# What the log calls a secret, and what the file does. Each comes several
# times: a number behind the name counts.
NAMES = {
    "shared Diffie Hellman secret": "shared", "SKEYSEED": "skeyseed",
    "Sk_d secret": "d", "Sk_ai secret": "ai", "Sk_ar secret": "ar",
    "Sk_ei secret": "ei", "Sk_er secret": "er", "Sk_pi secret": "pi",
    "Sk_pr secret": "pr", "secret": "psk",
    "AUTH = prf(prf(secret, keypad), octets)": "auth",
    "DH secret": "child_shared",
    "encryption initiator key": "child_ei",
    "encryption responder key": "child_er",
    "integrity initiator key": "child_ai",
    "integrity responder key": "child_ar",
}


def secrets(log):
    """(name, bytes) of every dump that has a name in NAMES, in order."""
    name, data, left = None, "", 0
    for line in log.splitlines():
        text = re.sub(r"^\S+ \d+\[\w+\] ", "", line)
        start = re.match(r"(.+?) => (\d+) bytes @", text)
        dump = DUMP.match(line)
        if start:
            name, data, left = start[1], "", int(start[2])
        elif dump and left > 0:
            count = min(left, 16)
            data += dump[1].replace(" ", "")[:2 * count]
            left -= count
            if left == 0 and name in NAMES:
                yield NAMES[name], data.lower()


def messages(path):
    """The IKE messages of a capture, by their UDP payloads."""
    with open(path, "rb") as file:
        data = file.read()
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        ports = struct.unpack_from(">HH", frame, 34)
        payload = frame[42:34 + struct.unpack_from(">H", frame, 38)[0]]
        if 4500 in ports:
            if payload[:4] != bytes(4):
                continue
            payload = payload[4:]
        yield payload.hex()


def life(lab, ike, esp, size):
    left, right = lab.namespace("left"), lab.namespace("right")
    lab.cable(left, "eth0", f"{LEFT}/24", right, "eth0", f"{RIGHT}/24")
    charon = f"fragment_size = {size}" if size else ""
    common = {"psk": "a secret of both", "ike": ike, "esp": esp}
    a = StrongSwan(lab, left, connection("t", LEFT, RIGHT, **common),
                   name="a", charon=charon)
    StrongSwan(lab, right, connection("t", RIGHT, LEFT, **common),
               name="b", charon=charon)
    left.address("ipsec0", "10.1.0.1/32")
    right.address("ipsec0", "10.2.0.1/32")
    capture = Capture(lab, left, "eth0", "ike",
                      "udp port 500 or udp port 4500")
    a.initiate("t")
    a.rekey(child="t")
    time.sleep(0.5)
    a.rekey(ike="t")
    time.sleep(0.5)
    a.terminate(ike="t")
    time.sleep(0.2)
    return messages(capture.stop()), secrets(a.log())


def main():
    print("# Made by ike_charon.py: strongSwan 5.9.8 with itself. Hexadecimal.")
    for name, (ike, esp, size) in SUITES.items():
        with Lab("vectors") as lab:
            said, derived = life(lab, ike, esp, size)
            print(f"\n[{name}]")
            for number, message in enumerate(said, 1):
                print(f"m{number} = {message}")
            counts = {}
            for key, value in derived:
                counts[key] = counts.get(key, 0) + 1
                print(f"{key}{counts[key]} = {value}")


if __name__ == "__main__":
    main()
