"""One connection through the proxy: two sockets, a lane each way."""

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.faults.lanes import PLAIN, Lane, Way
from tests.faults.requests import Requests

CHUNK = 65536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Pair:
    """`way` is asked at every chunk. `mute` once it fell into a hole: nothing gets through it again, an end neither."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        way: Callable[[], Way],
        struck: Counter[str],
        dice: random.Random,
        passed_up: Callable[[bytes], None],
    ) -> None:
        self._client = (reader, writer)
        self._way, self._struck, self._dice, self._passed_up = way, struck, dice, passed_up
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._requests = Requests()
        self._passed = {"up": 0, "down": 0}
        self._over = asyncio.Event()
        self.mute = False

    async def serve(self, host: str, port: int) -> None:
        if self._way().refused:
            self._struck["refused"] += 1
            return
        if self._way().silent:
            self._struck["silent"] += 1
            self.mute = True
            await self._over.wait()
            return
        try:
            self._server = await asyncio.open_connection(host, port)
        except OSError:
            return  # nobody is there: the client hears the same as without a proxy
        _at_once(self._client[1])
        _at_once(self._server[1])
        reader, writer = self._server
        await asyncio.gather(self._pump("up", self._client[0], writer), self._pump("down", reader, self._client[1]))
        for end in (writer, self._client[1]):
            end.close()

    def begin_way(self) -> None:
        """Another way was set: cuts count from here."""
        self._passed = {"up": 0, "down": 0}

    def reset(self) -> None:
        """Both ends hear of it, and what was under way is lost."""
        self._over.set()
        for _, writer in filter(None, (self._client, self._server)):
            if not writer.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                writer.transport.abort()

    async def _pump(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._pass_on(name, data, writer)
            if self.mute:
                await self._over.wait()
            if writer.can_write_eof():
                writer.write_eof()
            return
        self.reset()

    async def _pass_on(self, name: str, data: bytes, writer: asyncio.StreamWriter) -> None:
        if (lane := self._lane(name)) != PLAIN and lane.cut_after is None:
            self._struck[f"slow {name}"] += 1
        await lane.delay(self._dice)
        for piece in self._lane(name).pieces(data):
            if self._way().hole and not self.mute:
                self._struck["hole"] += 1
                self.mute = True
            if self.mute:
                return
            lane = self._lane(name)
            if lane.cut_after is not None and self._passed[name] + len(piece) > lane.cut_after:
                await self._cut(name, piece[: lane.cut_after - self._passed[name]], writer)
                return
            self._passed[name] += len(piece)
            writer.write(piece)
            await writer.drain()
            self._remember(name, piece)
            await lane.spend(len(piece))
            await asyncio.sleep(0)  # a large answer in single bytes must not keep the proxy from everything else

    async def _cut(self, name: str, last: bytes, writer: asyncio.StreamWriter) -> None:
        """A clean end would let the last bytes arrive; a reset may overtake them, as a real one does."""
        self._struck[f"cut {name}"] += 1
        if last:
            writer.write(last)
            await writer.drain()
        self.reset()

    def _lane(self, name: str) -> Lane:
        way = self._way()
        return way.up if name == "up" else way.down

    def _remember(self, name: str, piece: bytes) -> None:
        if name == "up":
            for request in self._requests.feed(piece):
                self._passed_up(request)


def _at_once(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
