"""The account that Windows makes for a service: `NT SERVICE\\NAME`."""

import hashlib
import struct


def service_sid(name: str) -> str:
    """As `sc showsid NAME` tells it: 80 for services, then the SHA-1 of the upper-case name. The same on every PC, so
    access lists can be written before the service is there and hold after it was removed and put back."""
    digest = hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join(("S-1-5-80", *map(str, struct.unpack("<5I", digest))))
