"""A wire between a caller and the hub: HTTP as bytes, over a network that does what networks do.

At one end it is a transport of httpx, at the other it calls the hub's own ASGI app. Every request has a connection of
its own, with delays of its own, so requests overtake each other; within one answer the order of bytes is kept.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from cloud.asgi import App, Message, Scope
from tests.simulation.process import Process, current
from tests.simulation.weather import Weather

LATENCY = (0.005, 0.06)
EVENT_FRAME = b"event: event\n"


class Plan(msgspec.Struct):
    """A fault that is to happen to the next requests for a path, whatever the weather."""

    fault: str
    path: str
    times: int


Serving = Callable[[], tuple[Process, App] | None]
"""The hub's process and its app, while there is one."""


class Wire(httpx.AsyncBaseTransport):
    """`weather` may be replaced at any time; `cut` drops every byte both ways until it is mended."""

    def __init__(self, name: str, serving: Serving, weather: Weather, random: Random) -> None:
        self.name, self.weather, self.random = name, weather, random
        self._serving = serving
        self.is_cut = False
        self.open: dict[Exchange, None] = {}
        self.requests = 0
        self.plans: list[Plan] = []
        self.struck: Counter[str] = Counter()
        """Faults that happened."""

    def cut(self) -> None:
        """What is under way goes silent: neither end hears of it."""
        self.is_cut = True
        self.struck["cut"] += 1
        for exchange in tuple(self.open):
            exchange.silent = True

    def mend(self) -> None:
        self.is_cut = False

    def chance(self, share: float) -> bool:
        return share > 0 and self.random.random() < share

    def plan(self, fault: str, path: str, times: int = 1) -> None:
        self.plans.append(Plan(fault, path, times))

    def strikes(self, fault: str, path: str) -> bool:
        for plan in self.plans:
            if plan.times and plan.fault == fault and path.startswith(plan.path):
                plan.times -= 1
                self.struck[fault] += 1
                return True
        strikes = self.chance(getattr(self.weather, fault))
        self.struck[fault] += strikes
        return strikes

    def latency(self) -> float:
        return self.random.uniform(*LATENCY)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if (asker := current()) is not None and not asker.alive:
            raise httpx.ConnectError("the caller is dead")
        patience: dict[str, float | None] = request.extensions.get("timeout", {})
        if self.is_cut:
            await asyncio.sleep(patience.get("connect") or 10.0)
            raise httpx.ConnectTimeout("nothing answers at this address")
        await asyncio.sleep(self.latency())
        if self._serving() is None:
            raise httpx.ConnectError("connection refused")
        if self.strikes("refuse", request.url.path):
            return httpx.Response(self.random.choice((502, 504, 200, 404)), html="<h1>Gateway</h1>", request=request)
        exchange = Exchange(self, request, await request.aread(), patience.get("read"))
        self.open[exchange] = None
        try:
            return await exchange.answer()
        except BaseException:
            exchange.hang_up()
            raise

    def forget(self, exchange: "Exchange") -> None:
        self.open.pop(exchange, None)

    def serving(self) -> tuple[Process, App] | None:
        return self._serving()


class Exchange(httpx.AsyncByteStream):
    """One request and its answer. The caller's end raises what httpx raises."""

    def __init__(self, wire: Wire, request: httpx.Request, body: bytes, patience: float | None) -> None:
        self._wire, self._request, self._body, self._patience = wire, request, body, patience
        self._came: asyncio.Queue[Message | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self._arrives_at = 0.0
        self._under_way: deque[Message | None] = deque()
        self._path = request.url.path
        self.silent = wire.strikes("lose_request", self._path)
        self._mute_answer = wire.strikes("lose_answer", self._path)
        self._goes_silent = wire.strikes("half_open", self._path)
        self._over = False

    async def answer(self) -> httpx.Response:
        wire = self._wire
        delay = wire.random.uniform(1.0, 90.0) if wire.strikes("delay", self._path) else wire.latency()
        loop = asyncio.get_running_loop()
        if not self.silent:
            loop.call_later(delay, self._reach, self)
            if wire.strikes("double_request", self._path):
                loop.call_later(delay + wire.random.choice((0.0, 0.5, 20.0, 300.0)), self._reach, Nobody(self._body))
        start = await self._next()
        return httpx.Response(start["status"], headers=start["headers"], stream=self, request=self._request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._next()
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body", False):
                return

    async def aclose(self) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """The hub hears of it, unless nothing comes through."""
        self._over = True
        self._wire.forget(self)
        if not self.silent and not self._wire.is_cut:
            asyncio.get_running_loop().call_later(self._wire.latency(), self._left.set)

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(self._patience):
                message = await self._came.get()
        except TimeoutError as error:
            raise httpx.ReadTimeout("no byte came") from error
        if message is None:
            raise httpx.ReadError("the connection was reset")
        return message

    def _reach(self, heard: "Exchange | Nobody") -> None:
        """The request comes to the hub, if there still is one and the wire still holds."""
        served = self._wire.serving()
        if self._wire.is_cut:
            self.silent = True
        elif served is None:
            self.broke()
        elif not self.silent or heard is not self:
            process, app = served
            process.spawn(self._served(process, app, heard))

    async def _served(self, process: Process, app: App, heard: "Exchange | Nobody") -> None:
        """A hub that dies resets its connections; where the line is silent, not even that is heard."""
        try:
            await app(self._scope(), heard.receive_at(process), heard.send)
        finally:
            if not process.alive:
                heard.broke()

    def receive_at(self, process: Process) -> Callable[[], Any]:
        given = False

        async def receive() -> Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": self._body, "more_body": False}
            await self._left.wait()
            return {"type": "http.disconnect"}

        return receive

    async def send(self, message: Message) -> None:
        """Hub's end: like a socket, it takes bytes that will never arrive."""
        wire = self._wire
        if self._mute_answer or self.silent or wire.is_cut or self._over:
            return
        if message.get("body", b"").startswith(EVENT_FRAME) and wire.strikes("lose_frame", self._path):
            return
        if wire.strikes("cut_answer", self._path):
            self._cut_within(message)
            return
        self._schedule(message)
        if self._goes_silent:
            self._goes_silent = False
            asyncio.get_running_loop().call_later(wire.random.uniform(0.0, 120.0), self._fall_silent)

    def broke(self) -> None:
        if not self.silent and not self._wire.is_cut:
            self._schedule(None)

    def _cut_within(self, message: Message) -> None:
        body = message.get("body", b"")
        if body:
            self._schedule({**message, "body": body[: self._wire.random.randrange(len(body))], "more_body": True})
        self._schedule(None)
        self._mute_answer = True

    def _schedule(self, message: Message | None) -> None:
        loop = asyncio.get_running_loop()
        self._arrives_at = max(self._arrives_at, loop.time() + self._wire.latency())
        self._under_way.append(message)
        loop.call_at(self._arrives_at, self._arrive)

    def _arrive(self) -> None:
        """The oldest under way: timers of one instant go off in any order."""
        message = self._under_way.popleft()
        if self._wire.is_cut:
            self.silent = True
        if not self.silent:
            self._came.put_nowait(message)

    def _fall_silent(self) -> None:
        self.silent = True

    def _scope(self) -> Scope:
        parts = urlsplit(str(self._request.url))
        return {
            "type": "http",
            "method": self._request.method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "client": (self._wire.name, 0),
        }


class Nobody:
    """At the end of a repeated request: its answer goes nowhere."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def receive_at(self, process: Process) -> Callable[[], Any]:
        given = False

        async def receive() -> Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": self._body, "more_body": False}
            return {"type": "http.disconnect"}

        return receive

    async def send(self, message: Message) -> None:
        """Nobody hears it."""

    def broke(self) -> None:
        """Nobody notices."""
