"""What is known of the agents while the hub runs, taken at one moment in the loop's thread: to be read in another."""

from collections.abc import Iterable

import msgspec

from cloud.heads import Heads
from cloud.presence import Attendance, Said
from domain.protocol import Cursor, Head
from domain.times import Millis


class Sighting(msgspec.Struct, frozen=True):
    """One store's agent: `here_since` is None while it is not connected, `said` its last report, still as JSON."""

    here_since: Millis | None = None
    seen_at: Millis | None = None
    cursors: tuple[Cursor, ...] = ()
    said: Said | None = None


class Sightings(msgspec.Struct, frozen=True):
    """`heads`: where every log stands. Until `watching_since` the hub did not run and nobody could be seen."""

    now: Millis
    watching_since: Millis
    stores: dict[str, Sighting]
    heads: dict[str, Head]

    def of(self, store: str) -> Sighting:
        return self.stores.get(store, _NEVER)


_NEVER = Sighting()


def take(
    attendance: Attendance, heads: Heads, now: Millis, watching_since: Millis, only: Iterable[str] | None = None
) -> Sightings:
    """Of every store that ever spoke, or `only` of these."""
    stores = attendance.stores if only is None else only
    return Sightings(now, watching_since, {store: _sighting(attendance, store, now) for store in stores}, heads.all)


def _sighting(attendance: Attendance, store: str, now: Millis) -> Sighting:
    presence = attendance.of(store)
    here = presence.online_since(now)
    seen_at = now if presence.connections else presence.seen_at
    return Sighting(here, seen_at, tuple(presence.cursors.values()), presence.said)
