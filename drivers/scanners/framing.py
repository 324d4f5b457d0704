"""From a stream of bytes to single scans. Pure: it knows no device and no clock."""

import logging
import re

log = logging.getLogger(__name__)

IDLE_S = 0.12
"""Silence that ends a scan of a scanner set to send no ending (facts/compliance.md §3.3)."""

LONGEST_SCAN = 7089
"""Digits in the largest QR code there is; more than that is a fault of the line, not a scan."""

_ENDINGS = re.compile(rb"[\r\n\t]")


class Framer:
    """CR, LF, CRLF and TAB end a scan, and so does silence. GS (0x1D) belongs to GS1 data and passes."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        *ended, rest = _ENDINGS.split(data)
        scans = []
        for piece in ended:
            self._add(piece)
            scans += self.idle()
        self._add(rest)
        return scans

    def idle(self) -> list[bytes]:
        """The line has been silent for IDLE_S: what is there is whole."""
        scan = bytes(self._partial)
        self.discard()
        return [scan] if scan else []

    def discard(self) -> None:
        """The scanner is gone: half a scan must never become the head of the next."""
        self._partial.clear()
        self._overlong = False

    def _add(self, piece: bytes) -> None:
        if self._overlong:
            return
        self._partial += piece
        if len(self._partial) > LONGEST_SCAN:
            log.warning("over %d bytes without an ending: no scan, dropped up to the next ending", LONGEST_SCAN)
            self._overlong = True
            self._partial.clear()
