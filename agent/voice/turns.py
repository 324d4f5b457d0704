"""What is said next. Plain rules over a clock: no thread, no sound; `voice.py` carries them out.

Each sentence is said again `repeat_seconds` after it was, until nobody waits for it. What was never said goes first,
the most urgent kind and then the oldest of it; after that whoever waits longest for his turn, so that none is drowned.
"""

from collections.abc import Callable

from agent.announcements import Kind, Waiting
from agent.config import VoiceSettings
from agent.voice.quiet_hours import quiet_until
from domain.times import MINUTE, SECOND, Clock, Millis

_URGENCY = {kind: place for place, kind in enumerate(Kind)}


class Turns:
    def __init__(self, clock: Clock, settings: Callable[[], VoiceSettings]) -> None:
        self._clock, self._settings = clock, settings
        self._waiting: tuple[Waiting, ...] = ()
        self._said: dict[str, Millis] = {}
        self.paused_until: Millis | None = None

    def heed(self, waiting: tuple[Waiting, ...]) -> None:
        """All that waits now; what does no longer is forgotten."""
        self._waiting = waiting
        members = {member for one in waiting for member in one.members}
        self._said = {member: at for member, at in self._said.items() if member in members}

    def said(self, one: Waiting) -> None:
        self._said.update(dict.fromkeys(one.members, self._clock()))

    def pause(self, minutes: int) -> None:
        self.paused_until = self._clock() + minutes * MINUTE

    def resume(self) -> None:
        self.paused_until = None

    def silent_until(self) -> Millis | None:
        """Paused, or in quiet hours; None while it may speak. A pause that is over is forgotten."""
        now = self._clock()
        if self.paused_until is not None and self.paused_until <= now:
            self.paused_until = None
        ends = [end for end in (self.paused_until, quiet_until(self._settings().quiet, now)) if end is not None]
        return max(ends, default=None)

    def next(self) -> Waiting | None:
        """What is to be said now, if anything."""
        now = self._clock()
        due = [one for one in self._waiting if self._due_at(one, now) <= now]
        return None if not due or self.silent_until() is not None else min(due, key=self._turn)

    def next_at(self) -> Millis | None:
        """When `next` will have something to say by the clock alone."""
        now = self._clock()
        due_at = min((self._due_at(one, now) for one in self._waiting), default=None)
        return None if due_at is None else max(due_at, self.silent_until() or due_at)

    def _due_at(self, one: Waiting, now: Millis) -> Millis:
        """Before the first time, and when the clock was set back: now."""
        last = self._last(one)
        return now if last is None or last > now else last + self._settings().repeat_seconds * SECOND

    def _last(self, one: Waiting) -> Millis | None:
        """When all it stands for was said; None while something new is among it."""
        times = [self._said.get(member) for member in one.members]
        return None if None in times else min(at for at in times if at is not None)

    def _turn(self, one: Waiting) -> tuple[int, int, Millis]:
        last = self._last(one)
        return (0, *urgency(one)) if last is None else (1, 0, last)


def urgency(one: Waiting) -> tuple[int, Millis]:
    """The most urgent kind is the least, and of one kind the oldest."""
    return _URGENCY[one.kind], one.raised_at
