"""One store of the fleet in full: what its agent told of itself, and which computers were paired with it."""

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.errors import UnknownStore
from cloud.fleet import reading
from cloud.fleet.diagnosing import Asked, last_asked
from cloud.fleet.members import Member
from cloud.fleet.sightings import Sightings
from cloud.statements import AnyRow
from domain.events import store_log
from domain.protocol import Report
from domain.times import Millis

_MOST_COMPUTERS = 10
_decode = msgspec.json.Decoder(Report).decode


class Computer(msgspec.Struct, frozen=True):
    """One pairing, the newest first."""

    device: str
    hostname: str
    version: str
    paired_at: Millis
    session_at: Millis | None
    """When it last began a session."""
    revoked_at: Millis | None
    why: str


class Visit(msgspec.Struct, frozen=True):
    """A time that the agent was connected, since this hub runs; `left_at` is None while it is."""

    came_at: Millis
    left_at: Millis | None


class CloseUp(msgspec.Struct, frozen=True):
    """`asked` is the last wish for a diagnosis that the store has not answered yet, `heard` whether it knows of it."""

    now: Millis
    member: Member
    report: Report | None
    computers: tuple[Computer, ...]
    visits: tuple[Visit, ...]
    asked: Asked | None
    heard: bool


def close_up(connection: Connection, chain: str, seen: Sightings, visits: tuple[Visit, ...], store: str) -> CloseUp:
    """Raises `UnknownStore`."""
    found = reading.fleet(connection, chain, seen, store)
    if not found:
        raise UnknownStore(f"no store {store}")
    sighting, member = seen.of(store), found[0]
    report = None if sighting.said is None else _decode(sighting.said[1])
    asked = last_asked(connection, chain, store)
    applied = next((cursor.seq for cursor in sighting.cursors if cursor.log == store_log(store)), 0)
    answered = asked is not None and member.diagnosed_at is not None and member.diagnosed_at > asked.at
    return CloseUp(
        now=seen.now,
        member=member,
        report=report,
        computers=_computers(connection, chain, store),
        visits=visits,
        asked=None if answered else asked,
        heard=asked is not None and applied >= asked.seq,
    )


def _computers(connection: Connection, chain: str, store: str) -> tuple[Computer, ...]:
    a = tables.agents.c
    query = (
        select(tables.agents)
        .where(a.chain == chain, a.store == store)
        .order_by(a.paired_at.desc())
        .limit(_MOST_COMPUTERS)
    )
    return tuple(_computer(row) for row in connection.execute(query))


def _computer(row: AnyRow) -> Computer:
    why = row.revoked_why if row.revoked_at is not None else row.frozen_why
    return Computer(row.device, row.hostname, row.version, row.paired_at, row.session_at, row.revoked_at, why)
