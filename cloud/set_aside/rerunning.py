"""Facts that were set aside, tried again: when their order comes, once by each new version of the hub, and when a
person wants it. What fails again stays where it is, with its new reason; nothing is tried twice for the same cause.

Who begins the transactions, and what becomes of a fact on which one breaks: `cloud.set_aside.retrying`."""

import logging
from collections.abc import Iterable
from itertools import takewhile

import msgspec
from sqlalchemy import Connection

from cloud import audit, operations
from cloud.agents import Agent
from cloud.errors import HubError
from cloud.set_aside import entries
from cloud.set_aside.entries import HOLDS, RETRIED, Failure, Reason
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from cloud.version import VERSION
from domain.operations import BODIES, UnknownOperation, decode_body

log = logging.getLogger(__name__)

_FIRST_OF_ORDERS = Sql(
    """SELECT s.store, s.order_id, s.reason, o.order_id IS NOT NULL AS known FROM set_aside s
    LEFT JOIN orders o ON o.chain = s.chain AND o.order_id = s.order_id AND o.store = s.store
    WHERE s.chain = ? AND s.state = 'open' AND s.order_id IS NOT NULL
    AND s.reason <> 'key_reused'
    ORDER BY s.store, s.sequence, s.entry_id"""
)
_OF_OTHER_VERSIONS = Sql(
    """SELECT entry_id FROM set_aside WHERE chain = ? AND state = 'open' AND version <> ?
    AND reason IN ('unknown_order', 'failed', 'unreadable', 'absurd') ORDER BY store, sequence, entry_id"""
)
_OF_UNKNOWN_KINDS = Sql(
    """SELECT entry_id, kind, v FROM set_aside WHERE chain = ? AND state = 'open' AND reason = 'unknown_kind'
    ORDER BY store, sequence, entry_id"""
)


class NotRetried(HubError):
    """Trying it again cannot help."""


def due(connection: Connection, chain: str) -> list[tuple[str, str]]:
    """Orders (store, id) whose first waiting fact can be tried: its order came, or what it waited for is settled."""
    first: dict[tuple[str, str], bool] = {}
    for store, order_id, reason, known in _FIRST_OF_ORDERS.rows(connection, chain):
        ready = reason == Reason.BEHIND or (reason == Reason.UNKNOWN_ORDER and bool(known))
        first.setdefault((store, order_id), ready)
    return [key for key, ready in first.items() if ready]


def of_other_versions(tx: Transaction) -> list[str]:
    """What an earlier version failed at: this one tries it once, at its start."""
    return [entry_id for (entry_id,) in _OF_OTHER_VERSIONS.rows(tx.connection, tx.chain, VERSION)]


def known_by_now(tx: Transaction) -> list[str]:
    """Entries of kinds that an earlier version did not know and this one does. The hub must take them up itself: their
    agents do send them again, but not one whose data were restored to before the operation, nor one that was told that
    it is done (by this hub, before it was restored)."""
    rows = _OF_UNKNOWN_KINDS.rows(tx.connection, tx.chain)
    return [entry_id for entry_id, kind, v in rows if (body := BODIES.get(kind)) and v <= body.version]


def take_up(tx: Transaction, entry_id: str) -> None:
    """Applies it as if its agent had sent it again; if the agent does send it later, it is answered alike. Raises
    `NotThere`."""
    row = entries.open_one(tx, entry_id)
    with tx.telling(_is_of_earlier_life(tx, row)):
        operations.apply(tx, _agent(tx, row), entries.operation_of(row))


def of_order(tx: Transaction, store: str, order_id: str, *, most: int | None = None) -> int:
    """Tries the order's facts (at most `most`) in their order, until one fails again. Returns how many took effect."""
    return _run(tx, _waiting(tx, store, order_id)[:most])


def broke(tx: Transaction, store: str, order_id: str, why: str) -> None:
    """Marks the order's first fact as failed: its whole transaction broke, in a way that no rule foresaw."""
    for row in _waiting(tx, store, order_id)[:1]:
        entries.still_fails(tx, row.entry_id, Failure(Reason.FAILED, why))


def broke_alone(tx: Transaction, entry_id: str, why: str) -> None:
    """As `broke`, for a fact that waits with no others. Raises `NotThere`."""
    entries.still_fails(tx, entries.open_one(tx, entry_id).entry_id, Failure(Reason.FAILED, why))


def order_of(tx: Transaction, entry_id: str) -> tuple[str, str] | None:
    """Store and order, where the entry is one of those that wait for each other in an order; else None. Raises
    `NotThere`."""
    row = entries.open_one(tx, entry_id)
    return None if row.order_id is None or row.reason not in HOLDS else (row.store, row.order_id)


def again(tx: Transaction, entry_id: str, *, by: str) -> bool:
    """Tries one that a person, or a new version, wants tried; one of an order together with the others that wait there.
    True where it took effect. Raises `NotThere`, `NotRetried`."""
    row = entries.open_one(tx, entry_id)
    if row.reason not in RETRIED:
        raise NotRetried(
            "这条不能重试 / trying this again cannot help",
            hint="The store must send it anew, or settle it with a reason.",
        )
    audit.append(tx, row.store, by, "operation.again", row.key, row.kind)
    if row.order_id is None:
        return _run(tx, [row]) == 1
    of_order(tx, row.store, row.order_id)
    return all(one.entry_id != entry_id for one in entries.open_of_order(tx, row.store, row.order_id))


def settle(tx: Transaction, entry_id: str, *, by: str, note: str) -> None:
    """A person has dealt with it in another way; what waited behind it goes on. Raises `NotThere`."""
    row = entries.open_one(tx, entry_id)
    entries.end(tx, entry_id, "settled", by=by, note=note)
    audit.append(tx, row.store, by, "operation.settled", row.key, f"{row.kind}: {note}")
    if row.order_id is None:
        return
    left = _waiting(tx, row.store, row.order_id)
    if left and left[0].reason == Reason.BEHIND:
        _run(tx, left)


def _waiting(tx: Transaction, store: str, order_id: str) -> list[AnyRow]:
    """The order's facts that can be tried now: those before the first of an unknown kind. That one is taken when its
    agent sends it again, or by an updated hub; the rest wait for it."""
    rows = [row for row in entries.open_of_order(tx, store, order_id) if row.reason in HOLDS]
    return list(takewhile(lambda row: row.reason != Reason.UNKNOWN_KIND, rows))


def _run(tx: Transaction, rows: Iterable[AnyRow]) -> int:
    done = 0
    for row in rows:
        failure = _one(tx, row)
        if failure is not None:
            entries.still_fails(tx, row.entry_id, failure)
            break
        entries.end(tx, row.entry_id, "done", by="hub")
        audit.append(tx, row.store, row.device, "operation.after_all", row.key, row.kind)
        log.info("fact %s (%s) of store %s took effect after all", row.key, row.kind, row.store)
        done += 1
    return done


def _one(tx: Transaction, row: AnyRow) -> Failure | None:
    operation = entries.operation_of(row)
    try:
        body = decode_body(operation)
    except (UnknownOperation, msgspec.MsgspecError) as error:
        return Failure(Reason.UNREADABLE, str(error))
    with tx.telling(_is_of_earlier_life(tx, row)):
        failure = operations.carry_out(tx, _agent(tx, row), operation, body)
    if failure is not None and failure.reason is Reason.UNKNOWN_ORDER and _has_order(tx, row):
        return Failure(Reason.FAILED, failure.why)  # it is there: to wait for it would be to try for ever
    return failure


def _agent(tx: Transaction, row: AnyRow) -> Agent:
    return Agent(tx.chain, row.store, row.device, 0, row.incarnation)


_LIVES = Sql("SELECT incarnation FROM agents WHERE chain = ? AND store = ? AND device = ? AND revoked_at IS NULL")


def _is_of_earlier_life(tx: Transaction, row: AnyRow) -> bool:
    """Whether its store, whose data were restored since, does not have it any more: then the store cannot know that it
    moves stock now, and must be told the level."""
    lives = _LIVES.rows(tx.connection, tx.chain, row.store, row.device)
    return all(life != row.incarnation for (life,) in lives)


_HAS_ORDER = Sql("SELECT 1 FROM orders WHERE chain = ? AND order_id = ? AND store = ?")


def _has_order(tx: Transaction, row: AnyRow) -> bool:
    return bool(_HAS_ORDER.rows(tx.connection, tx.chain, row.order_id or "", row.store))
