"""The voice of the store: one at a time. The tray while it says that it can play, else this service, else the page.

Lives in the event loop; what is slow (the data file, making and playing sound) happens in threads. A sentence counts
as said once it was played here, the tray says so, or the open pages were told to play it.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from agent import announcements
from agent.announcements import Kind, Waiting
from agent.changes import Changes
from agent.config import Settings, VoicePlayer, VoiceSettings
from agent.errors import NotFound
from agent.files import WorkFile
from agent.pages.words import Words
from agent.printing.view import PrinterView
from agent.transactions import Reading
from agent.voice import sentences
from agent.voice.speaker import Speaker
from agent.voice.troubles import PrinterTroubles
from agent.voice.turns import Turns, urgency
from domain.times import SECOND, Clock, Millis
from drivers.sound import pcm

log = logging.getLogger(__name__)

LEASE_S = 15.0
"""How long a tray counts as present after it last said so; as long it gets to play what it is given."""
SETTLE_S = 0.2
"""Events come in bursts: what follows at once is said together."""
PAGE_PACE_S = 0.6
"""Between two sentences for the page, which says nothing back: time to fetch the sound."""
_LONGEST_WAIT_S = 60.0
_AFTER_ERROR_S = 5.0


class Announcement(msgspec.Struct, frozen=True):
    """One sentence that waits, in the agent's language. It is spoken in Chinese."""

    id: str
    kind: Kind
    sentence: str
    raised_at: Millis
    order_id: str | None
    count: int


class Announced(msgspec.Struct, frozen=True):
    """To the open pages: this is being said, and by whom."""

    id: str
    sentence: str
    player: VoicePlayer


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the tray shall say, since when (monotonic seconds). One tray takes it: each session may have its own."""

    one: Waiting
    at: float
    taken: bool = False


class VoiceView(msgspec.Struct, frozen=True):
    """`player` speaks now. `can`: the tray or this service can make sound; `trouble` says why this service cannot."""

    player: VoicePlayer
    can: bool
    trouble: str
    speech_trouble: str
    paused_until: Millis | None
    silent_until: Millis | None
    """The end of pause or quiet hours."""


class Voice:
    def __init__(
        self,
        *,
        work: WorkFile,
        printers: Callable[[], Sequence[PrinterView]],
        settings: Callable[[], Settings],
        changes: Changes,
        clock: Clock,
        speaker: Speaker | None = None,
    ) -> None:
        self._work, self._printers, self._settings, self._changes = work, printers, settings, changes
        self._clock = clock
        self._turns = Turns(clock, self._voice_settings)
        self._troubles = PrinterTroubles()
        self._speaker = speaker or Speaker(self._voice_settings, clock)
        self._woken, self._hush = asyncio.Event(), threading.Event()
        self._running: asyncio.Task[None] | None = None
        self._tray_until = 0.0
        self._offer: _Offer | None = None
        self._speaking = False
        self._next_due: Millis | None = None
        self._shown: tuple[Waiting, ...] = ()

    @property
    def view(self) -> VoiceView:
        player = self._player()
        here = player is VoicePlayer.SERVICE and not self._speaker.trouble
        return VoiceView(
            player,
            here or (player is VoicePlayer.TRAY and self._tray_there()),
            self._speaker.trouble,
            self._speaker.speech_trouble,
            self._turns.paused_until,
            self._turns.silent_until(),
        )

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="voice")

    async def stop(self) -> None:
        """In the middle of a word, if need be."""
        self._hush.set()
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def wake(self) -> None:
        """Something may have changed that is heard: an order, a printer, a setting."""
        self._woken.set()

    async def waiting(self) -> tuple[Waiting, ...]:
        """All that waits to be heard: of the orders, and of the printers."""
        orders, self._next_due = await self._work.aread(_read)
        now = self._clock()
        self._troubles.look(self._printers(), now)
        return (*self._troubles.waiting(now), *orders)

    async def announcements(self, words: Words) -> tuple[Announcement, ...]:
        """The most urgent first, as they are said."""
        waiting = sorted(await self.waiting(), key=urgency)
        return tuple(_announcement(one, words) for one in waiting)

    async def sound(self, id: str) -> bytes:
        """The WAV of what waits under this id. Raises NotFound when it does no longer."""
        one = await self._find(id)
        return await asyncio.to_thread(self._wav, one)

    async def seen(self, id: str) -> None:
        """Somebody said 知道了. Raises NotFound when it does no longer wait."""
        one = await self._find(id)
        if one.kind is Kind.PRINTER:
            self._troubles.acknowledge(one.members)
            self._changes.changed()
        else:
            await self._work.awrite(lambda tx: announcements.acknowledge(tx, one.members))
        self.wake()

    def here(self) -> Announcement | None:
        """A tray that can play is there for a while. Returns what it shall say now."""
        if not self._tray_there():
            self.wake()
        self._tray_until = time.monotonic() + LEASE_S
        if self._offer is None or self._offer.taken or self._speaking:
            return None
        self._offer = replace(self._offer, taken=True)
        return _announcement(self._offer.one, self._words())

    def spoken(self, id: str) -> None:
        """The tray has played it."""
        if self._offer is not None and self._offer.one.id == id:
            self._turns.said(self._offer.one)
            self._offer = None
            self.wake()

    def pause(self, minutes: int) -> None:
        self._turns.pause(minutes)
        self._changes.changed()

    def resume(self) -> None:
        self._turns.resume()
        self._changes.changed()
        self.wake()

    async def _run(self) -> None:
        while True:
            try:
                pause = await self._say_what_is_due()
            except Exception:  # the top of this loop: a store that hears nothing more would not know
                log.exception("the voice goes on after an error")
                pause = _AFTER_ERROR_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):  # `wait_for` of Python 3.11 may swallow that it was cancelled
                    await self._woken.wait()
                await asyncio.sleep(SETTLE_S)

    async def _say_what_is_due(self) -> float:
        """One sentence, if one is due. Returns the seconds until there is something to do by the clock alone."""
        self._woken.clear()
        if self._player() is VoicePlayer.SERVICE:
            await asyncio.to_thread(self._speaker.try_out)
        waiting = await self.waiting()
        self._show(waiting)
        self._turns.heed(waiting)
        one = self._turns.next()
        player = self._player()
        if one is None or player is VoicePlayer.OFF:
            self._offer = None
            return self._rest()
        if player is VoicePlayer.TRAY:
            return self._offer_to_tray(one)
        self._offer = None
        self._tell(one, player)
        await (self._leave_to_page(one) if player is VoicePlayer.PAGE else self._speak(one))
        return 0

    async def _speak(self, one: Waiting) -> None:
        """What cannot be heard here is left to the page, if it may speak, and tried again in its turn otherwise."""
        self._speaking = True
        try:
            heard = await asyncio.to_thread(lambda: self._speaker.play(self._wav(one), self._hush))
        finally:
            self._speaking = False
        if heard or self._player() is VoicePlayer.SERVICE:
            self._turns.said(one)
        if not heard:
            self._changes.changed()

    async def _leave_to_page(self, one: Waiting) -> None:
        """The next sentence waits until this one can have been heard."""
        self._turns.said(one)
        sound = await asyncio.to_thread(self._wav, one)
        await asyncio.sleep(pcm.read(sound).seconds + PAGE_PACE_S)

    def _show(self, waiting: tuple[Waiting, ...]) -> None:
        """Some begin to wait by the clock alone: a booked order's, a printer's."""
        if waiting != self._shown:
            self._shown = waiting
            self._changes.changed()

    def _offer_to_tray(self, one: Waiting) -> float:
        """A tray that takes nothing, or does not say that it played it, for too long is no voice."""
        now = time.monotonic()
        if self._offer is None or (self._offer.one.id != one.id and not self._offer.taken):
            self._offer = _Offer(one, now)
            self._tell(one, VoicePlayer.TRAY)
        elif now - self._offer.at > LEASE_S:
            if self._tray_there():
                log.warning("the tray does not play what it is given")
            self._offer, self._tray_until = None, 0.0
            return 0
        return 1.0

    def _player(self) -> VoicePlayer:
        chosen = self._voice_settings().player
        if chosen is not VoicePlayer.AUTO:
            return chosen
        if self._tray_there():
            return VoicePlayer.TRAY
        return VoicePlayer.SERVICE if self._speaker.ready() else VoicePlayer.PAGE

    def _tray_there(self) -> bool:
        return time.monotonic() < self._tray_until

    def _rest(self) -> float:
        now = self._clock()
        moments = (self._turns.next_at(), self._troubles.next_at(now), self._next_due)
        waits = [(at - now) / SECOND for at in moments if at is not None and at > now]
        return min([_LONGEST_WAIT_S, *waits])

    async def _find(self, id: str) -> Waiting:
        found = next((one for one in await self.waiting() if one.id == id), None)
        if found is None:
            raise NotFound(f"没有这条提醒：{id}")
        return found

    def _wav(self, one: Waiting) -> bytes:
        return self._speaker.wav(sentences.spoken(one), alarm=one.kind in sentences.ALARMS)

    def _tell(self, one: Waiting, player: VoicePlayer) -> None:
        self._changes.announce(Announced(one.id, sentences.text(one, self._words()), player))

    def _words(self) -> Words:
        return Words(self._settings().language)

    def _voice_settings(self) -> VoiceSettings:
        return self._settings().voice


def _read(reading: Reading) -> tuple[tuple[Waiting, ...], Millis | None]:
    return announcements.waiting(reading), announcements.next_due_at(reading)


def _announcement(one: Waiting, words: Words) -> Announcement:
    return Announcement(one.id, one.kind, sentences.text(one, words), one.raised_at, one.order_id, one.count)
