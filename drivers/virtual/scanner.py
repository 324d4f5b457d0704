"""A serial scanner made of software, on a pseudo-terminal (Linux and macOS)."""

import os
import select
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from drivers.virtual.pty_line import PtyLine
from drivers.virtual.uart import as_read


class VirtualScanner:
    """`path` is what an agent opens; it stays the same through unplugging, unless it is replugged under another number.
    Whatever anybody writes to `trigger_path` comes out of the scanner (`printf '8123…\\r' > /dev/pts/N`). One thread
    relays it.

    A program without a terminal of its own opens `trigger_path` with O_NOCTTY, or its end would end that program.
    """

    def __init__(self, *, speed: int | None = None) -> None:
        """With a `speed` it hangs on a real line: who reads at another gets what a UART would give it."""
        self._speed = speed
        self._folder = tempfile.TemporaryDirectory(prefix="yaolink-scanner-")
        self.path = self._numbered(0)
        self._lock = threading.Lock()
        self._line: PtyLine | None = None
        self._trigger = PtyLine()
        self.trigger_path = self._trigger.path
        self._wakened, self._waker = os.pipe()
        self.replug()
        self._thread = threading.Thread(target=self._relay, name=f"virtual scanner {self.path}", daemon=True)
        self._thread.start()

    def scan(self, code: str | bytes, ending: str = "\r") -> None:
        self.write((code.encode() if isinstance(code, str) else code) + ending.encode())

    def write(self, data: bytes) -> None:
        """Raw bytes; lost while unplugged."""
        with self._lock:
            if self._line:
                self._line.write(self._on_the_line(self._line, data))

    @property
    def is_plugged_in(self) -> bool:
        with self._lock:
            return self._line is not None

    def unplug(self) -> None:
        with self._lock:
            if self._line:
                Path(self.path).unlink()
                self._line.close()
                self._line = None

    def replug(self, number: int | None = None) -> None:
        """Under another `number`, as ttyACM0 becomes ttyACM1 while a program still holds the old one."""
        with self._lock:
            if not self._line:
                self.path = self.path if number is None else self._numbered(number)
                self._line = PtyLine()
                Path(self.path).symlink_to(self._line.path)

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        os.write(self._waker, b"!")
        self._thread.join()
        self.unplug()
        self._trigger.close()
        os.close(self._waker)
        os.close(self._wakened)
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _numbered(self, number: int) -> str:
        return str(Path(self._folder.name) / f"ttyVIRTUAL{number}")

    def _on_the_line(self, line: PtyLine, data: bytes) -> bytes:
        return data if self._speed is None else as_read(data, self._speed, line.speed or self._speed)

    def _relay(self) -> None:
        while True:
            ready, _, _ = select.select([self._trigger.near, self._wakened], [], [])
            if self._wakened in ready:
                return
            with suppress(BlockingIOError):
                self.write(os.read(self._trigger.near, 4096))
