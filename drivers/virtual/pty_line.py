"""A pseudo-terminal as a serial line (Linux and macOS)."""

import os
import pty
import select
import termios
import tty
from contextlib import suppress

_WRITE_S = 0.5
_SPEEDS = {getattr(termios, f"B{speed}"): speed for speed in (2400, 4800, 9600, 19200, 38400, 57600, 115200)}


class PtyLine:
    """In raw mode: no echo, no translation. Our hold on the far end keeps it so when nobody has it open."""

    def __init__(self) -> None:
        self.near, self.far = pty.openpty()
        tty.setraw(self.far)
        os.set_blocking(self.near, False)
        self.path = os.ttyname(self.far)

    @property
    def speed(self) -> int | None:
        """What whoever reads at the far end has set."""
        return _SPEEDS.get(termios.tcgetattr(self.far)[5])

    def write(self, data: bytes) -> None:
        """What nobody reads is lost once the line is full, as on a real cable."""
        while data and select.select([], [self.near], [], _WRITE_S)[1]:
            with suppress(BlockingIOError):
                data = data[os.write(self.near, data) :]

    def close(self) -> None:
        os.close(self.near)
        os.close(self.far)
