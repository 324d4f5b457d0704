"""Operations that took no effect at the hub, kept raw with the reason: facts that no rule could take, a key that came
with two bodies, kinds that only a newer version knows.

A fact among them that this version can name was answered as done all the same: it happened, the store owes us nothing
more, and what becomes of it is headquarters' business (facts/sync.md R8-R10). While an operation of an order may yet
take effect, later facts of that order wait behind it, in their order.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, func, select

from cloud import audit, tables
from cloud.agents import Agent
from cloud.columns import written
from cloud.errors import HubError
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from cloud.version import VERSION
from domain.operations import Operation
from domain.times import Millis

MOST = 500
"""Entries listed at once."""
LONGEST_WHY = 500


class Reason(StrEnum):
    UNKNOWN_ORDER = "unknown_order"
    """This hub does not know the order, or it is another store's; tried again when the order comes."""
    FAILED = "failed"
    """A rule broke on it; tried again by another version."""
    BEHIND = "behind"
    """It waits for an earlier one of its order."""
    UNREADABLE = "unreadable"
    ABSURD = "absurd"
    KEY_REUSED = "key_reused"
    UNKNOWN_KIND = "unknown_kind"
    """The agent keeps it too and sends it again; an updated hub takes a fact up by itself."""


RETRIED = frozenset({Reason.UNKNOWN_ORDER, Reason.FAILED, Reason.BEHIND, Reason.UNREADABLE, Reason.ABSURD})
"""A person, or another version, may try these again."""
HOLDS = RETRIED | {Reason.UNKNOWN_KIND}
"""Later facts of the same order wait behind these, as they may yet take effect."""


class NotThere(HubError):
    """No such entry is open."""


class Failure(msgspec.Struct, frozen=True):
    """Why an operation took no effect."""

    reason: Reason
    why: str


class Entry(msgspec.Struct, frozen=True):
    """One operation that was set aside. `state` is open, done (it took effect after all) or settled (by a person)."""

    entry_id: str
    store: str
    store_name: str
    key: str
    number: int
    kind: str
    v: int
    order_id: str | None
    at: Millis
    reason: Reason
    why: str
    set_aside_at: Millis
    state: str
    ended_at: Millis | None = None
    ended_by: str = ""
    note: str = ""


_NEW = Sql(
    """INSERT INTO set_aside (chain, entry_id, store, device, incarnation, key, number, kind, v, order_id, body,
    body_hash, at, reason, why, set_aside_at, version, state, sequence)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open',
    (SELECT COALESCE(MAX(sequence), 0) + 1 FROM set_aside WHERE chain = ? AND store = ?))
    ON CONFLICT (chain, store, key, body_hash) DO UPDATE
    SET reason = excluded.reason, why = excluded.why, version = excluded.version,
    device = excluded.device, incarnation = excluded.incarnation, number = excluded.number
    WHERE set_aside.state = 'open' AND set_aside.reason = 'unknown_kind'
    AND (excluded.reason <> 'unknown_kind' OR set_aside.incarnation <> excluded.incarnation)"""
)
_HOLDS = Sql(
    """SELECT 1 FROM set_aside WHERE chain = ? AND store = ? AND order_id = ? AND state = 'open'
    AND key <> ? AND reason <> 'key_reused' LIMIT 1"""
)
_OPEN_OF_ORDER = Sql(
    """SELECT * FROM set_aside WHERE chain = ? AND store = ? AND order_id = ? AND state = 'open'
    ORDER BY sequence, entry_id FOR UPDATE"""
)
_WAITING = Sql(
    """SELECT * FROM set_aside WHERE chain = ? AND store = ? AND state = 'open' AND reason <> 'key_reused'
    ORDER BY sequence, entry_id"""
)
_ONE = Sql("SELECT * FROM set_aside WHERE chain = ? AND entry_id = ? AND state = 'open' FOR UPDATE")
_FAILS = Sql("UPDATE set_aside SET reason = ?, why = ?, version = ? WHERE chain = ? AND entry_id = ?")
_END = Sql(
    "UPDATE set_aside SET state = ?, ended_at = ?, ended_by = ?, note = ? WHERE chain = ? AND entry_id = ?"
    " AND state = 'open'"
)
_KNOWN_NOW = Sql(
    """UPDATE set_aside SET state = 'done', ended_at = ? WHERE chain = ? AND store = ? AND key = ? AND body_hash = ?
    AND state = 'open' AND reason = 'unknown_kind'"""
)


def put(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes, failure: Failure) -> None:
    """One entry for each body of a key, however often it comes. An open entry of an unknown kind is brought up to date:
    this version may have another reason, or another incarnation of the store's data may hold the operation now."""
    row = (
        tx.chain, tx.new_id(), agent.store, agent.device, agent.incarnation, operation.key, operation.number,
        operation.kind, operation.v, operation.order_id, bytes(operation.body), body_hash, operation.at,
        failure.reason.value, failure.why[:LONGEST_WHY], tx.now, VERSION, tx.chain, agent.store,
    )  # fmt: skip
    if _NEW.run(tx.connection, [row]):
        said = f"{operation.kind}: {failure.why}"[:LONGEST_WHY]
        audit.append(tx, agent.store, agent.device, f"operation.{failure.reason}", operation.key, said)


def holds(tx: Transaction, store: str, order_id: str | None, key: str) -> bool:
    """Whether another operation of this order, which came before the one with this key, still waits."""
    return order_id is not None and bool(_HOLDS.rows(tx.connection, tx.chain, store, order_id, key))


def known_now(tx: Transaction, store: str, key: str, body_hash: bytes) -> None:
    """Ends the entry of an operation whose kind an earlier version did not know and which was now taken or answered."""
    _KNOWN_NOW.run(tx.connection, [(tx.now, tx.chain, store, key, body_hash)])


def open_of_order(tx: Transaction, store: str, order_id: str) -> Sequence[AnyRow]:
    """The order's open entries as they came, locked: two hub processes never run the same one."""
    return _OPEN_OF_ORDER.named(tx.connection, tx.chain, store, order_id)


def waiting(connection: Connection, chain: str, store: str) -> Iterator[Operation]:
    """All operations of a store that may yet take effect, as they came."""
    return map(operation_of, _WAITING.named(connection, chain, store))


def open_one(tx: Transaction, entry_id: str) -> AnyRow:
    """Locked. Raises `NotThere`."""
    rows = _ONE.named(tx.connection, tx.chain, entry_id)
    if not rows:
        raise NotThere(f"nothing open has the id {entry_id}", hint="Somebody may have settled it already.")
    return rows[0]


def still_fails(tx: Transaction, entry_id: str, failure: Failure) -> None:
    row = (failure.reason.value, failure.why[:LONGEST_WHY], VERSION, tx.chain, entry_id)
    _FAILS.run(tx.connection, [row])


def end(tx: Transaction, entry_id: str, state: str, *, by: str, note: str = "") -> None:
    _END.run(tx.connection, [(state, tx.now, by, note, tx.chain, entry_id)])


def listed(connection: Connection, chain: str, store: str | None = None) -> tuple[Entry, ...]:
    """What is open, the oldest first."""
    s, stores = tables.set_aside.c, tables.stores.c
    shown = [s[name] for name in Entry.__struct_fields__ if name in s]
    query = (
        select(*shown, func.coalesce(func.nullif(stores.name, ""), s.store).label("store_name"))
        .outerjoin_from(tables.set_aside, tables.stores, (stores.chain == s.chain) & (stores.store == s.store))
        .where(s.chain == chain, s.state == written("open"))
        .order_by(s.set_aside_at, s.sequence, s.entry_id)
        .limit(MOST)
    )
    rows = connection.execute(query if store is None else query.where(s.store == store))
    return tuple(msgspec.convert(row._mapping, Entry) for row in rows)


def counts(connection: Connection, chain: str) -> dict[str, int]:
    """How many are open, by store; only those that have some."""
    s = tables.set_aside.c
    query = select(s.store, func.count()).where(s.chain == chain, s.state == written("open")).group_by(s.store)
    return {row[0]: row[1] for row in connection.execute(query)}


def raw(connection: Connection, chain: str, entry_id: str) -> bytes:
    """The body as it came; no operation says anything about a customer. Raises `NotThere`."""
    s = tables.set_aside.c
    query = select(s.body).where(s.chain == chain, s.entry_id == entry_id)
    body: bytes | None = connection.execute(query).scalar_one_or_none()
    if body is None:
        raise NotThere(f"nothing was set aside under {entry_id}")
    return bytes(body)


def operation_of(row: AnyRow) -> Operation:
    return Operation(
        key=row.key, number=row.number, kind=row.kind, v=row.v, at=row.at, body=msgspec.Raw(row.body),
        order_id=row.order_id,
    )  # fmt: skip
