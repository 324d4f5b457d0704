"""Printers that stand still, as something to be heard: only after a while, and until they are mended.

In memory: what lasts over a restart is found again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.announcements import Kind, Waiting
from agent.printing.view import PrinterView
from domain.times import SECOND, Millis
from drivers.printers.status import Blocked

LASTS: Millis = 5 * SECOND
"""Somebody who changes the roll needs no voice to tell him."""
LASTS_ELSEWHERE: Millis = 30 * SECOND
"""A shared printer is held by another program, or restarts, and comes back by itself."""
_ELSEWHERE = (Blocked.busy, Blocked.unreachable, Blocked.offline)


@dataclass(frozen=True, slots=True)
class _Trouble:
    place: int
    printer: str
    cause: str
    since: Millis

    @property
    def spoken_from(self) -> Millis:
        return self.since + (LASTS_ELSEWHERE if self.cause in _ELSEWHERE else LASTS)

    @property
    def member(self) -> str:
        return f"printer {self.printer} {self.cause} {self.since}"


class PrinterTroubles:
    def __init__(self) -> None:
        self._standing: dict[str, _Trouble] = {}
        self._acknowledged: set[str] = set()

    def look(self, views: Sequence[PrinterView], now: Millis) -> None:
        """Its beginning stays with a trouble whatever its cause turns out to be. Who paused a printer need not hear
        of it."""
        before, self._standing = self._standing, {}
        for place, view in enumerate(views):
            if view.state == "blocked" and not view.paused:
                since = before[view.name].since if view.name in before else now
                self._standing[view.name] = _Trouble(place, view.name, view.cause, since)
        self._acknowledged &= {trouble.member for trouble in self._standing.values()}

    def acknowledge(self, members: Sequence[str]) -> None:
        """Silent until the printer works again or has another trouble."""
        self._acknowledged.update(members)

    def waiting(self, now: Millis) -> tuple[Waiting, ...]:
        return tuple(
            Waiting(
                f"printer-{trouble.place}",
                Kind.PRINTER,
                trouble.since,
                (trouble.member,),
                printer=trouble.printer,
                cause=trouble.cause,
            )
            for trouble in self._unheeded()
            if trouble.spoken_from <= now
        )

    def next_at(self, now: Millis) -> Millis | None:
        """When another of them will have lasted long enough."""
        return min((each.spoken_from for each in self._unheeded() if each.spoken_from > now), default=None)

    def _unheeded(self) -> list[_Trouble]:
        return [each for each in self._standing.values() if each.member not in self._acknowledged]
