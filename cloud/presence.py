"""Which agents are there, and how they are: kept in memory, the last report wins and is written each minute
(design.md §1). Nothing here is needed for correctness; after a restart it fills itself within a heartbeat."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.events import store_log
from domain.protocol import Cursor, Report
from domain.times import SECOND, Clock, Millis

AWAY: Millis = 45 * SECOND
"""Between two long polls, or while a stream is opened again, an agent is not yet gone."""


class Presence(msgspec.Struct):
    """One store's agent as the hub sees it. `connections` are its open streams and pulls."""

    device: str = ""
    came_at: Millis | None = None
    seen_at: Millis | None = None
    connections: int = 0
    cursors: dict[str, Cursor] = {}
    report: Report | None = None
    reported_at: Millis | None = None

    def online_since(self, now: Millis) -> Millis | None:
        return self.came_at if self._is_here(now) else None

    def _is_here(self, now: Millis) -> bool:
        return self.connections > 0 or (self.seen_at is not None and now - self.seen_at <= AWAY)

    def enter(self, device: str, now: Millis) -> None:
        if self.came_at is None or not self._is_here(now):
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
        self._unwritten: set[str] = set()

    def of(self, store: str) -> Presence:
        return self._stores.setdefault(store, Presence())

    @contextmanager
    def present(self, store: str, device: str, clock: Clock) -> Iterator[None]:
        """While a stream or a pull of the agent is open."""
        presence = self.of(store)
        presence.enter(device, clock())
        try:
            yield
        finally:
            presence.leave(clock())

    def applied(self, store: str, cursors: Iterable[Cursor]) -> None:
        """An agent asks for what comes after its cursor only when everything up to it is in its own database."""
        presence = self.of(store)
        presence.cursors = presence.cursors | {cursor.log: cursor for cursor in cursors}

    def reported(self, store: str, report: Report, now: Millis) -> None:
        presence = self.of(store)
        presence.report, presence.reported_at, presence.device = report, now, report.device
        self._unwritten.add(store)
        self.applied(store, report.cursors)

    def applied_by_store(self) -> dict[str, int]:
        """How far each store's agent has come in its store's own log; a store that never spoke is not in it."""
        return {
            store: cursor.seq
            for store, presence in self._stores.items()
            if (cursor := presence.cursors.get(store_log(store))) is not None
        }

    def take_unwritten(self) -> dict[str, tuple[Millis, Report]]:
        stores, self._unwritten = self._unwritten, set()
        return {
            store: (presence.reported_at, presence.report)
            for store in stores
            if (presence := self.of(store)).report is not None and presence.reported_at is not None
        }

    def recall(self, reports: dict[str, tuple[Millis, Report]]) -> None:
        """What was written before the hub stopped; an agent that spoke since is not overwritten."""
        for store, (at, report) in reports.items():
            presence = self.of(store)
            if presence.report is None:
                presence.report, presence.reported_at = report, at
                presence.cursors = {cursor.log: cursor for cursor in report.cursors}


def write_reports(tx: Transaction, reports: dict[str, tuple[Millis, Report]]) -> None:
    for store, (at, report) in sorted(reports.items()):
        upsert(tx, tables.reports, {"store": store}, {"received_at": at, "body": msgspec.json.encode(report)})


def read_reports(connection: Connection, chain: str) -> dict[str, tuple[Millis, Report]]:
    table = tables.reports
    rows = connection.execute(select(table.c.store, table.c.received_at, table.c.body).where(table.c.chain == chain))
    return {store: (at, msgspec.json.decode(body, type=Report)) for store, at, body in rows}
