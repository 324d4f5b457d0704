"""`yaolink-agent scanner`, with an agent that runs and without one; in this process, which has loaded it already."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from agent.cli import main
from agent.config import load
from agent.scanners import nearby
from domain.codes import Part
from domain.scanner_sheet import CONTENTS
from drivers.scanners.attached import Device
from drivers.scanners.base import Kind
from drivers.virtual.scanner import VirtualScanner
from tests.agent.shell.conftest import Agent, running
from tests.awaiting import seen, until
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

Scanner = Callable[..., Awaitable[tuple[int, str, str]]]
TYPING = Device(Kind.HID, "/dev/input/event7", "Honeywell 1900", "usb:0c2e:0b61", "18123B0E4F", "usb-1-2", "Honeywell")


@pytest.fixture
def config(tmp_path: Path, scanner: VirtualScanner, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(nearby, "attached_here", lambda: (TYPING,))
    path = tmp_path / "agent.toml"
    path.write_text(
        f'page_port = {free_port()}\nsecrets = "file"\n\n[[scanners]]\npath = "{scanner.path}"\nname = "柜台"\n',
        "utf-8",
    )
    return path


@pytest.fixture
def command(config: Path, capsys: pytest.CaptureFixture[str]) -> Scanner:
    """`yaolink-agent scanner …`: exit code, output, errors."""

    async def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, ["--config", str(config), "scanner", *words])
        return code, *capsys.readouterr()

    return run


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


async def test_without_an_agent(command: Scanner, scanner: VirtualScanner) -> None:
    code, out, _ = await command("list")
    assert code == 0 and f"{scanner.path}  in agent.toml, ours" in out
    assert "usb:0c2e:0b61:18123B0E4F  Honeywell 1900 at /dev/input/event7" in out
    code, _, err = await command("test", scanner.path)
    assert code == 1 and "start the agent first" in err


async def test_listed_as_it_is(agent: Agent, command: Scanner, scanner: VirtualScanner) -> None:
    scanner.scan("81234560000000009876")
    _, said, _ = await seen(lambda: command("list"), lambda said: "…9876" in said[1])
    assert f"{scanner.path}  柜台: connected" in said and "last scan: trace code …9876" in said
    assert "Honeywell 1900: not in agent.toml" in said and "8123456" not in said


async def test_tested_by_the_sheet(
    agent: Agent, command: Scanner, scanner: VirtualScanner, capsys: pytest.CaptureFixture[str]
) -> None:
    async def read(*texts: str) -> None:
        await until(lambda: "read the three codes" in capsys.readouterr().out)  # what was read before is forgotten
        for text in texts:
            scanner.scan(text)

    (code, out, _), _ = await asyncio.gather(command("test", scanner.path), read(*CONTENTS.values()))
    assert code == 0 and "Good" in out
    lost = [text.replace("\x1d", "") for text in CONTENTS.values()]
    (code, out, _), _ = await asyncio.gather(command("test", scanner.path), read(*lost))
    assert code == 1 and "Digits only" in out and "separators were lost" in out
    (code, out, _), _ = await asyncio.gather(command("test", scanner.path, "--wait", "2"), read(CONTENTS[Part.DIGITS]))
    assert code == 1 and "still to read" in out


async def test_one_that_nobody_knows(agent: Agent, command: Scanner) -> None:
    code, _, err = await command("test", "nobody")
    assert code == 1 and "there is no scanner nobody" in err
