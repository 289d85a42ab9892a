#!/usr/bin/env python3
"""An ESP that is not ours: scapy's.

Reads lines of  SPI CIPHER KEY SALT INTEGRITY KEY ESN NUMBER NAT-T OUTER INNER
(hex, "-" for nothing), opens OUTER, and answers each with two lines: the inner
packet it found, and INNER in a packet of its own numbered NUMBER + 2. Ends with 77 if scapy is missing.
"""
import sys

try:
    import logging
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.layers.inet import IP, UDP
    from scapy.layers.ipsec import ESP, SecurityAssociation
    import cryptography  # noqa: F401: scapy loads without, but cannot cipher
except ImportError as error:
    print(error)
    sys.exit(77)

CIPHERS = {"aes-gcm16": "AES-GCM", "aes-cbc": "AES-CBC"}
INTEGRITY = {"-": "NULL", "sha1": "HMAC-SHA1-96", "sha2-256": "SHA2-256-128",
             "sha2-384": "SHA2-384-192", "sha2-512": "SHA2-512-256"}


class ExtendedNumbers:
    """An integrity algorithm that covers the upper half of the number (RFC
    4303 2.2.1). scapy has it for AH only; the code itself is still its."""

    def __init__(self, algorithm, high):
        self.algorithm, self.high = algorithm, high

    def __getattr__(self, name):
        return getattr(self.algorithm, name)

    def code(self, data, key):
        mac = self.algorithm.new_mac(key)
        mac.update(data + self.high.to_bytes(4, "big"))
        return mac.finalize()[:self.algorithm.icv_size]

    def sign(self, packet, key):
        if self.algorithm.mac:
            packet.data += self.code(bytes(packet), key)
        return packet

    def verify(self, packet, key):
        size = self.algorithm.icv_size
        data = bytes(packet)
        if self.algorithm.mac and self.code(data[:-size], key) != data[-size:]:
            raise ValueError("integrity check failed")


def with_udp_length(packet):
    """scapy writes the length of an empty datagram."""
    data = bytearray(bytes(packet))
    if data[9] == 17:
        data[24:26] = (len(data) - 20).to_bytes(2, "big")
    return bytes(data)


def unhex(text):
    return b"" if text == "-" else bytes.fromhex(text)


for line in sys.stdin:
    (spi, cipher, key, salt, integrity, integrity_key, esn, number, nat_t,
     outer, inner) = line.split()
    number = int(number)
    use_esn = esn == "1"
    packet = IP(unhex(outer))
    ports = None
    if nat_t == "1":
        ports = UDP(sport=packet[UDP].sport, dport=packet[UDP].dport)
    association = SecurityAssociation(
        ESP, spi=int(spi), crypt_algo=CIPHERS[cipher],
        crypt_key=unhex(key) + unhex(salt), auth_algo=INTEGRITY[integrity],
        auth_key=unhex(integrity_key) or None, nat_t_header=ports,
        tunnel_header=IP(src=packet.src, dst=packet.dst))
    plain_algorithm = association.auth_algo
    if use_esn:
        association.auth_algo = ExtendedNumbers(plain_algorithm, number >> 32)
    opened = association.decrypt(packet, esn_en=use_esn, esn=number >> 32)
    print(bytes(opened).hex())
    number += 2  # scapy takes a number of 0 for none
    if use_esn:
        association.auth_algo = ExtendedNumbers(plain_algorithm, number >> 32)
    sealed = association.encrypt(IP(unhex(inner)),
                                 seq_num=number & 0xffffffff,
                                 esn_en=use_esn, esn=number >> 32)
    print(with_udp_length(sealed).hex())
