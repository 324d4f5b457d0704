"""A serial line whose speed is found by what comes of it. Until then whole bursts are held back, from the first byte to
the silence, so that noise is no scan and the first code read at the right speed is not lost."""

from typing import Protocol

from drivers.scanners.base import Line
from drivers.scanners.framing import LONGEST_SCAN
from drivers.scanners.speeds import SpeedFinder
from drivers.scanners.trouble import Trouble


class Tunable(Line, Protocol):
    def tune(self, speed: int) -> None: ...


class TuningLine:
    """`finder` outlives it: a scanner that comes back sends as it did before."""

    def __init__(self, line: Tunable, finder: SpeedFinder) -> None:
        self._line, self._finder = line, finder
        self._burst = bytearray()

    @property
    def path(self) -> str:
        return self._line.path

    @property
    def speed(self) -> int | None:
        return self._finder.speed if self._finder.found else None

    @property
    def trouble(self) -> Trouble | None:
        """A line of which nothing came yet is in none."""
        return Trouble.SPEED if self._finder.guesses else None

    def read(self) -> bytes:
        while data := self._line.read():
            self._burst += data
            if self._finder.found:
                del self._burst[:-LONGEST_SCAN]
                return data
            if len(self._burst) > LONGEST_SCAN:
                break
        return self._judged()

    def close(self) -> None:
        self._line.close()

    def _judged(self) -> bytes:
        """What was held back, now that it is followed by silence."""
        burst, given, before = bytes(self._burst), self._finder.found, self._finder.speed
        self._burst.clear()
        if not burst:
            return b""
        is_scan = self._finder.read(burst)
        if self._finder.speed != before:
            self._line.tune(self._finder.speed)
        return burst if is_scan and not given else b""
