"""Since when which printer is how, for those who decide who prints what. In memory: after a restart all are asked."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agent.config import PrinterSettings
from agent.printing.claims import Claims
from agent.printing.routes import PAUSED, Out, Place, Routes
from drivers.printers.status import Blocked

Wake = Callable[[], None]

BACKUP_AFTER_S = 5.0
"""A printer may be out that long before its backup does its work: a roll is changed, a cover closed."""
BUSY_BACKUP_AFTER_S = 30.0
"""Another program's long slip is no trouble yet."""


@dataclass(frozen=True, slots=True)
class _Post:
    place: Place
    wake: Wake
    trouble: Out | None = None
    paused_at: float | None = None

    def seen(self) -> Place:
        """With a pause counted as being out."""
        out = self.trouble
        if self.paused_at is not None:
            backup_at = self.paused_at + BACKUP_AFTER_S
            out = Out(PAUSED, backup_at if out is None else min(out.backup_at, backup_at))
        return replace(self.place, out=out)


class Standing:
    """Shared by all printers' threads; no lock is held while anything waits for a device. Whoever's work a change
    may concern is woken. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.claims = Claims(clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._posts: dict[str, _Post] = {}
        self._waiting: Mapping[str, int] = {}
        self._listeners: list[Wake] = []

    def join(self, settings: PrinterSettings, wake: Wake, *, paused: bool = False) -> None:
        """A printer begins to work. `wake` is called from any thread and must not block."""
        with self._lock:
            self._posts[settings.name] = _Post(_place(settings), wake, paused_at=self._clock() if paused else None)
        self._tell()

    def follow(self, settings: PrinterSettings) -> None:
        """What it prints or who stands in for it changed."""
        self._change(settings.name, lambda post: replace(post, place=_place(settings)))

    def leave(self, name: str) -> None:
        with self._lock:
            self._posts.pop(name, None)
        self._tell()

    def well(self, name: str) -> None:
        self._change(name, lambda post: replace(post, trouble=None))

    def out(self, name: str, cause: str, *, since: float | None = None) -> None:
        """A trouble that changes its name goes on; `since` is when it began if that was earlier than now."""

        def go_out(post: _Post) -> _Post:
            patience = BUSY_BACKUP_AFTER_S if cause == Blocked.busy else BACKUP_AFTER_S
            backup_at = (self._clock() if since is None else since) + patience
            if post.trouble is not None:
                backup_at = min(backup_at, post.trouble.backup_at)
            return replace(post, trouble=Out(cause, backup_at))

        self._change(name, go_out)

    def pause(self, name: str, paused: bool) -> None:
        self._change(name, lambda post: replace(post, paused_at=self._clock() if paused else None))

    def paused(self, name: str) -> bool:
        with self._lock:
            post = self._posts.get(name)
        return post is not None and post.paused_at is not None

    def waiting(self, name: str) -> int:
        """Slips that it should print and that are due, as last counted."""
        return self._waiting.get(name, 0)

    def counted(self, waiting: Mapping[str, int]) -> None:
        """By the printer's name; those left out have none."""
        self._waiting = waiting

    def places(self) -> list[Place]:
        """In the order in which they began to work."""
        with self._lock:
            return [post.seen() for post in self._posts.values()]

    def routes(self) -> Routes:
        return Routes(self.places(), self._clock())

    def now(self) -> float:
        """By the clock that routes and looks are told by."""
        return self._clock()

    def on_change(self, listener: Wake) -> None:
        self._listeners.append(listener)

    def _change(self, name: str, step: Callable[[_Post], _Post]) -> None:
        """A printer that has left stays away."""
        with self._lock:
            before = self._posts.get(name)
            if before is None:
                return
            after = self._posts[name] = step(before)
        if after != before:
            self._tell()

    def _tell(self) -> None:
        with self._lock:
            wakes = [post.wake for post in self._posts.values()]
        for wake in (*wakes, *self._listeners):
            wake()


def _place(settings: PrinterSettings) -> Place:
    return Place(settings.name, frozenset(settings.prints), settings.backup)
