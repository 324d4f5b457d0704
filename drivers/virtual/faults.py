"""What ails the virtual printer, in the words of Epson's status tables (facts/devices.md §3.2)."""

from typing import Literal

Fault = Literal["paper_out", "cover_open", "offline", "cutter", "paper_near_end"]

_NORMAL = 0x12
_REAL_TIME: dict[Fault, dict[int, int]] = {
    "paper_out": {1: 0x08, 2: 0x20, 4: 0x6C},
    "cover_open": {1: 0x08, 2: 0x04},
    "offline": {1: 0x08},
    "cutter": {1: 0x08, 2: 0x40, 3: 0x08},
    "paper_near_end": {4: 0x0C},
}
_AUTO: dict[Fault, tuple[int, int, int]] = {
    "paper_out": (0x08, 0, 0x0F),
    "cover_open": (0x28, 0, 0),
    "offline": (0x08, 0, 0),
    "cutter": (0x08, 0x08, 0),
    "paper_near_end": (0, 0, 0x03),
}


def stops_printing(fault: Fault | None) -> bool:
    return fault not in (None, "paper_near_end")


def real_time_status(fault: Fault | None, n: int) -> int:
    """The answer to DLE EOT n."""
    return _NORMAL | (_REAL_TIME[fault].get(n, 0) if fault else 0)


def auto_status(fault: Fault | None) -> bytes:
    """The four bytes of Automatic Status Back."""
    first, second, third = _AUTO[fault] if fault else (0, 0, 0)
    return bytes((0x10 | first, second, third, 0))


def paper_sensor(fault: Fault | None) -> int:
    """The answer to GS r 1."""
    return {"paper_out": 0x0F, "paper_near_end": 0x03}.get(fault or "", 0)
