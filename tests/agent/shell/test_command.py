"""`yaolink-agent` as a process of its own."""

import asyncio
import importlib.metadata
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest

from agent.config import Settings
from agent.local_client import LocalClient, UnknownToken
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import until
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Command:
    def __init__(self, config: Path) -> None:
        self._line = [sys.executable, "-m", "agent.cli", "--config", str(config)]

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen([*self._line, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    async def __call__(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = await asyncio.to_thread(process.communicate, timeout=60)
        return process.returncode, out, err


class Running:
    def __init__(self, command: Command, port: int) -> None:
        self.port = port
        began = time.monotonic()
        self.process = command.start("run")
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > began + 60:
                self.process.kill()
                raise AssertionError(self.process.communicate()[1])
            time.sleep(0.02)
        self.started_in = time.monotonic() - began

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def end(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def command(tmp_path: Path, port: int) -> Command:
    config = tmp_path / "agent.toml"
    config.write_text(f'data = "data"\npage_port = {port}\nsecrets = "file"\n')
    return Command(config)


@pytest.fixture
def agent(command: Command, port: int) -> Iterator[Running]:
    running = Running(command, port)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGKILL)


async def test_run_pair_status_page_and_stop(agent: Running, command: Command, hub: FakeHub) -> None:
    code, out, _ = await command("status")
    assert code == 0 and "not paired" in out
    code, out, err = await command("pair", "--hub", hub.url, "--code", "ABCD-0123-EFGH-4567")
    assert (code, out) == (0, f"paired with {hub.url} as 和平路店 (S1)\n"), err
    await until(lambda: hub.streams == 1)
    code, out, _ = await command("status")
    assert "和平路店 (S1)" in out and "line     online" in out
    code, out, err = await command("rotate-key")
    assert code == 0 and out.startswith("this computer has a new key ("), err
    code, out, _ = await command("page")
    assert out.startswith(f"http://127.0.0.1:{agent.port}/?link=")
    code, err = await asyncio.to_thread(agent.end, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err and "token-of-s1" not in err


async def test_page_opens_another_page_and_signs_out(agent: Running, command: Command) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{agent.port}", timeout=30) as browser:
        code, out, _ = await command("page", "/devices")
        assert (await browser.get(out.strip())).headers["location"] == "/devices"
        assert (await browser.get("/devices")).status_code == 200
        assert await command("page", "--sign-out") == (0, "browsers signed out: 1\n", "")
        assert (await browser.get("/devices")).status_code == 401
    code, out, err = await command("page", "//attacker.example")
    assert (code, out) == (1, "") and "is no page of this agent" in err


async def test_a_command_that_meets_a_new_start_asks_again(
    agent: Running, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is replaced between its reading and the answer; and one that stays wrong is said."""
    file = tmp_path / "data" / "page.token"
    token, stale = file.read_text(), ["of the start before"]
    monkeypatch.setattr(LocalClient, "token", property(lambda _: stale.pop() if stale else token))
    client = LocalClient(Settings(data=str(file.parent), page_port=agent.port))
    assert "link=" in await asyncio.to_thread(client.page_link)
    token = "of another agent"
    with pytest.raises(UnknownToken, match="another agent answers"):
        await asyncio.to_thread(client.page_link)


async def test_a_refused_code_is_said(agent: Running, command: Command, hub: FakeHub) -> None:
    code, out, err = await command("pair", "--hub", hub.url, "--code", "0000-0000-0000-0000")
    assert (code, out) == (1, "")
    assert err == "yaolink-agent: no such code\n"


async def test_killed_and_started_again_it_follows_by_itself(
    agent: Running, command: Command, hub: FakeHub, port: int
) -> None:
    await command("pair", "--hub", hub.url, "--code", "ABCD-0123-EFGH-4567")
    await until(lambda: hub.streams == 1)
    await asyncio.to_thread(agent.end, signal.SIGKILL)
    await until(lambda: hub.streams == 0)
    again = await asyncio.to_thread(Running, command, port)
    try:
        await until(lambda: hub.streams == 1)
    finally:
        await asyncio.to_thread(again.end, signal.SIGINT)
    assert len(hub.pair_requests) == 1


async def test_what_a_watchdog_ends_leaves_its_stacks(agent: Running, tmp_path: Path) -> None:
    await asyncio.to_thread(agent.end, signal.SIGABRT)
    assert "Fatal Python error: Aborted" in (tmp_path / "data" / "logs" / "crash.txt").read_text()


async def test_a_second_agent_on_the_same_data_is_one_sentence_and_code_2(agent: Running, command: Command) -> None:
    code, out, err = await command("run")
    assert (code, out) == (2, "")
    assert err.splitlines()[0].startswith("yaolink-agent: another agent is running on ")
    assert "Traceback" not in err


async def test_a_port_in_use_is_one_sentence_and_code_2(agent: Running, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(f'data = "other"\npage_port = {agent.port}\nsecrets = "file"\n')
    code, out, err = await Command(elsewhere)("run")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"yaolink-agent: port {agent.port} of 127.0.0.1 is taken by another program"
    assert "Traceback" not in err


async def test_without_an_agent_the_commands_say_so(command: Command) -> None:
    for words in (("status",), ("page",), ("pair", "--hub", "http://127.0.0.1:9", "--code", "ABCD")):
        code, _, err = await command(*words)
        assert code == 1 and "yaolink-agent run" in err and "Traceback" not in err


async def test_a_narrow_code_page_costs_signs_and_not_the_answer(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    code, out, err = await command("doctor")
    assert code in (1, 2)
    assert "Traceback" not in err and "?" in out


async def test_it_says_its_version(command: Command) -> None:
    assert await command("--version") == (0, importlib.metadata.version("yaolink") + os.linesep, "")


async def test_only_windows_has_the_service_verb(command: Command) -> None:
    code, out, err = await command("service")
    assert (code, out) == (2, "")
    assert "only Windows" in err and "`yaolink-agent run`" in err


async def test_a_bad_setting_keeps_it_from_starting(tmp_path: Path) -> None:
    for text, says in (
        ("page_prot = 1", "did you mean page_port?"),
        ('secrets = "file"\n[[printers]]\nname = "a"\naddress = "lpt1"', "is no printer address"),
        ('secrets = "file"\nca_file = "none.pem"', "none.pem cannot be used"),
    ):
        (tmp_path / "agent.toml").write_text(text)
        code, _, err = await Command(tmp_path / "agent.toml")("run")
        assert code == 2 and says in err and "Traceback" not in err


async def test_without_a_keyring_it_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    (tmp_path / "agent.toml").write_text(f"page_port = {free_port()}")
    code, _, err = await Command(tmp_path / "agent.toml")("run")
    assert code == 2 and 'secrets = "file"' in err
    assert not list((tmp_path / "data").glob("*.db*"))


@pytest.mark.parametrize("words", [(), ("run",), ("pair",), ("status",), ("page",), ("log-level",)])
async def test_help_is_for_strangers(command: Command, words: tuple[str, ...]) -> None:
    code, out, _ = await command(*words, "--help")
    assert code == 0 and len(out.splitlines()) >= 4
    if not words:
        assert "pharmacy" in out and "--code" in out and os.linesep in out
