"""What GetIpNetTable answers: a count, then rows (MIB_IPNETTABLE)."""

import struct
from ipaddress import IPv4Address

from drivers.printers.finding.neighbours_windows import table


def row(address: str, mac: str, kind: int = 3) -> bytes:
    card = bytes.fromhex(mac)
    return struct.pack("<II8s4sI", 7, len(card), card, IPv4Address(address).packed, kind)


def test_addresses_with_their_cards() -> None:
    rows = [row("192.168.1.50", "0026ab123456"), row("192.168.1.51", "0026ab123457", kind=2), row("192.168.1.52", "")]
    raw = struct.pack("<I", len(rows)) + b"".join(rows) + b"what the buffer held before"
    assert table(raw) == {"192.168.1.50": "00:26:ab:12:34:56"}


def test_no_table() -> None:
    assert table(b"") == {}
