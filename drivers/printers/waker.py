"""An event that `select` can wait on beside a wire: wakes the one thread that owns a printer."""

import select
import socket
from contextlib import suppress

_ENOUGH = 4096


class Waker:
    """`set` may be called from any thread; the rest belongs to the thread that waits."""

    def __init__(self) -> None:
        self._inside, self._outside = socket.socketpair()
        for end in (self._inside, self._outside):
            end.setblocking(False)

    def set(self) -> None:
        with suppress(OSError):  # set many times over, or nobody waits any more
            self._outside.send(b"!")

    def clear(self) -> None:
        with suppress(BlockingIOError):
            while len(self._inside.recv(_ENOUGH)) == _ENOUGH:
                pass

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Whether it was set by then. Stays set until `clear`."""
        ready, _, _ = select.select([self._inside], [], [], max(seconds, 0))
        return bool(ready)

    def fileno(self) -> int:
        return self._inside.fileno()

    def close(self) -> None:
        self._inside.close()
        self._outside.close()
