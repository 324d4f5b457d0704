"""One voice at a time: tray, service or page; what cannot be heard is said, and what was seen is silent."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from agent import announcements
from agent.changes import Changes
from agent.config import Settings, VoicePlayer, VoiceSettings, VoiceSpeech
from agent.files import CacheFile, WorkFile, system_clock
from agent.printing.view import PrinterView
from agent.transactions import Topic
from agent.voice.speaker import TRY_AGAIN, UNHEARD, Speaker
from agent.voice.troubles import LASTS
from agent.voice.voice import Announced, Announcement, Voice
from domain.events import EventBody, OrderPlaced, OrderUrged
from domain.times import MINUTE, SECOND
from drivers.errors import CannotPlay, CannotSpeak
from drivers.sound import pcm
from drivers.speech.base import Speech
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import NOON, Hub, order
from tests.awaiting import seen, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Loudspeaker:
    """Notes what it played, fails when told to, and takes its time."""

    name = "loudspeaker"

    def __init__(self) -> None:
        self.sounds: list[bytes] = []
        self.broken, self.takes = "", 0.0
        self.tried = False

    def play(self, wav: bytes, stop: threading.Event) -> None:
        if self.broken:
            raise CannotPlay(self.broken)
        if wav == UNHEARD:
            self.tried = True
            return  # nobody hears it
        self.sounds.append(wav)
        stop.wait(self.takes)

    def played(self, times: int) -> bool:
        return len(self.sounds) >= times


class Counter:
    """A voice without an agent around it: a work file, a loudspeaker, printers, an open page."""

    def __init__(self, folder: Path) -> None:
        self.work = WorkFile(folder / "work.db", master_key=MASTER_KEY)
        self.cache = CacheFile(folder / "cache.db")
        self.hub = Hub(self.work, self.cache)
        self.loudspeaker, self.no_player = Loudspeaker(), ""
        self.printers: list[PrinterView] = []
        self.settings = Settings(voice=VoiceSettings(repeat_seconds=1))
        self.clock = VirtualClock(system_clock())
        self.page: list[Announced] = []
        self.told_at: list[float] = []
        changes = Changes()
        self.voice = Voice(
            work=self.work,
            printers=lambda: self.printers,
            settings=lambda: self.settings,
            changes=changes,
            clock=self.clock,
            speaker=Speaker(
                lambda: self.settings.voice, self.clock, open_player=self._open_player, open_speech=no_voice
            ),
        )
        self._listening = asyncio.create_task(self._listen(changes))
        loop = asyncio.get_running_loop()

        def committed(_: frozenset[Topic]) -> None:
            loop.call_soon_threadsafe(self.voice.wake)

        self.work.after_commit(committed)

    async def tell(self, *bodies: EventBody) -> None:
        await asyncio.to_thread(self.hub.tell, *bodies)

    async def asked_by_tray(self) -> Announcement | None:
        return self.voice.here()

    def wait(self, millis: int) -> None:
        self.clock.advance(millis)
        self.voice.wake()

    def set(self, **voice: object) -> None:
        changed = msgspec.structs.replace(self.settings.voice, **voice)
        self.settings = msgspec.structs.replace(self.settings, voice=changed)
        self.voice.wake()

    async def close(self) -> None:
        await self.voice.stop()
        self._listening.cancel()
        self.work.close()
        self.cache.close()

    def _open_player(self) -> Loudspeaker:
        if self.no_player:
            raise CannotPlay(self.no_player)
        return self.loudspeaker

    async def _listen(self, changes: Changes) -> None:
        async for happened in changes.listen():
            if happened.event == "announce":
                self.page.append(msgspec.json.decode(happened.data, type=Announced))
                self.told_at.append(time.monotonic())


def no_voice() -> Speech:
    raise CannotSpeak("this computer speaks no Chinese")


@pytest_asyncio.fixture(loop_scope="module")
async def unstarted(tmp_path: Path) -> AsyncIterator[Counter]:
    made = Counter(tmp_path)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def counter(unstarted: Counter) -> Counter:
    """Started, and known to be able to make sound."""
    unstarted.voice.start()
    await until(lambda: unstarted.loudspeaker.tried)
    return unstarted


async def test_a_mute_computer_is_known_before_the_first_order(unstarted: Counter) -> None:
    unstarted.loudspeaker.broken = "no sound card"
    unstarted.voice.start()
    await until(lambda: unstarted.voice.view.trouble)
    view = unstarted.voice.view
    assert (view.trouble, view.can, view.player) == ("no sound card", False, VoicePlayer.PAGE)


async def test_an_order_is_spoken_at_once_repeated_and_silent_when_seen(counter: Counter) -> None:
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.loudspeaker.sounds)

    async def a_second_later() -> int:
        counter.wait(SECOND)
        return len(counter.loudspeaker.sounds)

    assert await seen(a_second_later, lambda sounds: sounds >= 3)
    await asyncio.to_thread(counter.work.write, lambda tx: announcements.seen(tx, "o1"))
    await asyncio.sleep(0.5)
    told = len(counter.loudspeaker.sounds)
    counter.wait(MINUTE)
    await asyncio.sleep(0.5)
    assert len(counter.loudspeaker.sounds) == told
    assert {one.player for one in counter.page} == {VoicePlayer.SERVICE}


async def test_while_a_tray_is_there_it_plays_and_the_service_is_silent(counter: Counter) -> None:
    assert counter.voice.here() is None
    await counter.tell(OrderPlaced(order()))
    offered = await seen(counter.asked_by_tray, bool)
    assert offered is not None and offered.sentence == "美团新订单 1 号"
    assert counter.voice.here() is None, "a second tray is given nothing meanwhile"
    assert counter.voice.view.player is VoicePlayer.TRAY and counter.voice.view.can
    assert pcm.read(await counter.voice.sound(offered.id)).seconds > 1
    counter.voice.spoken("another")
    counter.voice.spoken(offered.id)
    counter.wait(SECOND)
    again = await seen(counter.asked_by_tray, bool)
    assert again == offered, "it is said again"
    counter.voice.spoken(offered.id)
    assert counter.loudspeaker.sounds == [] and {one.player for one in counter.page} == {VoicePlayer.TRAY}


async def test_a_tray_that_went_leaves_the_voice_to_the_service(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.voice.voice.LEASE_S", 2.0)
    counter.voice.here()
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.page)
    assert counter.page[0].player is VoicePlayer.TRAY and counter.loudspeaker.sounds == []
    await until(lambda: counter.loudspeaker.sounds)


async def test_a_tray_that_takes_nothing_is_no_voice(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("agent.voice.voice.LEASE_S", 2.0)
    counter.voice.here()
    await counter.tell(OrderPlaced(order()))

    async def always_there() -> None:
        while not counter.loudspeaker.sounds:
            counter.voice.here()
            await asyncio.sleep(0.1)

    await asyncio.wait_for(always_there(), 30)
    assert "the tray does not play" in caplog.text


async def test_without_a_player_the_page_speaks_and_it_is_said_why(
    unstarted: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter = unstarted
    counter.no_player = "there is no aplay"
    counter.voice.start()
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.page)
    assert counter.page[0].player is VoicePlayer.PAGE
    view = counter.voice.view
    assert (view.player, view.can, view.trouble) == (VoicePlayer.PAGE, False, "there is no aplay")
    assert caplog.text.count("cannot make sound") == 1


async def test_the_page_is_told_one_sentence_at_a_time(counter: Counter) -> None:
    counter.set(player=VoicePlayer.PAGE)
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.page)
    await counter.tell(OrderPlaced(order("o2")))
    await until(lambda: len(counter.page) > 1)
    spoken = pcm.read(await counter.voice.sound(counter.page[0].id)).seconds
    assert counter.told_at[1] - counter.told_at[0] > spoken - 0.5 > 1


async def test_a_loudspeaker_that_fails_is_tried_again(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    counter.loudspeaker.broken = "no such card"
    await counter.tell(OrderPlaced(order()))
    await until(lambda: [one.player for one in counter.page] == [VoicePlayer.SERVICE, VoicePlayer.PAGE])
    assert counter.voice.view.trouble == "no such card" and not counter.voice.view.can
    counter.loudspeaker.broken = ""
    counter.wait(TRY_AGAIN)
    await until(lambda: counter.loudspeaker.sounds)
    await until(lambda: counter.voice.view.can)
    assert caplog.text.count("cannot make sound") == 1


async def test_a_service_that_alone_may_speak_does_not_hurry_to_fail(counter: Counter) -> None:
    counter.set(player=VoicePlayer.SERVICE)
    counter.loudspeaker.broken = "no such card"
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.voice.view.trouble)
    await asyncio.sleep(0.5)
    assert len(counter.page) == 1, "it waits for the repetition"


async def test_a_computer_without_a_chinese_voice_uses_the_clips(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.set(speech=VoiceSpeech.SYSTEM)
    await counter.tell(OrderPlaced(order()), OrderUrged("o1", NOON))
    await until(partial(counter.loudspeaker.played, 2))
    assert counter.voice.view.speech_trouble == "this computer speaks no Chinese"
    assert caplog.text.count("packaged speech is used") == 1


async def test_off_is_silent_and_forgets_nothing(counter: Counter) -> None:
    counter.set(player=VoicePlayer.OFF)
    await counter.tell(OrderPlaced(order()))
    await asyncio.sleep(0.6)
    assert counter.loudspeaker.sounds == [] and counter.page == []
    assert len(await counter.voice.waiting()) == 1
    counter.set(player=VoicePlayer.AUTO, volume=0)
    await until(lambda: counter.loudspeaker.sounds)
    assert not any(pcm.read(counter.loudspeaker.sounds[0]).samples), "as loud as the settings say"


async def test_a_printer_without_paper_is_heard_until_somebody_knows(counter: Counter) -> None:
    counter.printers = [PrinterView("前台", "tcp://x:9100", "blocked", "paper_out")]
    counter.voice.wake()
    await asyncio.sleep(0.5)
    assert counter.loudspeaker.sounds == []
    counter.wait(LASTS)
    await until(lambda: [one.sentence for one in counter.page] == ["前台打印机缺纸"])
    await counter.voice.seen("printer-0")
    assert await counter.voice.waiting() == ()


async def test_a_pause_silences_all_and_ends_by_itself(counter: Counter) -> None:
    counter.voice.pause(1)
    await counter.tell(OrderPlaced(order()))
    await asyncio.sleep(0.5)
    assert counter.loudspeaker.sounds == [] and counter.voice.view.silent_until is not None
    counter.wait(MINUTE)
    await until(lambda: counter.loudspeaker.sounds)


async def test_a_long_sentence_holds_up_nobody(counter: Counter) -> None:
    counter.loudspeaker.takes = 200.0
    await counter.tell(OrderPlaced(order()))
    await until(lambda: counter.loudspeaker.sounds)
    begun = time.monotonic()
    await counter.tell(OrderPlaced(order("o2")))
    assert len(await counter.voice.waiting()) == 2
    assert counter.voice.here() is None, "two voices at once"
    await counter.voice.stop()
    assert time.monotonic() - begun < 100
