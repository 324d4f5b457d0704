"""From a stream of bytes to single scans. Pure: it knows no device and no clock."""

import logging
import re

log = logging.getLogger(__name__)

LONGEST_SCAN = 7089
"""Digits in the largest QR code there is; more than that is a fault of the line, not a scan."""

_ENDINGS = re.compile(rb"[\r\n\t]")
_HABIT = 2
"""So many scans in a row with an ending, and this scanner is known to send one."""
_CUT_OFF = 5
"""Silences after which such a scanner's ending will not come any more. A radio link or a loaded computer may well be
silent in the middle of a scan, but not that long; and nobody scans twice within it."""


class Framer:
    """CR, LF, CRLF and TAB end a scan, and so does silence. GS (0x1D) belongs to GS1 data and passes.

    Of a scanner that is known to send endings, a scan without one was cut off: it is dropped, for half a code may look
    like a whole one (a lot without its last digit). If its settings were changed, this costs one scan.
    """

    def __init__(self) -> None:
        self._partial = bytearray()
        self._overlong = False
        self._ended = 0
        self._silences = 0

    def feed(self, data: bytes) -> list[bytes]:
        self._silences = 0
        *ended, rest = _ENDINGS.split(data)
        scans = []
        for piece in ended:
            self._add(piece)
            if self._partial:
                scans.append(bytes(self._partial))
                self._ended += 1
            self.discard()
        self._add(rest)
        return scans

    def idle(self) -> list[bytes]:
        """The line has been silent for another IDLE_S: what is there is whole, or will never be."""
        if not self._partial and not self._overlong:
            return []
        self._silences += 1
        if self._ended >= _HABIT and self._silences < _CUT_OFF:
            return []
        scan, habit = bytes(self._partial), self._ended >= _HABIT
        self._ended = 0
        self.discard()
        if habit and scan:
            log.warning("a scan of %d bytes came without its ending: cut off, dropped", len(scan))
            return []
        return [scan] if scan else []

    def discard(self) -> None:
        """The scanner is gone: half a scan must never become the head of the next."""
        self._partial.clear()
        self._overlong = False
        self._silences = 0

    def _add(self, piece: bytes) -> None:
        if self._overlong:
            return
        self._partial += piece
        if len(self._partial) > LONGEST_SCAN:
            log.warning("over %d bytes without an ending: no scan, dropped up to the next ending", LONGEST_SCAN)
            self._overlong = True
            self._partial.clear()
