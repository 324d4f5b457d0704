"""What systemd hears, at a real datagram socket."""

import asyncio
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from agent import service_manager_linux
from agent.config import SecretsPlace, Settings
from agent.files import WorkFile
from agent.life_signs import signs_of_life
from agent.service import serve
from agent.transactions import Transaction
from tests.awaiting import until
from tests.listening import listening

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
PATIENCE_S = 0.2


class Systemd:
    """Listens as PID 1 does, in a thread of its own: it hears what a hung loop does not say."""

    def __init__(self, address: str) -> None:
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def _listen(self) -> None:
        while (message := self._socket.recv(4096)) != b"":
            self.heard.append(message.decode())

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._listening.join()
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    name = secrets.token_hex(8)
    address = str(tmp_path / "notify") if request.param == "path" else f"\0{name}"
    monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
    monkeypatch.setenv("WATCHDOG_USEC", str(int(PATIENCE_S * 1_000_000)))
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    made = Systemd(address)
    yield made
    made.close()


@pytest.fixture
def work(tmp_path: Path) -> Iterator[WorkFile]:
    with WorkFile(tmp_path / "work.db", master_key=bytes(32)) as made:
        yield made


def page(*, status: str = "200 OK") -> AbstractAsyncContextManager[int]:
    async def answer(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        await reading.readuntil(b"\r\n\r\n")
        writing.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())

    return listening(answer)


async def test_systemd_hears_the_whole_life(systemd: Systemd, work: WorkFile) -> None:
    async with page() as port, signs_of_life(service_manager_linux, port, work):
        await until(lambda: systemd.heard.count(ALIVE) > 2)
    await until(lambda: STOPPING in systemd.heard)
    assert systemd.heard[0] == READY
    assert systemd.heard[-1] == STOPPING
    assert systemd.heard.count(READY) == 1


async def test_not_ready_while_the_page_does_not_answer_well(systemd: Systemd, work: WorkFile) -> None:
    async with page(status="503 Service Unavailable") as port, signs_of_life(service_manager_linux, port, work):
        await asyncio.sleep(0.15)
        assert systemd.heard == []


async def test_a_hung_writer_is_no_longer_alive(systemd: Systemd, work: WorkFile) -> None:
    begun, free = threading.Event(), threading.Event()

    def hang(_: Transaction) -> None:
        begun.set()
        free.wait()

    async with page() as port, signs_of_life(service_manager_linux, port, work):
        await until(lambda: ALIVE in systemd.heard)
        hung = asyncio.create_task(work.awrite(hang))
        await until(begun.is_set)
        before = len(systemd.heard)
        await asyncio.sleep(4 * PATIENCE_S)
        after = len(systemd.heard)
        free.set()  # before anything may fail: closing the file waits for its writer
        await hung
        assert after <= before + 1, "one that was answered before may be on its way"
        await until(lambda: len(systemd.heard) > after)


async def test_a_hung_loop_is_no_longer_alive(systemd: Systemd, work: WorkFile) -> None:
    async with page() as port, signs_of_life(service_manager_linux, port, work):
        await until(lambda: ALIVE in systemd.heard)
        before = len(systemd.heard)
        time.sleep(3 * PATIENCE_S)  # noqa: ASYNC251  hanging is what is tested
        after = len(systemd.heard)
        assert after <= before + 1, "one that was sent before may not have been heard yet"
        await until(lambda: len(systemd.heard) > after)


def test_a_status_is_one_line(systemd: Systemd) -> None:
    service_manager_linux.announce_status("line to the hub:\nonline")
    while not systemd.heard:
        time.sleep(0.005)
    assert systemd.heard == ["STATUS=line to the hub: online"]


def test_nobody_watches_a_program_started_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    service_manager_linux.announce_ready()
    assert service_manager_linux.watchdog_seconds() is None


def test_another_process_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert service_manager_linux.watchdog_seconds() == 30.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert service_manager_linux.watchdog_seconds() is None


def test_a_deaf_systemd_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    with caplog.at_level(logging.WARNING):
        service_manager_linux.pet()
    assert "systemd cannot be told WATCHDOG" in caplog.text


async def test_the_agent_announces_itself(systemd: Systemd, tmp_path: Path) -> None:
    stop = asyncio.Event()
    settings = Settings(data=str(tmp_path / "data"), page_port=0, secrets=SecretsPlace.FILE)
    serving = asyncio.create_task(serve(settings, stop))
    await until(lambda: ALIVE in systemd.heard)
    stop.set()
    await serving
    await until(lambda: STOPPING in systemd.heard)
    assert systemd.heard[0] == READY
