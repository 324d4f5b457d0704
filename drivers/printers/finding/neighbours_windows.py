"""Which network card stands behind an IPv4 address: the system's table of neighbours, read, never filled by us."""

import ctypes
import ipaddress
import struct
from ctypes import wintypes

_BUFFER_TOO_SMALL = 122
_ROW = struct.Struct("<II8s4sI")
"""MIB_IPNETROW: interface, length of the MAC, the MAC, the IPv4 address, how it is known."""
_MAC_LENGTH = 6
_INVALID = 2
"""MIB_IPNET_TYPE_INVALID."""


def table(raw: bytes | None = None) -> dict[str, str]:
    """IPv4 address to MAC; empty where the system does not tell."""
    return _parsed(_raw() if raw is None else raw)


def _raw() -> bytes:
    ask = ctypes.CDLL("iphlpapi").GetIpNetTable  # 64-bit Windows has one calling convention
    size = wintypes.ULONG(0)
    if ask(None, ctypes.byref(size), False) != _BUFFER_TOO_SMALL:
        return b""
    buffer = ctypes.create_string_buffer(size.value + 16 * _ROW.size)  # it may grow between the two calls
    size.value = len(buffer)
    return bytes(buffer) if ask(buffer, ctypes.byref(size), False) == 0 else b""


def _parsed(raw: bytes) -> dict[str, str]:
    count = int.from_bytes(raw[:4], "little")
    rows = _ROW.iter_unpack(raw[4 : 4 + count * _ROW.size])
    return {
        str(ipaddress.IPv4Address(address)): mac[:length].hex(":")
        for _, length, mac, address, kind in rows
        if length == _MAC_LENGTH and kind != _INVALID
    }
