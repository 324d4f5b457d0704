"""Replies in blocks, header to NUL (Epson's pages on GS I and GS ( H, and pp. 425-431 of its TM-T88III guide)."""

from dataclasses import dataclass
from enum import IntEnum

from drivers.virtual.faults import Fault, real_time_status

_IDENTITY, _RESPONSE = 0x5F, 0x37
_PROCESS_ID, _OFFLINE = 0x22, 0x23
CLEARED = b"\x37\x25\x00"
"""After DLE DC4 function 8."""
POWERED_OFF = b"\x3b\x30\x00"
"""After DLE DC4 function 2."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What GS I says. An empty text is answered with none, as by models that do not know it."""

    maker: str = "YAOLINK"
    model: str = "VP-80"
    serial: str = "V000001"
    firmware: str = "1.00"


OURS = Identity()


class Offline(IntEnum):
    """What GS ( H function 49 chose."""

    untold = 0
    told = 1
    told_with_cause = 2


def identity_reply(identity: Identity, n: int) -> bytes:
    """GS I 65-68: firmware, maker, model, serial number; 1-3: the one-byte ids of a model with Hanzi and a cutter."""
    match n:
        case 65 | 66 | 67 | 68:
            said = (identity.firmware, identity.maker, identity.model, identity.serial)[n - 65]
            return bytes((_IDENTITY, *said.encode("ascii"), 0))
        case 1 | 49:
            return b"\x20"
        case 2 | 50:
            return b"\x03"
        case 3 | 51:
            return b"\x01"
        case _:
            return b""


def process_id_reply(process_id: bytes) -> bytes:
    return bytes((_RESPONSE, _PROCESS_ID, *process_id, 0))


def offline_reply(wanted: Offline, fault: Fault) -> bytes:
    """The cause differs by model (40H-7FH): here the bits of DLE EOT 2, the error bit moved to bit 3."""
    if wanted is Offline.untold:
        return b""
    bits = real_time_status(fault, 2) & 0x24 | (0x08 if real_time_status(fault, 3) & 0x68 else 0)
    cause = (0x40 | bits,) if wanted is Offline.told_with_cause else ()
    return bytes((_RESPONSE, _OFFLINE, *cause, 0))
