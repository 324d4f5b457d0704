"""Stores with their agents: what the tables know, and what is known only while the hub runs."""

import msgspec
from sqlalchemy import Connection, select

from cloud import eventlog, tables
from cloud.presence import Attendance
from cloud.views import untold
from domain.events import store_log
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.protocol import PrinterReport
from domain.times import Millis


class StoreRow(msgspec.Struct, frozen=True):
    store: str
    name: str
    accept: AcceptRule
    mode: Mode
    untold: int
    """What its channels were not told while it was on trial."""
    shops: dict[str, str]
    """Channel → the channel's id of the shop."""
    head: int
    paired_at: Millis | None
    """None: no agent is paired."""
    paired_version: str
    """Of the agent, when its last session began."""
    frozen_why: str = ""
    """Two computers speak as this one agent; neither may (`cloud.clones`)."""


class AgentRow(msgspec.Struct, frozen=True):
    """How the agent is by its last report; `cursor` is the last event it has applied."""

    online_since: Millis | None
    seen_at: Millis | None
    cursor: int | None
    version: str
    outbox_depth: int
    outbox_oldest_at: Millis | None
    reported_at: Millis | None
    printers: tuple[PrinterReport, ...]
    scanners: tuple[PrinterReport, ...]


class StoreView(msgspec.Struct, frozen=True):
    store: StoreRow
    agent: AgentRow


def stores(connection: Connection, chain: str) -> tuple[StoreRow, ...]:
    s, h, a = tables.stores.c, tables.shops.c, tables.agents.c
    shops: dict[str, dict[str, str]] = {}
    for channel, shop, store in connection.execute(select(h.channel, h.shop, h.store).where(h.chain == chain)):
        shops.setdefault(store, {})[channel] = shop
    agents = (
        select(a.store, a.paired_at, a.version, a.frozen_why)
        .where(a.chain == chain, a.revoked_at.is_(None))
        .order_by(a.paired_at)
    )
    paired = {row.store: row for row in connection.execute(agents)}
    of_shadow = untold.counts(connection, chain)
    found = connection.execute(
        select(s.store, s.name, s.accept, s.mode).where(s.chain == chain).order_by(s.store)
    ).all()
    heads = {head.log: head.seq for head in eventlog.heads(connection, chain, [store_log(row.store) for row in found])}
    return tuple(
        StoreRow(
            store=row.store,
            name=row.name,
            accept=AcceptRule(row.accept),
            mode=Mode(row.mode),
            untold=of_shadow.get(row.store, 0),
            shops=shops.get(row.store, {}),
            head=heads.get(store_log(row.store), 0),
            paired_at=paired[row.store].paired_at if row.store in paired else None,
            paired_version=paired[row.store].version if row.store in paired else "",
            frozen_why=paired[row.store].frozen_why if row.store in paired else "",
        )
        for row in found
    )


def with_agents(rows: tuple[StoreRow, ...], attendance: Attendance, now: Millis) -> tuple[StoreView, ...]:
    return tuple(StoreView(row, _agent(attendance, row.store, now)) for row in rows)


def _agent(attendance: Attendance, store: str, now: Millis) -> AgentRow:
    presence = attendance.of(store)
    report = presence.report
    cursor = presence.cursors.get(store_log(store))
    return AgentRow(
        online_since=presence.online_since(now),
        seen_at=presence.seen_at,
        cursor=cursor.seq if cursor else None,
        version=report.version if report else "",
        outbox_depth=report.outbox_depth if report else 0,
        outbox_oldest_at=report.outbox_oldest_at if report else None,
        reported_at=presence.reported_at,
        printers=report.printers if report else (),
        scanners=report.scanners if report else (),
    )
