"""What a printer says about itself, told apart on one stream by bit pattern (facts/devices.md §3.2)."""

from enum import StrEnum

import msgspec


class Blocked(StrEnum):
    paper_out = "paper_out"
    cover_open = "cover_open"
    cutter = "cutter"
    error = "error"
    offline = "offline"
    busy = "busy"
    unreachable = "unreachable"


class PrinterStatus(msgspec.Struct, frozen=True):
    """`answered` is False for a printer that says nothing: then nothing is known, least of all "paper out"."""

    blocked: Blocked | None = None
    paper_near_end: bool = False
    answered: bool = True


class RealTime(msgspec.Struct, frozen=True):
    """Answer to DLE EOT n. It does not carry its n: the asker must remember what it asked."""

    bits: int


class AutoStatus(msgspec.Struct, frozen=True):
    """Automatic Status Back: four bytes, unasked."""

    bits: bytes


class PaperSensor(msgspec.Struct, frozen=True):
    """Answer to GS r 1, given in order: everything sent before it has been dealt with."""

    bits: int


class BlockData(msgspec.Struct, frozen=True):
    """Header, data up to NUL: GS I and GS ( H answers."""

    header: int
    data: bytes


Reply = RealTime | AutoStatus | PaperSensor | BlockData

_BLOCK_HEADERS = frozenset((0x37, 0x3B, 0x3D, 0x5F))
_LONGEST_BLOCK = 256


class ReplyParser:
    """Incremental: takes bytes as they come, gives whole replies, forgets what makes no sense."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        self._buffer += data
        replies = []
        while self._buffer:
            length = _reply_length(self._buffer)
            if length is None:
                break
            if reply := _reply(bytes(self._buffer[:length])):
                replies.append(reply)
            del self._buffer[:length]
        return replies


def _reply_length(buffer: bytearray) -> int | None:
    """How many bytes the first reply takes; None while it is incomplete."""
    first = buffer[0]
    if first & 0x93 == 0x10:
        if any(byte & 0x90 for byte in buffer[1:4]):
            return 1  # not the auto status it began as: drop its first byte and look again
        return 4 if len(buffer) >= 4 else None
    if first in _BLOCK_HEADERS:
        end = next((place for place, byte in enumerate(buffer[1:], 1) if byte < 0x20), None)
        if end is None:
            return 1 if len(buffer) > _LONGEST_BLOCK else None
        return end + 1 if buffer[end] == 0 else 1  # only text stands in a block
    return 1


def _reply(data: bytes) -> Reply | None:
    first = data[0]
    if len(data) == 4 and first & 0x93 == 0x10:
        return AutoStatus(data)
    if first in _BLOCK_HEADERS and len(data) > 1:
        return BlockData(first, data[1:-1])
    if first & 0x93 == 0x12:
        return RealTime(first)
    if first & 0x90 == 0:
        return PaperSensor(first)
    return None  # XON, XOFF and noise


def interpret_real_time(answers: dict[int, int]) -> PrinterStatus:
    """`answers` maps the n of DLE EOT to the byte it brought; unanswered ones are left out."""
    printer, cause, error, paper = (answers.get(n, 0) for n in (1, 2, 3, 4))
    blocked = _first_of(
        cover_open=cause & 0x04,
        paper_out=cause & 0x20 or paper & 0x60,
        cutter=error & 0x08,
        error=cause & 0x40 or error & 0x64,
        offline=printer & 0x28,
    )
    return PrinterStatus(blocked, bool(paper & 0x0C), answered=bool(answers))


def interpret_auto_status(bits: bytes) -> PrinterStatus:
    printer, error, paper, _ = bits
    blocked = _first_of(
        cover_open=printer & 0x20,
        paper_out=paper & 0x0C,
        cutter=error & 0x08,
        error=error & 0x64,
        offline=printer & 0x08 or error & 0x01,
    )
    return PrinterStatus(blocked, bool(paper & 0x03))


def _first_of(*, cover_open: int, paper_out: int, cutter: int, error: int, offline: int) -> Blocked | None:
    """An open cover hides the paper sensor, and every cause sets "offline": the most telling one first."""
    causes = (
        (cover_open, Blocked.cover_open),
        (paper_out, Blocked.paper_out),
        (cutter, Blocked.cutter),
        (error, Blocked.error),
        (offline, Blocked.offline),
    )
    return next((blocked for bits, blocked in causes if bits), None)
