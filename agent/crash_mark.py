"""Marks which event is being applied at this moment, in a few bytes that outlive the process: whatever kills it, the
next one can tell at which event it died (facts/sync.md R10).

The bytes are written and not synced: they lie in the system's cache, which the death of a process leaves alone, and
cost a few microseconds an event. A power cut may lose them, and no event cuts the power.
"""

from contextlib import suppress
from pathlib import Path

import msgspec


class Marked(msgspec.Struct, frozen=True):
    log: str
    seq: int


_decode = msgspec.json.Decoder(Marked).decode


class CrashMark:
    """Belongs to one data file and its writer thread."""

    def __init__(self, path: Path) -> None:
        path.touch(0o600)
        self._file = path.open("r+b", buffering=0)

    def left(self) -> Marked | None:
        """What was running when the last process died; None where it died of something else, or not at all."""
        self._file.seek(0)
        with suppress(msgspec.MsgspecError):  # nothing was marked, or a power cut tore the line
            return _decode(self._file.readline())
        return None

    def put(self, log: str, seq: int) -> None:
        self._write(msgspec.json.encode(Marked(log, seq)))

    def clear(self) -> None:
        self._write(b"")

    def close(self) -> None:
        self._file.close()

    def _write(self, line: bytes) -> None:
        """One write from the beginning. What is left of a longer line before stays behind the line break."""
        self._file.seek(0)
        self._file.write(line + b"\n")
