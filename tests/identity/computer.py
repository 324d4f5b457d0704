"""A store's computer: a data folder that outlives its runs, can be copied, and put back from an older copy. A run is
what `agent.service` puts together, without devices and page."""

import random
import secrets as randomness
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec

from agent import incarnation, outbox, recovery, store
from agent.blobs.carrier import Carrier
from agent.config import SecretsPlace
from agent.cursors import cursor
from agent.device_key import DeviceKeys
from agent.file_logs import FileOutbox, followed
from agent.files import CACHE, WORK, CacheFile, WorkFile, system_clock
from agent.following import Following
from agent.hub import Hub
from agent.in_loop import in_loop
from agent.introducing import Introducing
from agent.line import Line, LineState
from agent.pairing import Pairing
from agent.secrets import open_secrets
from agent.session import Session
from agent.transactions import Reading, Topic
from domain.events import CATALOGUE, store_log
from domain.operations import StockCounted
from domain.protocol import Cursor, Report
from domain.quantity import units
from domain.times import Clock
from tests.agent.shell.conftest import HURRIED
from tests.awaiting import seen, until
from tests.cloud.shell.serving import STORE

T = TypeVar("T")
PATIENCE = msgspec.structs.replace(HURRIED, first_frame=5.0, silence=45.0)
"""The hub of these tests has its own heartbeat."""


def soon(low: float, high: float) -> float:
    """No test waits for the spread of ten thousand."""
    return random.uniform(low, min(high, low + 0.2))


class Run:
    """One run of the program on a computer."""

    def __init__(
        self, work: WorkFile, cache: CacheFile, keys: DeviceKeys, way: httpx.AsyncBaseTransport | None
    ) -> None:
        self.work, self.cache, self.keys = work, cache, keys
        self.boot = randomness.token_hex(16)
        self.line = Line(work.now)
        self.myself = myself = Introducing(work, cache, boot=self.boot, version="1")
        hub_at = partial(Hub, transport=way)
        self.following = following = Following(
            hub_at=hub_at, session=lambda: Session(keys, myself), logs=lambda: followed(work, cache),
            outbox=FileOutbox(work), carrier_of=partial(Carrier, work=work, patience=PATIENCE, spread=soon),
            report=self._report, line=self.line, patience=PATIENCE, spread=soon,
        )  # fmt: skip
        self.pairing = Pairing(work=work, keys=keys, following=following, hub_at=hub_at, version="1")
        work.after_commit(in_loop(self._committed))

    def _committed(self, topics: frozenset[Topic]) -> None:
        if Topic.OUTBOX in topics:
            self.following.wake_sender()

    async def _report(self) -> Report:
        return Report("", self.boot, "1", self.work.now(), (), 0, None)

    # ---- what a store does and what it has

    async def count(self, boxes: int, sku: str = "M1") -> str:
        """A fact for the outbox; its key."""
        body = StockCounted(sku, units(boxes), "月盘", 10_000)
        return await self.work.awrite(lambda tx: outbox.put(tx, body))

    async def look(self, read: Callable[[Reading], T]) -> T:
        return await self.work.aread(read)

    async def waiting(self) -> int:
        return await self.look(outbox.depth)

    async def life(self) -> str:
        return await self.look(lambda reading: store.fact(reading, "incarnation"))

    async def number(self) -> int:
        return await self.look(incarnation.highest)

    async def cursor(self, log: str = store_log(STORE)) -> Cursor:
        file = self.work if log != CATALOGUE else self.cache
        return await file.aread(lambda reading: cursor(reading, log))

    async def becomes(self, state: LineState) -> None:
        await until(lambda: self.line.view.state is state, within=60)

    async def delivered(self) -> None:
        await seen(self.waiting, lambda left: left == 0, within=60)


class Computer:
    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self.folder, self._clock = folder, clock
        folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def running(self, way: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Run]:
        kept = open_secrets(SecretsPlace.FILE, self.folder)
        key = kept.master_key(may_make=not (self.folder / WORK).exists())
        async with AsyncExitStack() as stack:
            work = stack.enter_context(WorkFile(self.folder / WORK, master_key=key, clock=self._clock))
            cache = stack.enter_context(CacheFile(self.folder / CACHE, clock=self._clock))
            await work.awrite(recovery.recover)
            run = Run(work, cache, DeviceKeys(kept), way)
            stack.push_async_callback(run.following.stop)
            await run.pairing.resume()
            yield run

    def copied_to(self, folder: Path) -> "Computer":
        """Of a computer that is off."""
        shutil.copytree(self.folder, folder)
        return Computer(folder, self._clock)

    def put_back(self, image: "Computer") -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(image.folder, self.folder)


class Lossy(httpx.AsyncBaseTransport):
    """The hub hears what is sent to this path, so many times; its answer is lost."""

    def __init__(self, path: str, times: int = 1) -> None:
        self._inner, self._path, self.left = httpx.AsyncHTTPTransport(), path, times

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.url.path == self._path and self.left:
            self.left -= 1
            await answer.aread()
            await answer.aclose()
            raise httpx.ReadError("the line broke", request=request)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()
