"""The open edge streams of this process, as the rest of the hub can reach them: woken by hints, ended by a bye."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from cloud.tokens import Token
from domain.protocol import Bye, Cursor
from domain.times import Millis

SPREAD_SECONDS = 30.0
"""Ten thousand agents coming back within it leave the hub answering (facts/sync.md §3.2)."""


def _nobody() -> None:
    """Nobody serves this follower yet."""


class Follower:
    """What one stream has sent so far, and what is asked of it. Everything runs in the loop's thread.

    `wake` is called after each change; its stream puts itself there.
    """

    __slots__ = ("__weakref__", "accepts", "bye", "cursors", "due", "gone", "store", "token", "wake")

    def __init__(
        self,
        store: str,
        token: Token,
        cursors: Iterable[Cursor],
        accepts: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.store, self.token = store, token
        self.cursors = {cursor.log: cursor for cursor in cursors}
        self.accepts = accepts
        """Kinds of events with the highest version it reads; empty: all of this hub's."""
        self.due: set[str] = set()
        """Logs to be read for it."""
        self.bye: Bye | None = None
        self.gone = False
        self.wake: Callable[[], None] = _nobody

    def hint(self, log: str) -> None:
        if log in self.cursors:
            self.due.add(log)
            self.wake()

    def end(self, why: str, retry_from: float = 0.0, retry_to: float = SPREAD_SECONDS) -> None:
        self.bye = self.bye or Bye(why, retry_from, retry_to)
        self.wake()


class Followers:
    def __init__(self) -> None:
        self._open: set[Follower] = set()
        self._all_left = asyncio.Event()
        self.waiting: set[Callable[[], None]] = set()
        """Polls that wait for news: each is called when the hub stops."""
        self.stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @contextlib.contextmanager
    def holding(self, follower: Follower) -> Iterator[None]:
        self._open.add(follower)
        try:
            yield
        finally:
            self._open.discard(follower)
            if not self._open:
                self._all_left.set()

    def end_revoked(self, store: str) -> None:
        """A pairing ends the old streams too: the new device has none yet."""
        for follower in self._open:
            if follower.store == store:
                follower.end("revoked", 0.0, 0.0)

    def end_agent(self, device: str, paired_at: Millis, why: str) -> None:
        """All that were open until now: a session that begins has none yet."""
        for follower in self._open:
            if (follower.token.device, follower.token.paired_at) == (device, paired_at):
                follower.end(why, 0.0, 0.0)

    async def say_bye(self, seconds: float = 2.0) -> None:
        """Ends every stream with a spread, and waits a little until they are gone. No new one is taken after this."""
        self.stopping = True
        for answer in tuple(self.waiting):
            answer()
        for follower in self._open:
            follower.end("stopping")
        if not self._open:
            return
        self._all_left.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._all_left.wait()
