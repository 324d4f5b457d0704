"""At which speed a scanner on RS-232 sends. Pure: it judges what was read at one speed and says which to try next.

A line read at the wrong speed yields bytes that no code contains: NUL, 0xFF, 0x80, 0xFE. What came with them cannot be
restored, so a scan is needed for each wrong guess; once the speed is found, none is.
"""

import re

SPEEDS = (9600, 115200, 19200, 38400, 57600, 4800, 2400)
"""Factory settings first: 9600 is the field's, 115200 Honeywell's."""

_CODE = re.compile(rb"[\x1c-\x1f\x20-\x7e]{8,}[\r\n\t]*(?:[\x1c-\x1f\x20-\x7e]{8,}[\r\n\t]*)*")
_LETTERS = re.compile(rb"[0-9A-Za-z\r\n\t]")
_SHARE = 0.75
"""So many letters and digits has a code; noise that is printable by chance has fewer."""
_DOUBTS = 3
"""So many unreadable scans in a row, and the scanner was set to another speed."""


class SpeedFinder:
    """`speed` is what the line is to be read at, `found` whether a code was read at it, `guesses` how many speeds were
    wrong since."""

    def __init__(self, known: int | None = None) -> None:
        """`known` is the speed that worked last time."""
        self._order = SPEEDS if known is None or known in SPEEDS else (known, *SPEEDS)
        self.speed = known or SPEEDS[0]
        self.found = known is not None
        self.guesses = 0
        self._doubts = 0

    def read(self, burst: bytes) -> bool:
        """Whether this, read at `speed` and followed by silence, is a scan. Once the speed is found, all is taken for
        one: a QR code may hold bytes of any kind."""
        if _is_code(burst):
            self.found, self.guesses, self._doubts = True, 0, 0
        elif not self.found:
            self._next()
        elif _is_text(burst):
            self._doubts = 0
        else:
            self._doubts += 1
            if self._doubts >= _DOUBTS:
                self.found, self._doubts = False, 0
                self._next()
                return True
        return self.found

    def _next(self) -> None:
        self.guesses += 1
        self.speed = self._order[(self._order.index(self.speed) + 1) % len(self._order)]


def _is_code(burst: bytes) -> bool:
    return _CODE.fullmatch(burst) is not None and len(_LETTERS.findall(burst)) >= _SHARE * len(burst)


def _is_text(burst: bytes) -> bool:
    """Chinese in a QR code comes as UTF-8 or GBK."""
    for encoding in ("utf-8", "gbk"):
        try:
            text = burst.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(char.isprintable() or char in "\r\n\t\x1d\x1e\x04" for char in text)
    return False
