"""Which pharmacist is on duty where and when (值班): the roster, set here, and what stores say of who came and went.

Nobody is on duty in two places at once: a licence works where its owner is.
"""

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, select

from cloud import audit, catalogue, tables
from cloud.agents import Agent
from cloud.errors import BadRoster, UnknownStaff
from cloud.eventlog import append
from cloud.people import staff
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.events import RosterSet, store_log
from domain.operations import OnDutyChanged
from domain.staff import OnDuty, Role
from domain.times import DAY, HOUR, Millis, shown

HEADQUARTERS = ""
"""As a store: the duty counts for every store."""
LONGEST: Millis = 24 * HOUR
WEEK: Millis = 7 * DAY
MOST_WEEKS = 26


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One time of duty, and again in each of the next `weeks` - 1 weeks. `store` empty: at headquarters."""

    staff_id: str
    begins_at: Millis
    ends_at: Millis
    store: str = HEADQUARTERS
    weeks: int = 1


class Ended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which one is struck from the roster."""

    staff_id: str
    begins_at: Millis
    store: str = HEADQUARTERS


class Present(msgspec.Struct, frozen=True):
    """The last word of a pharmacist who came on duty in a store, or went."""

    store: str
    staff_id: str
    name: str
    present: bool
    at: Millis


def add(tx: Transaction, shift: Shift, *, by: str) -> None:
    """Raises `BadRoster`, `UnknownStaff`, `UnknownStore`; then nothing of it is on the roster."""
    if not 0 < shift.ends_at - shift.begins_at <= LONGEST:
        raise BadRoster("a duty ends after it begins, within 24 hours")
    if not 1 <= shift.weeks <= MOST_WEEKS:
        raise BadRoster(f"{shift.weeks} weeks", hint=f"1 to {MOST_WEEKS}")
    known = staff.find(tx.connection, tx.chain, shift.staff_id)
    if not known.may(Role.PHARMACIST):
        raise BadRoster(f"{shift.staff_id} is no pharmacist", hint="give the role first")
    if shift.store != HEADQUARTERS:
        catalogue.store(tx, shift.store)
        if not staff.works_in(tx.connection, tx.chain, shift.staff_id, shift.store):
            raise BadRoster(f"{shift.staff_id} does not work in {shift.store}", hint="add the store first")
    for week in range(shift.weeks):
        _add(tx, shift, week * WEEK)
    audit.append(tx, shift.store, by, "roster.added", shift.staff_id, f"{_moment(shift)}, {shift.weeks} weeks")
    _tell(tx, shift.store)


def _add(tx: Transaction, shift: Shift, later: Millis) -> None:
    r, begins_at, ends_at = tables.roster.c, shift.begins_at + later, shift.ends_at + later
    of_them = (r.chain == tx.chain) & (r.staff_id == shift.staff_id)
    other = tx.connection.execute(
        select(r.store, r.begins_at)
        .where(of_them, r.begins_at < ends_at, r.ends_at > begins_at)
        .where((r.store != shift.store) | (r.begins_at != begins_at))
    ).first()
    if other is not None:
        where = other.store or "headquarters"
        raise BadRoster(f"{shift.staff_id} is on duty at {where} then, from {shown(other.begins_at)}")
    key: dict[str, str | int] = {"store": shift.store, "staff_id": shift.staff_id, "begins_at": begins_at}
    upsert(tx, tables.roster, key, {"ends_at": ends_at})


def remove(tx: Transaction, ended: Ended, *, by: str) -> None:
    """Raises `BadRoster` for what is not on it."""
    r = tables.roster.c
    gone = tx.connection.execute(
        delete(tables.roster).where(
            r.chain == tx.chain,
            r.store == ended.store,
            r.staff_id == ended.staff_id,
            r.begins_at == ended.begins_at,
        )
    )
    if not gone.rowcount:
        raise BadRoster(f"{ended.staff_id} is not on the roster at that time")
    audit.append(tx, ended.store, by, "roster.removed", ended.staff_id, shown(ended.begins_at))
    _tell(tx, ended.store)


def strike_unfit(tx: Transaction, staff_id: str) -> None:
    """What is to come of somebody who left, is no pharmacist any more, or works in the store no longer."""
    r = tables.roster.c
    theirs = (r.chain == tx.chain) & (r.staff_id == staff_id) & (r.ends_at > tx.now)
    for store in sorted(set(tx.connection.execute(select(r.store).where(theirs)).scalars())):
        if not _fit(tx, staff_id, store):
            tx.connection.execute(delete(tables.roster).where(theirs, r.store == store))
            audit.append(tx, store, "hub", "roster.struck", staff_id)
            _tell(tx, store)


def _fit(tx: Transaction, staff_id: str, store: str) -> bool:
    try:
        known = staff.find(tx.connection, tx.chain, staff_id)
    except UnknownStaff:
        return False
    works_there = store == HEADQUARTERS or staff.works_in(tx.connection, tx.chain, staff_id, store)
    return known.may(Role.PHARMACIST) and works_there


def between(connection: Connection, chain: str, begin: Millis, end: Millis) -> tuple[OnDuty, ...]:
    """All of the chain's, in order of time."""
    r = tables.roster.c
    return _of(connection, chain, (r.begins_at < end) & (r.ends_at > begin))


def remote(connection: Connection, chain: str, at: Millis) -> tuple[OnDuty, ...]:
    """Headquarters' pharmacists who are on duty then."""
    r = tables.roster.c
    return _of(connection, chain, (r.store == HEADQUARTERS) & (r.begins_at <= at) & (r.ends_at > at))


def came_or_went(tx: Transaction, agent: Agent, fact: OnDutyChanged) -> None:
    said: dict[str, str | int] = {"name": fact.name, "present": int(fact.on), "at": tx.now}
    upsert(tx, tables.duty, {"store": agent.store, "staff_id": fact.staff_id}, said)
    audit.append(tx, agent.store, agent.device, "duty.on" if fact.on else "duty.off", fact.staff_id)


def presence(connection: Connection, chain: str) -> tuple[Present, ...]:
    d = tables.duty.c
    rows = connection.execute(select(tables.duty).where(d.chain == chain).order_by(d.store, d.staff_id))
    return tuple(Present(row.store, row.staff_id, row.name, bool(row.present), row.at) for row in rows)


def tell(tx: Transaction, store: str) -> None:
    """A new store, if there is anything to tell."""
    if duties := for_store(tx.connection, tx.chain, store, tx.now):
        append(tx, store_log(store), RosterSet(duties))


def _tell(tx: Transaction, store: str) -> None:
    for told in catalogue.stores(tx) if store == HEADQUARTERS else (store,):
        append(tx, store_log(told), RosterSet(for_store(tx.connection, tx.chain, told, tx.now)))


def _of(connection: Connection, chain: str, which: ColumnElement[bool]) -> tuple[OnDuty, ...]:
    r, s = tables.roster.c, tables.staff.c
    query = (
        select(r.staff_id, s.name, r.begins_at, r.ends_at, r.store)
        .join(tables.staff, (s.chain == r.chain) & (s.staff_id == r.staff_id))
        .where(r.chain == chain, which)
        .order_by(r.begins_at, r.store, r.staff_id)
    )
    return tuple(OnDuty(*row) for row in connection.execute(query))


def for_store(connection: Connection, chain: str, store: str, now: Millis) -> tuple[OnDuty, ...]:
    """Those that count for a store, without what has long passed."""
    r = tables.roster.c
    return _of(connection, chain, r.store.in_([store, HEADQUARTERS]) & (r.ends_at > now - DAY))


def _moment(shift: Shift) -> str:
    return f"{shown(shift.begins_at)} to {shown(shift.ends_at)}"
