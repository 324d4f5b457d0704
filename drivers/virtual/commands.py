"""Cutting an ESC/POS byte stream into commands, as the manufacturers' command pages give their lengths.

Real-time commands are cut out of the stream, too; `real_time.py` finds them wherever they stand.

Nothing is executed here. What is unknown is passed over safely: its two bytes are taken, the rest is text.
"""

from dataclasses import dataclass, field, replace

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is like "ESC @" or "TEXT"; `data` are its parameters, or the text's bytes; `size` is all its bytes."""

    name: str
    data: bytes = b""
    known: bool = True
    size: int = field(default=0, compare=False)

    @property
    def is_real_time(self) -> bool:
        """Carried out on receipt, whatever waits before it."""
        return self.name.startswith("DLE ")


_CONTROLS = {0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x0C: "FF", 0x18: "CAN", 0x00: "NUL", 0x07: "BEL"}
_PREFIXES = {ESC: "ESC", FS: "FS", GS: "GS"}

# How many parameter bytes follow; commands with a length of their own are in _variable_length.
_FIXED = {
    ESC: dict.fromkeys("@2LSimv", 0)
    | dict.fromkeys(" !%-3=?EGJMRTUVadertu{", 1)
    | dict.fromkeys("$B\\c", 2)
    | {"p": 3},
    FS: dict.fromkeys("&.", 0) | dict.fromkeys("!-CW", 1) | dict.fromkeys("Sp", 2),
    GS: {":": 0} | dict.fromkeys("!BHITabfhrw", 1) | dict.fromkeys("$LPW\\", 2) | {"^": 3},
}


class Tokenizer:
    """Incremental: a command cut in two by the network waits for its rest."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def unfinished(self) -> int:
        """Bytes of a command that has not come whole."""
        return len(self._buffer)

    @property
    def unfinished_real_time(self) -> int:
        return len(self._buffer) if self._buffer[:1] == bytes((DLE,)) else 0

    def forget(self) -> None:
        """The rest of an unfinished command will not come."""
        self._buffer = b""

    def feed(self, data: bytes) -> list[Command]:
        self._buffer += data
        commands = []
        while self._buffer:
            taken = _first(self._buffer)
            if taken is None:
                break
            command, length = taken
            commands.append(replace(command, size=length))
            self._buffer = self._buffer[length:]
        return commands


def _first(buffer: bytes) -> tuple[Command, int] | None:
    first = buffer[0]
    if first in _PREFIXES:
        return _escape(buffer)
    if first == DLE:
        return _real_time(buffer)
    if first < 0x20:
        name = _CONTROLS.get(first)
        return Command(name or f"{first:02X}", known=name is not None), 1
    length = next((i for i, byte in enumerate(buffer) if byte < 0x20), len(buffer))
    return Command("TEXT", buffer[:length]), length


def _escape(buffer: bytes) -> tuple[Command, int] | None:
    if len(buffer) < 2:
        return None
    prefix, letter = buffer[0], chr(buffer[1])
    name = f"{_PREFIXES[prefix]} {letter if letter.isprintable() else f'{buffer[1]:02X}'}"
    fixed = _FIXED[prefix].get(letter)
    length = fixed if fixed is not None else _variable_length(prefix, letter, buffer[2:])
    if length == _UNKNOWN:
        return Command(name, known=False), 2
    if length is None or len(buffer) < 2 + length:
        return None
    return Command(name, buffer[2 : 2 + length]), 2 + length


_UNKNOWN = -1


def _variable_length(prefix: int, letter: str, rest: bytes) -> int | None:
    """Bytes after the two of the command; None until that can be told, _UNKNOWN for no such command."""
    match prefix, letter:
        case (0x1D, "V"):
            return None if not rest else 2 if rest[0] in (65, 66, 97, 98, 103, 104) else 1
        case (0x1D, "k"):
            return _barcode_length(rest)
        case (0x1B | 0x1C | 0x1D, "("):
            return None if len(rest) < 3 else 3 + _number(rest[1:3])
        case (0x1D, "8"):
            return None if len(rest) < 5 else 5 + _number(rest[1:5])
        case (0x1D, "v"):
            return None if len(rest) < 6 else 6 + _number(rest[2:4]) * _number(rest[4:6])
        case (0x1B, "*"):
            return None if len(rest) < 3 else 3 + _number(rest[1:3]) * (3 if rest[0] in (32, 33) else 1)
        case (0x1B, "D"):
            end = rest.find(0)
            return None if end < 0 else end + 1
        case _:
            return _UNKNOWN


def _barcode_length(rest: bytes) -> int | None:
    """GS k m: up to 6 the data end with NUL, from 65 on they are counted."""
    if not rest:
        return None
    if rest[0] >= 65:
        return None if len(rest) < 2 else 2 + rest[1]
    end = rest.find(0, 1)
    return None if end < 0 else end + 1


def _real_time(buffer: bytes) -> tuple[Command, int] | None:
    if len(buffer) < 3:
        return None
    match buffer[1], buffer[2]:
        case (0x04, n):
            return Command("DLE EOT", bytes((n,))), 3
        case (0x05, n):
            return Command("DLE ENQ", bytes((n,))), 3
        case (0x14, fn) if fn in (1, 2, 8):
            length = {1: 5, 2: 5, 8: 10}[fn]
            return (Command("DLE DC4", buffer[2:length]), length) if len(buffer) >= length else None
        case _:
            return Command("DLE", known=False), 1


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
