"""Which agents are connected, and how they are. Kept in memory: of reports the last one counts, and it is written down
now and then (design.md §1). Nothing here is needed for correctness; after a restart it fills itself within a minute."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.events import store_log
from domain.protocol import Cursor, Report
from domain.times import MINUTE, SECOND, Clock, Millis

AWAY: Millis = 45 * SECOND
"""Between two long polls, or while a stream is opened again, an agent is not yet gone."""
WRITTEN_EVERY: Millis = 10 * MINUTE
"""While an agent is here its next report is at hand; the last one of an agent that went is written at once."""
VISITS = 8
"""How many earlier times of connection are remembered of each agent."""

_WRITE = Sql(
    """INSERT INTO reports (chain, store, received_at, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (chain, store) DO UPDATE SET received_at = excluded.received_at, body = excluded.body"""
)
_WRITE_APPLIED = Sql(
    """INSERT INTO applied (chain, store, seq) VALUES (?, ?, ?)
    ON CONFLICT (chain, store) DO UPDATE SET seq = excluded.seq"""
)
_APPLIED = Sql("SELECT store, seq FROM applied WHERE chain = ?")
_decode = msgspec.json.Decoder(Report).decode

Said = tuple[Millis, bytes]
"""When a report came, and its JSON."""


class Presence(msgspec.Struct):
    """One store's agent as the hub sees it. `connections` are its open streams and pulls; `said` is its last report, as
    it came: thousands are kept, and few are looked at."""

    device: str = ""
    came_at: Millis | None = None
    seen_at: Millis | None = None
    connections: int = 0
    cursors: dict[str, Cursor] = {}
    said: Said | None = None
    written_at: Millis = 0
    before: tuple[tuple[Millis, Millis], ...] = ()
    """When it came and went before, the newest first."""

    @property
    def report(self) -> Report | None:
        """Decoded each time it is asked for."""
        return _decode(self.said[1]) if self.said else None

    @property
    def reported_at(self) -> Millis | None:
        return self.said[0] if self.said else None

    def online_since(self, now: Millis) -> Millis | None:
        return self.came_at if self.is_here(now) else None

    def is_here(self, now: Millis) -> bool:
        return self.connections > 0 or (self.seen_at is not None and now - self.seen_at <= AWAY)

    def enter(self, device: str, now: Millis) -> None:
        if self.came_at is None or not self.is_here(now):
            if self.came_at is not None and self.seen_at is not None:
                self.before = ((self.came_at, self.seen_at), *self.before)[:VISITS]
            self.came_at = now
        self.device, self.seen_at = device, now
        self.connections += 1

    def leave(self, now: Millis) -> None:
        self.connections -= 1
        self.seen_at = now


class Attendance:
    """Everything here runs in the event loop's thread."""

    def __init__(self) -> None:
        self._stores: dict[str, Presence] = {}
        self._applied: dict[str, int] = {}
        """By store: the cursor in its own log. Kept apart, as it is asked for every few seconds, of thousands."""
        self._unwritten: set[str] = set()
        self._on_news: Callable[[str], None] = lambda _: None

    def on_news(self, listener: Callable[[str], None]) -> None:
        """It hears whose agent came or reported."""
        self._on_news = listener

    @property
    def stores(self) -> list[str]:
        """The stores whose agents ever spoke."""
        return list(self._stores)

    def of(self, store: str) -> Presence:
        found = self._stores.get(store)
        if found is None:
            found = self._stores[store] = Presence()
        return found

    @contextmanager
    def present(self, store: str, device: str, clock: Clock) -> Iterator[None]:
        """While a stream or a pull of the agent is open."""
        presence, now = self.of(store), clock()
        came_anew = not presence.is_here(now)
        presence.enter(device, now)
        if came_anew:
            self._on_news(store)
        try:
            yield
        finally:
            presence.leave(clock())

    def spoke(self, store: str, device: str, now: Millis) -> None:
        """It began a session, and will follow at once."""
        presence = self.of(store)
        presence.enter(device, now)
        presence.leave(now)

    def applied(self, store: str, cursors: Iterable[Cursor]) -> None:
        """Notes how far an agent has come: it asks for what comes after its cursor only when everything up to it is in
        its own database."""
        known, own = self.of(store).cursors, store_log(store)
        for cursor in cursors:
            if known.get(cursor.log) != cursor:
                known[cursor.log] = cursor
                if cursor.log == own:
                    self._applied[store] = cursor.seq

    def reported(self, store: str, report: Report, body: bytes, now: Millis) -> None:
        """`body` is the JSON of the report."""
        presence = self.of(store)
        presence.said, presence.device = (now, body), report.device
        self._unwritten.add(store)
        self.applied(store, report.cursors)
        self._on_news(store)

    def applied_by_store(self) -> dict[str, int]:
        """How far each store's agent has come in its store's own log; a store that never spoke is not in it."""
        return dict(self._applied)

    def cursors(self, since: Millis) -> list[Cursor]:
        """The cursors of all agents that were here since then, in every log that they follow."""
        return [
            cursor
            for presence in self._stores.values()
            if max(presence.seen_at or 0, presence.reported_at or 0) >= since
            for cursor in presence.cursors.values()
        ]

    def take_unwritten(self, now: Millis, *, everything: bool = False) -> dict[str, Said]:
        """What is to be written down now; `everything` when the hub stops."""
        taken: dict[str, Said] = {}
        for store in self._unwritten:
            presence = self.of(store)
            late = now - presence.written_at >= WRITTEN_EVERY
            if presence.said is not None and (everything or late or not presence.is_here(now)):
                taken[store], presence.written_at = presence.said, now
        self._unwritten -= taken.keys()
        return taken

    def recall(self, reports: dict[str, Said]) -> None:
        """What was written before the hub stopped; an agent that spoke since is not overwritten."""
        for store, said in reports.items():
            presence = self.of(store)
            if presence.said is None:
                presence.said = said
                self.applied(store, _decode(said[1]).cursors)


def write_reports(tx: Transaction, reports: dict[str, Said]) -> None:
    _WRITE.run(tx.connection, [(tx.chain, store, at, body) for store, (at, body) in sorted(reports.items())])


def read_reports(connection: Connection, chain: str) -> dict[str, Said]:
    table = tables.reports
    rows = connection.execute(select(table.c.store, table.c.received_at, table.c.body).where(table.c.chain == chain))
    return {store: (at, bytes(body)) for store, at, body in rows}


def write_applied(tx: Transaction, applied: Mapping[str, int]) -> None:
    """For the other processes: an agent speaks with one of them."""
    _WRITE_APPLIED.run(tx.connection, [(tx.chain, store, seq) for store, seq in sorted(applied.items())])


def read_applied(connection: Connection, chain: str) -> dict[str, int]:
    return dict(_APPLIED.rows(connection, chain))
