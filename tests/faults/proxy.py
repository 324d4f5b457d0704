"""A TCP proxy on loopback that spoils the way on request (facts/sync.md §4.4).

It serves in a thread of its own; every method may be called from any other, and what is set counts from then on, for
connections that are open too. `struck` counts what really met a connection.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

from tests.faults.lanes import CLEAR, Way
from tests.faults.pair import CHUNK, Pair
from tests.faults.requests import method

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
_REPLAY_S = 30.0
"""How long the answer to a replayed request is waited for; it is thrown away."""
_DEAF_S = 60.0
"""Its thread answers well within this."""


class FaultProxy:
    """Before the port `to` of this machine. With `port` 0 it takes a free one."""

    def __init__(self, to: int, *, port: int = 0, seed: int = 0) -> None:
        self._to, self.port, self._dice = to, port, random.Random(seed)
        self.way = CLEAR
        self.struck: Counter[str] = Counter()
        self.replayed: list[bytes] = []
        """The requests that were played again, as they were."""
        self._replays = 0
        self._pairs: set[Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def connections(self) -> int:
        return len(self._pairs)

    def set(self, way: Way) -> None:
        self._call(self._set, way)

    def heal(self) -> None:
        """For what comes from now on. A connection that fell into a hole stays there: `bury` ends those."""
        self.set(CLEAR)

    def reset(self) -> None:
        """Every connection, both its ends."""
        self._call(self._reset, False)

    def bury(self) -> None:
        """Resets what fell into a hole, as a network does after a quarter of an hour."""
        self._call(self._reset, True)

    def replay(self, requests: int = 1) -> None:
        """The next so many POSTs are sent a second time, each over a connection of its own."""
        self._call(self._add_replays, requests)

    # In the proxy's thread

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._admit, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for pair in list(self._pairs):
            pair.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        pair = Pair(
            reader, writer, way=lambda: self.way, struck=self.struck, dice=self._dice, passed_up=self._passed_up
        )
        self._pairs.add(pair)
        try:
            await pair.serve(LOOPBACK, self._to)
        except asyncio.CancelledError:
            pass  # the proxy stops; asyncio's own streams would report it as an error
        finally:
            self._pairs.discard(pair)
            pair.reset()  # one that ended well is closed already

    def _set(self, way: Way) -> None:
        self.way = way
        for pair in self._pairs:
            pair.begin_way()

    def _reset(self, only_mute: bool) -> None:
        for pair in list(self._pairs):
            if pair.mute or not only_mute:
                self.struck["reset"] += not only_mute
                pair.reset()

    def _add_replays(self, requests: int) -> None:
        self._replays += requests

    def _passed_up(self, request: bytes) -> None:
        if self._replays and method(request) == "POST":
            self._replays -= 1
            self.struck["replay"] += 1
            task = self._loop.create_task(self._play(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _play(self, request: bytes) -> None:
        self.replayed.append(request)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_REPLAY_S):
                reader, writer = await asyncio.open_connection(LOOPBACK, self._to)
                try:
                    writer.write(request)
                    await reader.read(CHUNK)
                finally:
                    writer.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_DEAF_S)

    def _call(self, work: Callable[[T], None], value: T) -> None:
        """Returns once it is done."""

        async def do() -> None:
            work(value)

        self._do(do())
