"""A serial scanner made of software, on a pseudo-terminal (Linux and macOS)."""

import os
import select
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from drivers.virtual.pty_line import PtyLine


class VirtualScanner:
    """`path` is what an agent opens; it stays the same through unplugging. Whatever anybody writes to
    `trigger_path` comes out of the scanner (`printf '8123…\\r' > /dev/pts/N`). One thread relays it.

    A program without a terminal of its own opens `trigger_path` with O_NOCTTY, or its end would end that program.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="yaolink-scanner-")
        self.path = str(Path(self._folder.name) / "tty")
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
                self._line.write(data)

    def unplug(self) -> None:
        with self._lock:
            if self._line:
                Path(self.path).unlink()
                self._line.close()
                self._line = None

    def replug(self) -> None:
        with self._lock:
            if not self._line:
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

    def _relay(self) -> None:
        while True:
            ready, _, _ = select.select([self._trigger.near, self._wakened], [], [])
            if self._wakened in ready:
                return
            with suppress(BlockingIOError):
                self.write(os.read(self._trigger.near, 4096))
