#!/usr/bin/env python3
"""Writes dh-python.ini: Diffie-Hellman by other hands than libgcrypt's.

The MODP groups are computed with Python's pow() from primes that are made
here from pi by the formula of RFC 2409 6.2 and RFC 3526 (for those of RFC
5114, which have no formula, see dh.ini, whose vectors are the RFC's own); the
curves with python3-cryptography, which is OpenSSL. Private values are hashes
of their names, so the file comes out the same each time.
"""

import hashlib
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

# bits, the constant c of the formula, octets of a private value
MODP = {2: (1024, 129093, 32), 5: (1536, 741804, 32), 14: (2048, 124476, 32),
        15: (3072, 1690314, 36), 16: (4096, 240904, 40),
        17: (6144, 929484, 48), 18: (8192, 4743158, 52)}
CURVES = {19: (ec.SECP256R1(), 32), 20: (ec.SECP384R1(), 48),
          21: (ec.SECP521R1(), 66)}


def arctan_of_inverse(x, bits):
    term = (1 << bits) // x
    total, n, sign = term, 3, -1
    while term:
        term //= x * x
        total += sign * (term // n)
        n, sign = n + 2, -sign
    return total


def pi_times_two_to(n):
    bits = n + 64
    pi = 16 * arctan_of_inverse(5, bits) - 4 * arctan_of_inverse(239, bits)
    return pi >> 64


def prime(bits, c):
    p = 2**bits - 2**(bits - 64) - 1
    p += 2**64 * (pi_times_two_to(bits - 130) + c)
    assert pow(3, (p - 1) // 2 - 1, (p - 1) // 2) == 1
    return p


def draw(name, length):
    return hashlib.shake_256(name.encode()).digest(length)


def modp(group):
    bits, c, octets = MODP[group]
    p = prime(bits, c)
    size = bits // 8
    a, b = (draw(f"group {group} {who}", octets) for who in "ab")
    x, y = (int.from_bytes(v, "big") for v in (a, b))
    return (a, b, pow(2, x, p).to_bytes(size, "big"),
            pow(2, y, p).to_bytes(size, "big"),
            pow(2, x * y, p).to_bytes(size, "big"))


def curve(group):
    kind, size = CURVES[group]
    values = []
    for who in "ab":
        n = int.from_bytes(draw(f"group {group} {who}", size - 2), "big")
        values.append(ec.derive_private_key(n, kind))
    privates = [k.private_numbers().private_value.to_bytes(size, "big")
                for k in values]
    publics = [k.public_key().public_bytes(
        serialization.Encoding.X962,
        serialization.PublicFormat.UncompressedPoint)[1:] for k in values]
    secret = values[0].exchange(ec.ECDH(), values[1].public_key())
    return (*privates, *publics, secret)


def curve25519(group):
    privates = [draw(f"group {group} {who}", 32) for who in "ab"]
    keys = [x25519.X25519PrivateKey.from_private_bytes(p) for p in privates]
    publics = [k.public_key().public_bytes_raw() if
               hasattr(k.public_key(), "public_bytes_raw") else
               k.public_key().public_bytes(serialization.Encoding.Raw,
                                           serialization.PublicFormat.Raw)
               for k in keys]
    return (*privates, *publics, keys[0].exchange(keys[1].public_key()))


def main():
    print("# Made by dh.py: Python's pow() and OpenSSL. Hexadecimal.")
    for group in (*MODP, *CURVES, 31):
        how = (modp if group in MODP else
               curve if group in CURVES else curve25519)
        print(f"\n[group {group}]\ngroup = {group:02x}")
        for key, value in zip(("a", "b", "public_a", "public_b", "secret"),
                              how(group)):
            print(f"{key} = {value.hex()}")


if __name__ == "__main__":
    sys.exit(main())
