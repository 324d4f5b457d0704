"""The tray's way to a real agent: handed over, lost and found again."""

import asyncio
import json
from pathlib import Path

import pytest

from agent.config import Settings
from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import Hand, NoService, NotForUs, handed
from agent.tray.view import View, not_running, starting
from agent.tray.watch import Watch
from tests.agent.shell.conftest import Agent, running
from tests.agent.tray.handing import answering
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "http://127.0.0.1:8640/"
LINE = json.dumps({"url": URL, "token": "t"}).encode() + b"\n"


async def test_a_service_hands_its_token_over_at_a_socket(tmp_path: Path) -> None:
    with answering(tmp_path / "tray.sock", LINE):
        assert handed(tmp_path / "tray.sock", "") == Hand(URL, "t")


async def test_a_service_tells_a_stranger_nothing(tmp_path: Path) -> None:
    with answering(tmp_path / "tray.sock", b""), pytest.raises(NotForUs):
        handed(tmp_path / "tray.sock", "")


async def test_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(NoService, match=r"tray\.sock"):
        handed(tmp_path / "tray.sock", "")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\n",
        b"[]\n",
        b'{"url": 1}\n',
        b'{"url": "http://evil.example/", "token": "t"}\n',
        b'{"url": "http://127.0.0.1:80@evil.example/", "token": "t"}\n',
        b'{"url": "https://127.0.0.1:8640/", "token": "t"}\n',
    ],
)
async def test_a_token_goes_to_this_computer_only(tmp_path: Path, line: bytes) -> None:
    with answering(tmp_path / "tray.sock", line), pytest.raises(NoService):
        handed(tmp_path / "tray.sock", "")


def connection(agent: Agent) -> Connection:
    return Connection(lambda: Hand(f"{agent.url}/", agent.token))


async def test_it_hears_how_the_store_is(agent: Agent) -> None:
    view = await asyncio.to_thread(connection(agent).view)
    assert view.health == "down" and "配对" in view.headline and view.printers == ("前台：正常",)


async def test_an_old_token_is_exchanged_once(agent: Agent) -> None:
    hands = [Hand(f"{agent.url}/", "of the last boot"), Hand(f"{agent.url}/", agent.token)]
    old = Connection(lambda: hands.pop(0))
    assert (await asyncio.to_thread(old.view)).running
    assert (await asyncio.to_thread(old.view)).running
    assert hands == []


async def test_a_wrong_token_is_not_tried_for_ever(agent: Agent) -> None:
    asked: list[int] = []

    def wrong() -> Hand:
        asked.append(1)
        return Hand(f"{agent.url}/", "wrong")

    with pytest.raises(SaidNo, match="401"):
        await asyncio.to_thread(Connection(wrong).view)
    assert len(asked) == 2


async def test_the_watch_sees_the_service_go_and_come_back(settings: Settings, keyring_as_found: None) -> None:
    """Not there, there, stopped, there again: with what each start hands over."""
    shown: list[View] = []
    url = f"http://127.0.0.1:{settings.page_port}/"
    watch = Watch(Connection(lambda: handed(settings.folder, url)), shown.append, pause=0.05, start=0.0, grace=0.2)
    watching = asyncio.create_task(asyncio.to_thread(watch.run))
    try:
        for _ in range(2):
            await until(lambda: shown and not shown[-1].running)
            async with running(settings):
                await until(lambda: shown[-1].running)
        await until(lambda: not shown[-1].running)
        assert shown[-1].headline == "接单服务未运行"
    finally:
        watch.stop()
        await watching


async def test_a_service_that_starts_with_the_computer_is_not_called_missing(tmp_path: Path) -> None:
    shown: list[View] = []

    def nobody() -> Hand:
        raise NoService("not there yet")

    for start, expected in ((60.0, starting()), (0.0, not_running(starting()))):
        shown.clear()
        watch = Watch(Connection(nobody), shown.append, pause=0.01, start=start)
        watching = asyncio.create_task(asyncio.to_thread(watch.run))
        await until(lambda: len(shown) > 2)
        watch.stop()
        await watching
        assert shown[-1] == expected


async def test_an_answer_that_is_late_once_changes_nothing(agent: Agent) -> None:
    shown: list[View] = []
    hand = Hand(f"{agent.url}/", agent.token)
    answers = iter([hand, None, hand])

    def now_and_then() -> Hand:
        if (given := next(answers, hand)) is None:
            raise NoService("late")
        return given

    class Forgetful(Connection):
        """Asks for its hand each time."""

        def view(self) -> View:
            self._hand = None
            return super().view()

    watch = Watch(Forgetful(now_and_then), shown.append, pause=0.01)
    watching = asyncio.create_task(asyncio.to_thread(watch.run))
    await until(lambda: len(shown) > 3)
    watch.stop()
    await watching
    assert all(view.running for view in shown)
