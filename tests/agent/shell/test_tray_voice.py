"""The tray as the store's voice, with a real service that gives the turn and the sound."""

import asyncio
import threading
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import httpx
import msgspec
import pytest

from agent.config import Settings, VoicePlayer, VoiceSettings
from agent.files import system_clock
from agent.tray.connection import Connection
from agent.tray.hand import Hand
from agent.tray.speech import Player, Speech
from domain.events import OrderPlaced, store_log
from domain.times import HOUR
from tests.agent.core.hub import order
from tests.agent.shell import fake_hub
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Loudspeaker:
    def __init__(self, *, broken: bool = False) -> None:
        self.broken, self.tried = broken, 0
        self.heard: list[bytes] = []

    def play(self, wav: bytes) -> None:
        self.tried += 1
        if self.broken:
            raise OSError("no sound card")
        self.heard.append(wav)


def connection(agent: Agent) -> Connection:
    return Connection(lambda: Hand(f"{agent.url}/", agent.token))


@asynccontextmanager
async def speaking(agent: Agent, player: Player) -> AsyncIterator[Speech]:
    speech = Speech(connection(agent), player)
    thread = threading.Thread(target=speech.run)
    thread.start()
    try:
        yield speech
    finally:
        speech.stop()
        await asyncio.to_thread(thread.join)


@pytest.fixture(autouse=True)
def hub_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_hub, "NOW", system_clock())


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, voice=VoiceSettings(player=VoicePlayer.TRAY))


async def place(hub: FakeHub) -> None:
    now = system_clock()
    await hub.tell(store_log("S1"), OrderPlaced(order(placed_at=now, promised_at=now + HOUR)))


async def test_a_new_order_is_said_by_the_tray_once_for_now(paired: Agent, hub: FakeHub) -> None:
    loudspeaker = Loudspeaker()
    async with speaking(paired, loudspeaker):
        await place(hub)
        await until(lambda: loudspeaker.heard)
        await asyncio.sleep(2.5)
        assert len(loudspeaker.heard) == 1, "it is repeated after a while, not at once"
    with wave.open(BytesIO(loudspeaker.heard[0])) as wav:
        assert wav.getnframes() / wav.getframerate() > 1


async def test_a_broken_loudspeaker_leaves_the_voice_to_others(paired: Agent, hub: FakeHub) -> None:
    loudspeaker = Loudspeaker(broken=True)
    async with speaking(paired, loudspeaker):
        await place(hub)
        await until(lambda: loudspeaker.tried)
        await asyncio.sleep(2.5)
        assert loudspeaker.tried == 1


async def test_sound_is_paused_and_comes_back(paired: Agent) -> None:
    tray = connection(paired)
    await asyncio.to_thread(tray.pause_sound)
    view = await asyncio.to_thread(tray.view)
    assert view.sound is not None and view.sound.paused_until is not None
    assert view.sound.paused_until > system_clock() + HOUR // 3
    await asyncio.to_thread(tray.resume_sound)
    view = await asyncio.to_thread(tray.view)
    assert view.sound is not None and view.sound.paused_until is None


async def test_what_waits_to_be_heard_stands_in_the_view_until_it_is_seen(paired: Agent, hub: FakeHub) -> None:
    tray = connection(paired)
    await place(hub)
    view = await seen(lambda: asyncio.to_thread(tray.view), lambda view: view.announcements)
    (announcement,) = view.announcements
    assert announcement.order_id == "o1" and "美团" in announcement.sentence
    assert (await paired.post("/api/orders/o1/seen")).status_code == 200
    await seen(lambda: asyncio.to_thread(tray.view), lambda view: not view.announcements)


async def test_a_page_is_opened_signed_in_and_once(paired: Agent) -> None:
    url = await asyncio.to_thread(connection(paired).page_link, "/devices")
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=30) as browser:
        page = await browser.get(url)
        assert page.status_code == 200 and page.url.path == "/devices" and not page.url.query
        assert (await browser.get("/".join(str(page.url).split("/")[:3]))).status_code == 200
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=30) as other:
        assert (await other.get(url)).status_code == 401
