"""The virtual printer on a serial line: one client for ever, and nobody can be refused."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from drivers.virtual.links import Link
from drivers.virtual.pty_line import PtyLine


class SerialLink:
    def __init__(self, line: PtyLine) -> None:
        self._line = line
        self._is_open = True

    def fileno(self) -> int:
        return self._line.near if self._is_open else -1

    def receive(self, most: int) -> bytes:
        try:
            return os.read(self._line.near, most)
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self._line.near, data)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._line.close()

    def reset(self) -> None:
        self.close()


class SerialDoor:
    """`path` stays the same through unplugging; each time it is plugged in again the line behind it is new."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="yaolink-printer-")
        self.path = str(Path(self._folder.name) / "tty")
        self._always_readable, self._waker = os.pipe()
        os.write(self._waker, b"!")
        self._is_shut = False
        self._waiting: SerialLink | None = self._plug_in()
        self._admitted: SerialLink | None = None

    @property
    def address(self) -> str:
        return f"serial://{self.path}"

    def fileno(self) -> int:
        is_taken = self._admitted is not None and self._admitted.fileno() >= 0
        return -1 if self._is_shut or is_taken else self._always_readable

    def admit(self) -> Link | None:
        self._admitted, self._waiting = self._waiting or self._plug_in(), None
        return self._admitted

    def shut(self) -> None:
        self._is_shut = True
        Path(self.path).unlink(missing_ok=True)

    def open(self) -> None:
        self._is_shut = False

    def close(self) -> None:
        if self._waiting:
            self._waiting.close()
        Path(self.path).unlink(missing_ok=True)
        os.close(self._waker)
        os.close(self._always_readable)
        self._folder.cleanup()

    def _plug_in(self) -> SerialLink:
        line = PtyLine()
        Path(self.path).unlink(missing_ok=True)
        Path(self.path).symlink_to(line.path)
        return SerialLink(line)
