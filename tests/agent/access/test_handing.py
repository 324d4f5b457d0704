"""Whom the socket tells the token: the kernel says who calls."""

import asyncio
import json
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agent import handing_linux, handing_windows
from agent.access.token import WayIn
from tests.agent.access.raw import ask
from tests.agent.shell.test_command import Command, Running
from tests.awaiting import until
from tests.ports import free_port

LINE = b'{"url":"http://127.0.0.1:8640/","token":"abc"}\n'
NOBODY, CLERK = 65534, 1234
CALL = """
import os, socket, sys
path, user = sys.argv[1], int(sys.argv[2])
os.setgroups([]), os.setgid(user), os.setuid(user)
calling = socket.socket(socket.AF_UNIX)
calling.connect(path)
print(calling.makefile().read(), end="")
"""


pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(os.getuid() != 0, reason="only the superuser can play another account"),
]


@pytest.fixture
def run_folder() -> Iterator[Path]:
    """Open to everybody, as systemd's is; pytest's own folders are not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@asynccontextmanager
async def handing(run_folder: Path, seats: Path = Path("/nowhere")) -> AsyncIterator[Path]:
    async with handing_linux.handed(LINE, run_folder, seats):
        yield run_folder / handing_linux.NAME


async def call_as(user: int, path: Path) -> bytes:
    """A real other process, with that account and nothing of ours."""
    calling = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALL, str(path), str(user), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await calling.communicate()
    assert calling.returncode == 0
    return out


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def seat(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(("# This is private data. Do not parse.", "IS_SEAT0=1", *lines, "")))
    return folder


async def test_the_superuser_and_our_own_account_are_told(run_folder: Path) -> None:
    async with handing(run_folder) as path:
        assert await call_as(0, path) == LINE
        assert await call_as(os.getuid(), path) == LINE


async def test_another_account_is_told_nothing(run_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with handing(run_folder) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o666, "so it was the kernel's word that kept it out"
        for _ in range(3):
            assert await call_as(NOBODY, path) == b""
    said = [record.getMessage() for record in caplog.records if record.name == "agent.handing_linux"]
    assert len(said) == 1 and "65534" in said[0]


async def test_the_user_in_front_of_the_screen_is_told(run_folder: Path) -> None:
    seats = seat(run_folder / "seats", "seat0", "ACTIVE=c2", f"ACTIVE_UID={CLERK}", "SESSIONS=c1 c2", "UIDS=1000 1234")
    async with handing(run_folder, seats) as path:
        assert await call_as(CLERK, path) == LINE
        assert await call_as(1000, path) == b"", "who is switched away is not in front of it"
        seat(seats, "seat0", "ACTIVE=c1", "ACTIVE_UID=1000")
        assert await call_as(CLERK, path) == b"", "nor is who left"
        assert await call_as(1000, path) == LINE
        (seats / "seat0").unlink()
        assert await call_as(1000, path) == b""


@pytest.mark.parametrize("value", ["", "x", "-1", f"{CLERK}0", f" {CLERK}x", "12 34"])
async def test_a_seat_that_says_something_odd_lets_nobody_in(run_folder: Path, value: str) -> None:
    seats = seat(run_folder / "seats", "seat0", f"ACTIVE_UID={value}", f"#ACTIVE_UID={CLERK}", f"XACTIVE_UID={CLERK}")
    async with handing(run_folder, seats) as path:
        assert await call_as(CLERK, path) == b""


async def test_several_screens_have_several_users(run_folder: Path) -> None:
    seat(run_folder / "seats", "seat0", "ACTIVE_UID=1000")
    seats = seat(run_folder / "seats", "seat1", f"ACTIVE_UID={CLERK}")
    async with handing(run_folder, seats) as path:
        assert await call_as(1000, path) == LINE == await call_as(CLERK, path)


async def test_whoever_connects_and_says_nothing_holds_nothing_up(run_folder: Path) -> None:
    async with handing(run_folder) as path:
        idle = [socket.socket(socket.AF_UNIX) for _ in range(50)]
        for each in idle:
            each.connect(str(path))
        assert await call_as(0, path) == LINE
        for each in idle:
            each.close()


async def test_a_socket_left_behind_is_taken_over_and_ours_is_removed(run_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(run_folder / handing_linux.NAME))
    async with handing(run_folder) as path:
        assert await call_as(0, path) == LINE
    assert not path.exists()


async def test_without_a_run_folder_nothing_is_handed(run_folder: Path) -> None:
    async with handing_linux.handed(LINE, None):
        pass
    async with handing_linux.handed(LINE, run_folder / "not" / "there"):
        pass
    assert names(run_folder) == []


async def test_a_running_agent_hands_over_what_opens_it(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under systemd, which names the folder; and another token at each start."""
    port, config = free_port(), run_folder / "agent.toml"
    config.write_text(f'data = "data"\npage_port = {port}\nsecrets = "file"\n')
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(run_folder))
    path, told = run_folder / handing_linux.NAME, list[str]()
    for _ in range(2):
        agent = await asyncio.to_thread(Running, Command(config), port)
        try:
            way_in = json.loads(await call_as(0, path))
            heard = await ask(
                port, "GET /api/state HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {way_in['token']}"
            )
        finally:
            await asyncio.to_thread(agent.process.kill)
            await asyncio.to_thread(agent.process.communicate)
        assert (way_in["url"], heard.status) == (f"http://127.0.0.1:{port}/", 200)
        told.append(way_in["token"])
    assert told[0] != told[1]


async def test_the_file_for_windows_is_there_while_the_agent_runs(run_folder: Path) -> None:
    """Its access list is the folder's, which the installer made; here is what stands in it, and when."""
    path = run_folder / handing_windows.NAME
    path.write_text("of a killed agent")
    async with handing_windows.handed(LINE, run_folder):
        assert path.read_bytes() == LINE
        assert WayIn(**json.loads(path.read_bytes())) == WayIn("http://127.0.0.1:8640/", "abc")
    assert names(run_folder) == []


async def test_a_file_that_somebody_holds_is_waited_for(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace it meanwhile."""
    held, replace = [True] * 3, Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if held:
            held.pop()
            raise PermissionError("in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    async with handing_windows.handed(LINE, run_folder):
        await until(lambda: not held)
        assert (run_folder / handing_windows.NAME).read_bytes() == LINE
