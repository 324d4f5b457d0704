"""Real-time commands are obeyed wherever their bytes stand, even within another command, whose bytes they stay, too
(Epson's notes on DLE EOT, DLE ENQ and DLE DC4).
"""

import re
from collections.abc import Iterator

_COMMANDS = re.compile(
    rb"\x10(?:\x04[\x01-\x04]|\x05[\x01\x02]|\x14(?:\x01[\x00\x01][\x01-\x08]|\x02\x01\x08|\x08\x01\x03\x14\x01\x06\x02\x08))",
    re.DOTALL,
)
_LONGEST = 10


class RealTimeScanner:
    """Incremental."""

    def __init__(self) -> None:
        self._before = b""

    def split(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The data in parts, each with the real-time command that ends there; the last part has none (empty)."""
        known = len(self._before)
        stream = self._before + data
        done = known
        found = None
        for found in _COMMANDS.finditer(stream):
            yield stream[done : found.end()], found[0]
            done = found.end()
        yield stream[done:], b""
        self._before = stream[max(found.end() if found else 0, len(stream) - _LONGEST + 1) :]
