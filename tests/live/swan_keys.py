"""From a log of charon to the key tables of Wireshark.

charon prints what it derives when it logs `ike` and `chd` at level 4, and whose
it is when it logs `mgr` at level 2. Its threads take turns in the log, so a
state is kept for each: what message the thread works on, which keys it has just
derived, and then, when it names the SPIs, an entry of

- ikev2_decryption_table: SPIs of the IKE SA, SK_ei, SK_er, SK_ai, SK_ar;
- esp_sa: one line a direction, for ESP within UDP as for raw ESP.

    tables = KeyTables(swan.log())
    tables.write(folder)            # to be given to tshark: capture.tshark()
"""

import collections
import os
import re

LINE = re.compile(r"\S+ (\d+)\[(\w+)\] ?(.*)")
DUMP = re.compile(r"\s*\d+: ((?:[0-9A-F]{2} ){0,15}[0-9A-F]{2})")
SECRET = re.compile(r"(Sk_[ae][ir]) secret => (\d+) bytes"
                    r"|(encryption|integrity) (initiator|responder) key => "
                    r"(\d+) bytes")

IKE_ENCRYPTION = {
    "AES_CBC_128": "AES-CBC-128 [RFC3602]",
    "AES_CBC_256": "AES-CBC-256 [RFC3602]",
    "AES_GCM_16_128": "AES-GCM-128 with 16 octet ICV [RFC5282]",
    "AES_GCM_16_256": "AES-GCM-256 with 16 octet ICV [RFC5282]",
}
IKE_INTEGRITY = {
    "HMAC_SHA1_96": "HMAC_SHA1_96 [RFC2404]",
    "HMAC_SHA2_256_128": "HMAC_SHA2_256_128 [RFC4868]",
    "HMAC_SHA2_384_192": "HMAC_SHA2_384_192 [RFC4868]",
    "HMAC_SHA2_512_256": "HMAC_SHA2_512_256 [RFC4868]",
}
ESP_ENCRYPTION = {
    "AES_CBC": "AES-CBC [RFC3602]",
    "AES_GCM_16": "AES-GCM with 16 octet ICV [RFC4106]",
}
ESP_INTEGRITY = {
    "HMAC_SHA1_96": "HMAC-SHA-1-96 [RFC2404]",
    "HMAC_SHA2_256_128": "HMAC-SHA-256-128 [RFC4868]",
    "HMAC_SHA2_384_192": "HMAC-SHA-384-192 [RFC4868]",
    "HMAC_SHA2_512_256": "HMAC-SHA-512-256 [RFC4868]",
}


class Thread:
    """What a thread of charon has said and we have not used yet."""

    def __init__(self):
        self.requested = False  # it works on a request: the peer is initiator
        self.direction = None
        self.at_work = None  # the SPIs of the IKE SA that it works on
        self.dump = None  # the secret whose dump follows, and its length
        self.keys = {}

    def take(self, *names):
        keys = {name: self.keys.pop(name, "") for name in names}
        return keys if keys[names[0]] else None


class KeyTables:
    """The keys in the logs of one charon, or of several which may have SAs in
    common."""

    def __init__(self, *logs):
        self.ike, self.esp, self.ike_spis, self.esp_spis = [], [], set(), set()
        for log in logs:
            self.proposal = {"IKE": [], "ESP": []}
            self.threads = collections.defaultdict(Thread)
            for line in log.splitlines():
                found = LINE.match(line)
                if found:
                    self._line(self.threads[found.group(1)], found.group(3))

    def _line(self, thread, text):
        if thread.dump and self._dumped(thread, text):
            return
        thread.dump = None
        found = SECRET.match(text)
        if found:
            name = found.group(1) or f"{found.group(3)} {found.group(4)}"
            thread.keys[name] = ""
            thread.dump = (name, int(found.group(2) or found.group(5)))
            return
        found = re.match(r"selected proposal: (IKE|ESP):(\S+)", text)
        if found:
            self.proposal[found.group(1)] = found.group(2).split("/")
        found = re.match(r"parsed \S+ (request|response)", text)
        if found:
            thread.requested = found.group(1) == "request"
        found = re.match(r"check(in|out) IKEv2 SA .*with SPIs (\w+)_i (\w+)_r",
                         text)
        if found and found.group(1) == "out":
            thread.at_work = found.group(2, 3)
        elif found:
            self._ike_sa(thread, *found.group(2, 3))
        elif text.startswith("checkin and destroy") and thread.at_work:
            self._ike_sa(thread, *thread.at_work)  # it failed, with keys
        found = re.match(r"(?:adding|registering) (in|out)bound ESP SA", text)
        if found:
            thread.direction = found.group(1)
        found = re.match(r"\s*SPI 0x(\w+), src (\S+) dst (\S+)", text)
        if found and thread.direction:
            self._esp_sa(thread, *found.groups())
            thread.direction = None

    @staticmethod
    def _dumped(thread, text):
        name, length = thread.dump
        found = DUMP.match(text)
        if found is None:
            return False
        missing = length - len(thread.keys[name]) // 2
        octets = found.group(1).split()[:missing]
        thread.keys[name] += "".join(octets).lower()
        return True

    def _ike_sa(self, thread, initiator, responder):
        if int(responder, 16) == 0 or (initiator, responder) in self.ike_spis:
            return
        keys = thread.take("Sk_ei", "Sk_er", "Sk_ai", "Sk_ar")
        if keys is None:
            return
        self.ike_spis.add((initiator, responder))
        encryption = IKE_ENCRYPTION[self.proposal["IKE"][0]]
        integrity = IKE_INTEGRITY.get(self.proposal["IKE"][1], "NONE [RFC4306]")
        self.ike.append(f'{initiator},{responder},{keys["Sk_ei"]},'
                        f'{keys["Sk_er"]},"{encryption}",{keys["Sk_ai"]},'
                        f'{keys["Sk_ar"]},"{integrity}"')

    def _esp_sa(self, thread, spi, source, destination):
        # The initiator of the exchange sends with the initiator's keys.
        ours = "responder" if thread.requested else "initiator"
        theirs = "initiator" if thread.requested else "responder"
        whose = theirs if thread.direction == "in" else ours
        keys = thread.take(f"encryption {whose}", f"integrity {whose}")
        if keys is None or (spi, destination) in self.esp_spis:
            return
        self.esp_spis.add((spi, destination))
        encryption, integrity = keys.values()
        cipher = re.sub(r"_(128|192|256)$", "", self.proposal["ESP"][0])
        mac = ESP_INTEGRITY.get(self.proposal["ESP"][1], "NULL")
        self.esp.append(
            f'"IPv4","{source}","{destination}","0x{int(spi, 16):08x}",'
            f'"{ESP_ENCRYPTION[cipher]}","0x{encryption}",'
            f'"{mac}","{"0x" + integrity if integrity else ""}"')

    def write(self, folder):
        for name, lines in (("ikev2_decryption_table", self.ike),
                            ("esp_sa", self.esp)):
            with open(os.path.join(folder, name), "w") as file:
                file.write("".join(line + "\n" for line in lines))
        return folder
