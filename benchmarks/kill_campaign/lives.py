"""One program of the campaign: begun, killed, stopped short, begun again. Only processes that are ours are touched,
each by a handle that no other process can have."""

import os
import select
import signal
from pathlib import Path

from benchmarks.kill_campaign.nest import Nest, Wish

_LINES = 40
_ENDS_S = 20.0
"""How long a program gets to end in good order."""


class EndedByItself(RuntimeError):
    """Nobody killed it: that is a flaw of the product; its last words are in the message."""


class Life:
    """A program under one command line. `begin` after an end begins it anew."""

    def __init__(self, nest: Nest, wish: Wish) -> None:
        self._nest, self.wish = nest, wish
        self._handle: int | None = None

    def begin(self) -> None:
        self._handle = os.pidfd_open(self._nest.bear(self.wish))

    @property
    def lives(self) -> bool:
        return self._handle is not None and not _ended(self._handle, 0.0)

    def kill(self) -> None:
        """As if its power went: no handler runs. Returns once it is gone. Raises EndedByItself."""
        if not self.lives:
            raise EndedByItself(f"the {self.wish.program} of {self.wish.log}:\n{self._last_words()}")
        self._end(signal.SIGKILL)

    def expect_end(self, within: float) -> bool:
        """Whether it ended by itself, as a flaw makes it."""
        assert self._handle is not None
        ended = _ended(self._handle, within)
        if ended:
            self._forget()
        return ended

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """In good order; by force if that takes too long. Nothing happens to one that is not alive."""
        if self._handle is not None:
            self.thaw()
            self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        self._signal(how)
        assert self._handle is not None
        if not _ended(self._handle, _ENDS_S):
            self._signal(signal.SIGKILL)
            _ended(self._handle, _ENDS_S)
        self._forget()

    def _last_words(self) -> str:
        return "\n".join(Path(self.wish.log).read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES:])

    def _forget(self) -> None:
        assert self._handle is not None
        os.close(self._handle)
        self._handle = None

    def _signal(self, which: signal.Signals) -> None:
        if self._handle is not None and not _ended(self._handle, 0.0):
            signal.pidfd_send_signal(self._handle, which)


def _ended(handle: int, within: float) -> bool:
    return bool(select.select([handle], [], [], within)[0])
