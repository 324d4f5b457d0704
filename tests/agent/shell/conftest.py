import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import TypeVar

import httpx
import keyring.core
import msgspec
import pytest
import pytest_asyncio

from agent.access.token import TOKEN_FILE, page_url
from agent.config import PrinterSettings, ScannerSettings, SecretsPlace, Settings, VoicePlayer, VoiceSettings
from agent.hub import Hub
from agent.order_view import OrderView
from agent.patience import Patience
from agent.service import serve
from agent.snapshots.fetching import Source
from agent.state import StateView
from domain.protocol import Cursor, Page, SnapshotHeader
from drivers.printers.finding import interfaces
from drivers.printers.finding.interfaces import Where
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.shell.fake_hub import FakeHub, fake_hub
from tests.agent.shell.speaking import speaking
from tests.awaiting import until
from tests.ports import free_port

T = TypeVar("T")
HURRIED = Patience(
    first_start=0.0,
    retry=0.05,
    longest_retry=0.2,
    first_frame=1.0,
    silence=2.0,  # twenty of the fake hub's heartbeats: a busy machine may stand still for some
    steady=0.4,
    poll=0.3,
    longest_poll=0.6,
    probe=0.2,
    stranger=0.1,
    seek=0.2,
    look=0.02,
    outage=1.5,  # longer than a busy machine needs to come back from a stream that seemed silent
)


class MemoryLog:
    """A followed log that applies in order and remembers."""

    def __init__(self, name: str) -> None:
        self.name, self.applied, self.resets = name, list[int](), 0
        self._cursor = Cursor(name, "", 0)

    async def cursor(self) -> Cursor:
        return self._cursor

    async def apply(self, page: Page) -> Cursor:
        seq = self._cursor.seq
        if page.reset or self._cursor.log_id not in ("", page.head.log_id):
            return self._cursor
        for event in page.events:
            if event.seq == seq + 1:
                seq = event.seq
                self.applied.append(seq)
        self._cursor = Cursor(self.name, page.head.log_id, seq)
        return self._cursor

    async def replace(self, source: Source) -> Cursor:
        async with source.snapshot(self.name, "", 0, least=self._cursor.seq) as answer:
            first, *_ = gzip.decompress(b"".join([piece async for piece in answer.pieces])).splitlines()
        header = msgspec.json.decode(first, type=SnapshotHeader)
        self._cursor = Cursor(self.name, header.log_id, header.seq)
        self.resets += 1
        return self._cursor


@pytest_asyncio.fixture(loop_scope="module")
async def hub() -> AsyncIterator[FakeHub]:
    async with fake_hub() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def client(hub: FakeHub) -> AsyncIterator[Hub]:
    made = Hub(hub.url, speaking())
    yield made
    await made.close()


@pytest.fixture
def keyring_as_found() -> Iterator[None]:
    """`set_keyring` is for the whole process; each test leaves it as it found it."""
    before = keyring.core._keyring_backend
    yield
    keyring.core._keyring_backend = before


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as made:
        yield made


@pytest.fixture
def scanner() -> Iterator[VirtualScanner]:
    with VirtualScanner() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, printer: VirtualPrinter, scanner: VirtualScanner) -> Settings:
    return Settings(
        data=str(tmp_path / "data"),
        page_port=free_port(),
        secrets=SecretsPlace.FILE,
        printers=(PrinterSettings("前台", printer.address),),
        scanners=(ScannerSettings(scanner.path),),
        voice=VoiceSettings(player=VoicePlayer.PAGE),  # no test speaks through its tester's loudspeaker
    )


class Agent:
    """A running agent as a program of this computer sees it: over its local API."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.token = (settings.folder / TOKEN_FILE).read_text()
        self.url = page_url(settings.page_port).rstrip("/")
        self.client = httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )

    async def link(self, page: str = "/") -> str:
        """As the tray asks for it."""
        answer = await self.post("/api/page-links", {"page": page})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def get(self, path: str, kind: type[T]) -> T:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=kind)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.client.post(path, json=body or {})

    async def order(self, order_id: str = "o1") -> OrderView | None:
        """None while the order is not here."""
        answer = await self.client.get(f"/api/orders/{order_id}")
        return msgspec.json.decode(answer.content, type=OrderView) if answer.status_code == 200 else None

    async def state(self) -> StateView:
        return await self.get("/api/state", StateView)

    async def pair(self, hub: FakeHub) -> None:
        answer = await self.post("/api/pair", {"hub": hub.url, "code": "abcd-0123-efgh-4567"})
        assert answer.status_code == 200, answer.text


def on_loopback() -> Where:
    """No test looks around in its tester's own network."""
    return interfaces.within([IPv4Network("127.0.0.0/28")])


@asynccontextmanager
async def running(settings: Settings, config: Path | None = None) -> AsyncIterator[Agent]:
    stop = asyncio.Event()
    task = asyncio.create_task(serve(settings, stop, config=config, patience=HURRIED, nearby=on_loopback))
    try:
        await until(lambda: task.done() or (settings.folder / TOKEN_FILE).exists())
        if task.done():
            task.result()
        agent = Agent(settings)
        try:
            yield agent
        finally:
            await agent.client.aclose()
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


@pytest_asyncio.fixture(loop_scope="module")
async def agent(settings: Settings, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(settings) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def paired(agent: Agent, hub: FakeHub) -> Agent:
    await agent.pair(hub)
    await until(lambda: hub.streams == 1)
    return agent


@pytest.fixture
def china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer stands in China."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
