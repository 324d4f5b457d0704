"""The fleet, put together from the tables and from what was seen of the agents."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from sqlalchemy import Connection, select, tuple_

from cloud import tables
from cloud.fleet.members import Lag, Member, Standing
from cloud.fleet.sightings import Sighting, Sightings
from cloud.fleet.troubles import (
    DARK_AFTER,
    MOST_BEHIND,
    MOST_BEHIND_CHAIN,
    Kind,
    Level,
    Trouble,
    backup_at,
    by_our_clock,
    of_report,
    worst_first,
)
from cloud.set_aside import entries as set_aside
from cloud.statements import AnyRow
from domain.events import store_log
from domain.modes import Mode
from domain.pieces import pieces
from domain.protocol import Cursor, Head, Report
from domain.times import Millis

_AT_ONCE = 400
"""Events looked up by one statement."""
_decode = msgspec.json.Decoder(Report).decode

Next = dict[tuple[str, int], Millis]
"""When an event (log, number) was made."""


def fleet(connection: Connection, chain: str, seen: Sightings, store: str | None = None) -> list[Member]:
    """All stores, or this one, sorted by id."""
    agents = _agents(connection, chain, store)
    aside = set_aside.counts(connection, chain)
    s = tables.stores.c
    query = select(s.store, s.name, s.mode).where(s.chain == chain).order_by(s.store)
    rows = connection.execute(query if store is None else query.where(s.store == store)).all()
    behind = [cursor for row in rows for cursor in _behind(seen, seen.of(row.store))]
    made = _made_at(connection, chain, behind)
    return [_member(row, agents.get(row.store), aside.get(row.store, 0), seen, made) for row in rows]


def _agents(connection: Connection, chain: str, store: str | None) -> dict[str, AnyRow]:
    """The newest agent of each store; one that was revoked where there is no other."""
    a = tables.agents.c
    query = select(a.store, a.version, a.paired_at, a.revoked_at, a.revoked_why, a.frozen_at, a.frozen_why)
    query = query.where(a.chain == chain) if store is None else query.where(a.chain == chain, a.store == store)
    found = connection.execute(query.order_by(a.revoked_at.is_(None), a.paired_at))
    return {row.store: row for row in found}


def _behind(seen: Sightings, sighting: Sighting) -> Iterator[Cursor]:
    for cursor in sighting.cursors:
        head = seen.heads.get(cursor.log)
        if head is not None and (not _is_of(cursor, head) or cursor.seq < head.seq):
            yield cursor


def _is_of(cursor: Cursor, head: Head) -> bool:
    """Of the same incarnation, or of none yet."""
    return cursor.log_id in ("", head.log_id)


def _made_at(connection: Connection, chain: str, behind: Sequence[Cursor]) -> Next:
    """When the first event was made that each of these lacks."""
    wanted = sorted({(cursor.log, cursor.seq + 1) for cursor in behind})
    e, made = tables.events.c, Next()
    for some in pieces(wanted, _AT_ONCE):
        query = select(e.log, e.seq, e.at).where(e.chain == chain, tuple_(e.log, e.seq).in_(some))
        made.update({(log, seq): at for log, seq, at in connection.execute(query)})
    return made


def _member(row: AnyRow, agent: AnyRow | None, aside: int, seen: Sightings, made: Next) -> Member:
    sighting = seen.of(row.store)
    report = None if sighting.said is None else _decode(sighting.said[1])
    standing, since, why = _standing(agent, sighting)
    known = Member(
        store=row.store,
        name=row.name,
        mode=Mode(row.mode),
        standing=standing,
        since=since,
        why=why,
        version=report.version if report is not None else "" if agent is None else agent.version,
        paired_at=None if agent is None else agent.paired_at,
        seen_at=_seen_at(sighting),
        lags=tuple(_lags(seen, sighting, made)),
        set_aside=aside,
        reported_at=None if sighting.said is None else sighting.said[0],
    )
    if report is not None:
        known = _with_report(known, report)
    return msgspec.structs.replace(known, troubles=worst_first(_troubles(known, report, seen)))


def _with_report(known: Member, report: Report) -> Member:
    return msgspec.structs.replace(
        known,
        outbox_depth=report.outbox_depth,
        outbox_oldest_at=by_our_clock(report, report.outbox_oldest_at),
        clock_offset=report.clock_offset,
        disk_free=report.disk_free,
        backup_at=by_our_clock(report, backup_at(report)),
        diagnosed_at=by_our_clock(report, report.diagnosed_at),
    )


def _seen_at(sighting: Sighting) -> Millis | None:
    reported_at = 0 if sighting.said is None else sighting.said[0]
    return max(sighting.seen_at or 0, reported_at) or None


def _standing(agent: AnyRow | None, sighting: Sighting) -> tuple[Standing, Millis | None, str]:
    if agent is None:
        return Standing.UNPAIRED, None, ""
    if agent.revoked_at is not None:
        return Standing.REVOKED, agent.revoked_at, agent.revoked_why
    if agent.frozen_why:
        return Standing.FROZEN, agent.frozen_at, agent.frozen_why
    if sighting.here_since is not None:
        return Standing.ONLINE, sighting.here_since, ""
    return Standing.DARK, _seen_at(sighting) or agent.paired_at, ""


def _lags(seen: Sightings, sighting: Sighting, made: Next) -> Iterable[Lag]:
    for cursor in _behind(seen, sighting):
        head = seen.heads[cursor.log]
        if _is_of(cursor, head):
            yield Lag(cursor.log, head.seq - cursor.seq, made.get((cursor.log, cursor.seq + 1)))
        else:
            yield Lag(cursor.log, head.seq, None)


def _troubles(member: Member, report: Report | None, seen: Sightings) -> Iterator[Trouble]:
    match member.standing:
        case Standing.UNPAIRED:
            yield Trouble(Level.ABSENT, Kind.UNPAIRED)
            return
        case Standing.REVOKED:
            yield Trouble(Level.ABSENT, Kind.REVOKED, since=member.since)
            return
        case Standing.FROZEN:
            yield Trouble(Level.BAD, Kind.FROZEN, since=member.since)
        case Standing.DARK:
            if seen.now - max(member.since or 0, seen.watching_since) > DARK_AFTER:
                yield Trouble(Level.BAD, Kind.DARK, since=member.since)
        case Standing.ONLINE:
            late = [lag.since for lag in member.lags if lag.since is not None and _is_late(lag, member, seen.now)]
            if late:
                yield Trouble(Level.BAD, Kind.BEHIND, member.behind, min(late))
    if member.set_aside:
        yield Trouble(Level.LOOK, Kind.SET_ASIDE, member.set_aside)
    if report is not None:
        yield from of_report(report, seen.now, online=member.standing is Standing.ONLINE)


def _is_late(lag: Lag, member: Member, now: Millis) -> bool:
    """Neither just come nor within what it needs to tell."""
    most = MOST_BEHIND if lag.log == store_log(member.store) else MOST_BEHIND_CHAIN
    return now - max(lag.since or 0, member.since or 0) > most
