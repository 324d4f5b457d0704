"""Listening for a reply within a time."""

import time
from collections.abc import Iterable, Iterator

from drivers.printers.line import Line
from drivers.printers.status import Reply

WELL = b"\x12"


class Wire:
    """Of each piece: what one read brings. An empty one takes its whole time; after the last there is silence."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)

    def write(self, data: bytes) -> None:
        raise AssertionError("nobody writes here")

    def read(self, timeout: float) -> bytes:
        piece = next(self._pieces, b"")
        if not piece:
            time.sleep(timeout)
        return piece

    def fileno(self) -> None:
        return None

    def close(self) -> None:
        pass


def hears(*pieces: bytes, within: float) -> bool:
    line, heard = Line(Wire(pieces), "tcp://somewhere"), list[Reply]()
    line.tell(heard.append)
    return line.listen_until(lambda: heard, within)


def test_a_reply_ends_the_listening() -> None:
    assert hears(WELL, within=3600.0)


def test_a_reply_that_is_there_when_the_time_is_over_counts() -> None:
    """The computer slept during its first look."""
    assert hears(b"", WELL, within=0.05)


def test_silence_ends_with_its_time() -> None:
    assert not hears(within=0.05)
