"""The durable outbox to the channels: written in the transaction that causes a call, carried by `cloud.caller`.

A call is leased before it is carried, so that no two hub processes carry it at once, and a hub that dies lets it go.
Leasing is the one place where a call may leave: those of a store in shadow never do (domain.modes.Mode), whenever and
by whomever they were put there. They stay as rows that say what would have been told.
"""

from collections.abc import Sequence

import msgspec

from cloud import catalogue, tables
from cloud.channels.base import Call, CallKind, CallResult, CallState
from cloud.patience import wait
from cloud.statements import AnyRow, Sql, insert
from cloud.transaction import Transaction
from domain.modes import Mode
from domain.times import MINUTE, SECOND, Millis

LEASE: Millis = MINUTE
"""A carried call that was not settled by then is due again."""
FIRST_WAIT: Millis = SECOND
LONGEST_WAIT: Millis = 5 * MINUTE
SAID_LENGTH = 200

_NEW = insert(
    tables.calls,
    "chain", "call_id", "channel", "shop", "store", "order_id", "kind", "body", "state", "attempts", "next_at",
    "created_at",
)  # fmt: skip
_DUE = Sql(
    """SELECT call_id, channel, store, order_id, body, attempts FROM calls
    WHERE chain = ? AND state = 'waiting' AND next_at <= ? AND NOT channel = ANY(?)
    ORDER BY next_at, created_at, call_id LIMIT ? FOR UPDATE SKIP LOCKED"""
)
_WHEN = Sql("UPDATE calls SET next_at = ? WHERE chain = ? AND call_id = ?")
_OF_ORDERS = Sql(
    """SELECT order_id, call_id, next_at FROM calls
    WHERE chain = ? AND order_id = ANY(?) AND state = 'waiting' ORDER BY created_at, call_id"""
)
_NEXT = Sql("UPDATE calls SET next_at = ? WHERE chain = ? AND order_id = ? AND state = 'waiting'")
_LOCK = Sql("SELECT state, body, attempts FROM calls WHERE chain = ? AND call_id = ? FOR UPDATE")
_AGAIN = Sql("UPDATE calls SET attempts = ?, next_at = ?, said = ? WHERE chain = ? AND call_id = ?")
_END = Sql("UPDATE calls SET state = ?, attempts = ?, said = ? WHERE chain = ? AND call_id = ?")
_DROP = Sql("UPDATE calls SET state = 'dropped' WHERE chain = ? AND order_id = ? AND kind = ? AND state = 'waiting'")
_ON_TRIAL = Sql("SELECT store FROM stores WHERE chain = ? AND store = ANY(?) AND mode = 'shadow'")
_WITHHOLD = Sql("UPDATE calls SET state = 'shadow' WHERE chain = ? AND call_id = ? AND state = 'waiting'")
_WITHHOLD_ALL = Sql("UPDATE calls SET state = 'shadow' WHERE chain = ? AND store = ? AND state = 'waiting'")
_decode = msgspec.json.Decoder(Call).decode


class Carried(msgspec.Struct, frozen=True):
    """A call on its way. `body` is as it was when it left: if it was merged with more meanwhile, it leaves again."""

    call_id: str
    channel: str
    store: str
    order_id: str | None
    attempts: int
    body: bytes

    @property
    def call(self) -> Call:
        return _decode(self.body)


def enqueue(tx: Transaction, store: str, channel: str, call: Call, order_id: str | None = None) -> None:
    enqueue_all(tx, [(store, channel, call, order_id)])


def enqueue_all(tx: Transaction, calls: Sequence[tuple[str, str, Call, str | None]]) -> None:
    """(store, channel, call, order id); due at once, or never where the store is in shadow."""
    _NEW.run(
        tx.connection,
        [
            (
                tx.chain, tx.new_id(), channel, call.shop, store, order_id, call.kind.value,
                msgspec.json.encode(call), _first_state(tx, store), 0, tx.now, tx.now,
            )
            for store, channel, call, order_id in calls
        ],
    )  # fmt: skip


def _first_state(tx: Transaction, store: str) -> str:
    return "shadow" if catalogue.store(tx, store).mode is Mode.SHADOW else "waiting"


def withhold(tx: Transaction, store: str) -> int:
    """What waits to be told of this store never will be; how many calls that were."""
    return _WITHHOLD_ALL.run(tx.connection, [(tx.chain, store)])


def drop(tx: Transaction, order_id: str, kind: CallKind) -> None:
    """Nothing is left to say: the order is over."""
    _DROP.run(tx.connection, [(tx.chain, order_id, kind.value)])


def due(tx: Transaction, limit: int = 50, resting: Sequence[str] = ()) -> list[Carried]:
    """Leases what is due, oldest first; each must be given to `cloud.answers.settle`.

    First in, first out per order: a call whose order has an earlier one waiting is put off until that one's time.
    """
    rows = _but_for_shadow(tx, _DUE.named(tx.connection, tx.chain, tx.now, list(resting), limit))
    first = _first_of_orders(tx, sorted({row.order_id for row in rows if row.order_id is not None}))
    leased = [row for row in rows if row.order_id is None or first[row.order_id][0] == row.call_id]
    _WHEN.run(tx.connection, [(tx.now + LEASE, tx.chain, row.call_id) for row in leased])
    put_off = [row for row in rows if row not in leased]
    _WHEN.run(
        tx.connection,
        [(max(first[row.order_id][1], tx.now + FIRST_WAIT), tx.chain, row.call_id) for row in put_off],
    )
    return [Carried(row.call_id, row.channel, row.store, row.order_id, row.attempts, row.body) for row in leased]


def _but_for_shadow(tx: Transaction, rows: Sequence[AnyRow]) -> list[AnyRow]:
    """A store's mode is read here, from its row, not from what a writer remembers."""
    on_trial = {store for (store,) in _ON_TRIAL.rows(tx.connection, tx.chain, sorted({row.store for row in rows}))}
    _WITHHOLD.run(tx.connection, [(tx.chain, row.call_id) for row in rows if row.store in on_trial])
    return [row for row in rows if row.store not in on_trial]


def _first_of_orders(tx: Transaction, order_ids: list[str]) -> dict[str, tuple[str, Millis]]:
    """The earliest call that waits for each order, and when it is due."""
    rows = _OF_ORDERS.rows(tx.connection, tx.chain, order_ids) if order_ids else ()
    return {order_id: (call_id, next_at) for order_id, call_id, next_at in reversed(rows)}


def write_result(tx: Transaction, carried: Carried, result: CallResult) -> bool:
    """Ends the call or lets it wait; False when nothing follows from it: it was ended or dropped before."""
    rows = _LOCK.named(tx.connection, tx.chain, carried.call_id)
    if not rows or rows[0].state != "waiting":
        return False
    said, attempts = result.said[:SAID_LENGTH], rows[0].attempts + 1
    if result.state is CallState.LATER:
        again = tx.now + wait(tx, attempts, FIRST_WAIT, LONGEST_WAIT, result.retry_after)
        _AGAIN.run(tx.connection, [(attempts, again, said, tx.chain, carried.call_id)])
        return False
    if rows[0].body != carried.body:
        _AGAIN.run(tx.connection, [(0, tx.now, said, tx.chain, carried.call_id)])
        return False
    state = "refused" if result.state is CallState.REFUSED else "done"
    _END.run(tx.connection, [(state, attempts, said, tx.chain, carried.call_id)])
    if carried.order_id is not None:
        _NEXT.run(tx.connection, [(tx.now, tx.chain, carried.order_id)])  # the order's next call waited for this one
    return True
