"""Who takes which slip. Pure: printers as they stand and a moment in, names out.

Printers that print a slip's kind share the work: the first free one takes the oldest. Their backups come in only
when all of them have been out for a while, and step back as soon as one is well again. A pinned slip never moves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.slips import SlipKind

PAUSED = "paused"
NO_PRINTER = "no_printer"
"""No printer of agent.toml prints this kind, or the one it was meant for is gone."""


@dataclass(frozen=True, slots=True)
class Out:
    """Why a printer takes nothing. From `backup_at` (monotonic seconds) on its backup does its work."""

    cause: str
    backup_at: float


@dataclass(frozen=True, slots=True)
class Place:
    """One printer as it stands. `prints` is empty for all kinds."""

    name: str
    prints: frozenset[SlipKind] = frozenset()
    backup: str | None = None
    out: Out | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`owners` should print it, `takers` may at this moment; with none of these `cause` says why not, and
    `changes_at` when a backup may come in, if one waits for that."""

    owners: tuple[str, ...]
    takers: tuple[str, ...]
    cause: str = ""
    changes_at: float | None = None


class Routes:
    """Of one moment: `places` in the order of the settings, `now` in monotonic seconds."""

    def __init__(self, places: Iterable[Place], now: float) -> None:
        self._places = {place.name: place for place in places}
        self._now = now
        self._known: dict[tuple[SlipKind, str], Route] = {}

    def of(self, kind: SlipKind, pinned: str = "") -> Route:
        route = self._known.get((kind, pinned))
        if route is None:
            route = self._known[kind, pinned] = self._find(kind, pinned)
        return route

    def _find(self, kind: SlipKind, pinned: str) -> Route:
        if pinned:
            owners = [self._places[pinned]] if pinned in self._places else []
        else:
            owners = [place for place in self._places.values() if not place.prints or kind in place.prints]
        if not owners:
            return Route((), (), NO_PRINTER)
        names = tuple(place.name for place in owners)
        asked: set[str] = set()
        turn: Sequence[Place] = owners
        while turn:
            takers = tuple(place.name for place in turn if place.out is None)
            if takers:
                return Route(names, takers)
            asked.update(place.name for place in turn)
            backups = () if pinned else self._backups(turn, asked)
            opens_at = max(place.out.backup_at for place in turn if place.out is not None)
            if backups and opens_at > self._now:
                return Route(names, (), _cause(owners), opens_at)
            turn = backups
        return Route(names, (), _cause(owners))

    def _backups(self, out: Sequence[Place], asked: set[str]) -> tuple[Place, ...]:
        """Those who stand in for printers that are out, each once: a circle ends."""
        names = dict.fromkeys(place.backup for place in out if place.backup is not None)
        return tuple(self._places[name] for name in names if name in self._places and name not in asked)


def _cause(owners: Sequence[Place]) -> str:
    """What somebody must see to: a trouble before a pause that somebody wished."""
    causes = [place.out.cause for place in owners if place.out is not None]
    return next((cause for cause in causes if cause != PAUSED), causes[0])
