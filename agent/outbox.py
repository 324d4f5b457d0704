"""What the hub has yet to hear: written in the transaction that did the work, sent until it is answered.

An operation's key never changes, however often it is sent. Settled rows are kept. What the hub did not take is kept
too, until a person settles it; behind one that did not pass its door, or that it is too old to know, later ones of the
same order wait. The sender is `agent/sender.py`'s business; nothing here waits or retries.
"""

import logging
from collections.abc import Iterable, Sequence

import msgspec

from agent import names, orders
from agent.engine import sqlite3
from agent.errors import NotFound
from agent.picking import reported
from agent.transactions import Reading, Topic, Transaction
from domain.ids import uuid7
from domain.operations import (
    BODIES,
    AcceptOrder,
    AnswerRefund,
    Operation,
    OperationBody,
    ReportShort,
    SettleException,
    decode_body,
    encode_body,
)
from domain.orders import OrderState
from domain.protocol import OPERATIONS_AT_ONCE, Outcome, OutcomeState
from domain.times import Millis

log = logging.getLogger(__name__)
_PENDING = "pending"
"""Where rows are looked for, the queries spell it out: SQLite uses no partial index for a bound value."""
_NOT_TAKEN = "not_taken"
"""The hub's door answered the request with an error: the hub itself has never heard of the operation."""
UNDELIVERED = "state IN ('key_reused', 'unknown_kind', 'not_taken') AND given_up_at IS NULL"
_HOLDS = f"{UNDELIVERED} AND state <> 'key_reused' AND order_id IS NOT NULL"
"""Operations behind which later ones of the same order wait."""
_TAKEN_UP = "state = 'pending' AND settled_at IS NOT NULL"
"""Operations that are being sent again after the hub did not take them; `reason` holds the state they had then."""
_KEPT_THERE = f"({_TAKEN_UP} AND reason = 'unknown_kind')"
"""Those that headquarters keeps raw and applies by itself once it knows their kind: whether a level includes such a
one, the level's `left_out` says."""
_BEHIND = (
    f"order_id IN (SELECT order_id FROM outbox WHERE {_HOLDS}"
    f" UNION ALL SELECT order_id FROM outbox WHERE {_TAKEN_UP} AND order_id IS NOT NULL)"
)
_NOT_IN = (
    f"number IN (SELECT number FROM outbox WHERE state = 'pending'"
    f" AND (number > :heard OR ({_TAKEN_UP} OR {_BEHIND}) AND NOT {_KEPT_THERE})"
    " UNION ALL SELECT number FROM outbox WHERE number > :settled AND state = 'done'"
    " UNION ALL SELECT number FROM outbox"
    " WHERE number IN (SELECT value FROM json_each(:left_out)) AND state IN ('done', 'pending', 'unknown_kind')"
    " AND given_up_at IS NULL"
    f" UNION ALL SELECT number FROM outbox WHERE {UNDELIVERED} AND (state <> 'unknown_kind' OR number > :heard))"
)
"""Operations that a level of headquarters does not include (`not_in` explains the parameters), in four parts: those
that wait and were not heard, or wait behind one that was not taken; those confirmed after `:settled`; those that
headquarters set aside; those that it did not take. A union rather than one condition, so that each part is found by an
index: an outbox keeps weeks of operations."""
UNHEARD = "state NOT IN ('done', 'refused') AND given_up_at IS NULL"
"""Operations of which headquarters has yet to hear, even where a person must see to that first."""
_REFUSED = "state = 'refused' AND given_up_at IS NULL"
"""Requests that headquarters said no to: their orders show it, and nothing is left to be sent."""
_REQUESTS = frozenset(kind for kind, body in BODIES.items() if not body.fact)


class Undelivered(msgspec.Struct, frozen=True):
    """An operation that the hub did not take. `state` is refused, key_reused, unknown_kind or not_taken."""

    key: str
    number: int
    kind: str
    at: Millis
    order_id: str | None
    state: str
    reason: str
    settled_at: Millis


def put(tx: Transaction, body: OperationBody, order_id: str | None = None) -> str:
    """Returns the operation's key. It is on its way once this transaction is committed."""
    key = uuid7(tx.now, tx.randomness)
    tx.db.execute(
        "INSERT INTO outbox (key, kind, v, at, body, order_id) VALUES (?, ?, ?, ?, ?, ?)",
        (key, body.kind, body.version, tx.now, encode_body(body), order_id),
    )
    tx.touch(Topic.OUTBOX)
    return key


def put_kept(tx: Transaction, operation: Operation) -> bool:
    """Puts in an operation of an earlier incarnation of these data, under its old key and a new number. False where an
    operation with that key is here already."""
    row = (operation.key, operation.kind, operation.v, operation.at, bytes(operation.body), operation.order_id)
    tx.touch(Topic.OUTBOX)
    return (
        tx.db.execute(
            "INSERT INTO outbox (key, kind, v, at, body, order_id) SELECT ?1, ?2, ?3, ?4, ?5, ?6"
            " WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE key = ?1)",
            row,
        ).rowcount
        == 1
    )


def pending(reading: Reading, limit: int = OPERATIONS_AT_ONCE) -> tuple[Operation, ...]:
    """The oldest first, so that each order's come in the order in which they were done."""
    rows = reading.db.execute(
        "SELECT * FROM outbox WHERE state = 'pending' AND (order_id IS NULL OR order_id NOT IN"
        f" (SELECT order_id FROM outbox WHERE {_HOLDS})) ORDER BY number LIMIT ?",
        (limit,),
    )
    return tuple(_operation(row) for row in rows)


def unheard(reading: Reading) -> tuple[Operation, ...]:
    """Everything that headquarters has yet to hear and this program can read (a newer one may have written some), in
    the order in which it was done."""
    rows = reading.db.execute(f"SELECT * FROM outbox WHERE {UNHEARD} ORDER BY number")
    return _readable(rows)


def not_in(
    reading: Reading, kinds: Iterable[str], *, heard: int, settled: int, left_out: Sequence[int]
) -> tuple[Operation, ...]:
    """Operations of these kinds that a level of headquarters does not include, in the order in which they were done.

    The level includes the operations up to number `heard`, except those in `left_out`; confirmed ones are included up
    to number `settled`. What waits behind an operation that the hub's door did not take is not included, whatever its
    number.
    """
    rows = reading.db.execute(
        f"SELECT * FROM outbox WHERE kind IN (SELECT value FROM json_each(:kinds)) AND {_NOT_IN} ORDER BY number",
        {"kinds": _json(kinds), "heard": heard, "settled": settled, "left_out": _json(left_out)},
    )
    return _readable(rows)


def done_between(reading: Reading, kind: str, after: int, last: int) -> tuple[Operation, ...]:
    """Operations of this kind that headquarters confirmed, with numbers after `after` up to `last`."""
    rows = reading.db.execute(
        "SELECT * FROM outbox WHERE number > ? AND number <= ? AND kind = ? AND state = 'done' ORDER BY number",
        (after, last, kind),
    )
    return _readable(rows)


def _json(values: Iterable[str] | Iterable[int]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _readable(rows: Iterable[sqlite3.Row]) -> tuple[Operation, ...]:
    known = {kind: body.version for kind, body in BODIES.items()}
    return tuple(_operation(row) for row in rows if row["v"] <= known.get(row["kind"], 0))


def settle(tx: Transaction, outcomes: Iterable[Outcome]) -> None:
    """Writes down the hub's answers. What it refused is shown on the order and undone here where it can be."""
    for outcome in outcomes:
        row = tx.db.execute(
            "UPDATE outbox SET state = ?, reason = ?, settled_at = ? WHERE key = ? AND state = ? RETURNING *",
            (outcome.state, outcome.reason, tx.now, outcome.key, _PENDING),
        ).fetchone()
        if row is None:
            log.warning("the hub answered an operation that was not waiting: %s", outcome.key)
        elif outcome.state is not OutcomeState.DONE:
            _not_done(tx, _operation(row), outcome)
        elif row["order_id"] is not None and row["kind"] in _REQUESTS:
            orders.set_problem(tx, row["order_id"], "")
    tx.touch(Topic.OUTBOX)


def not_taken(tx: Transaction, key: str, why: str) -> None:
    """The hub's door refused the request with this operation. Later ones of its order wait until it gets through or a
    person gives it up."""
    row = tx.db.execute(
        "UPDATE outbox SET state = ?, reason = ?, settled_at = ? WHERE key = ? AND state = ? RETURNING *",
        (_NOT_TAKEN, why, tx.now, key, _PENDING),
    ).fetchone()
    if row is not None:
        log.error("operation %s %s does not get through: %s", row["kind"], key, why)
    tx.touch(Topic.OUTBOX, Topic.SET_ASIDE)


def send_again(tx: Transaction, key: str | None = None) -> int:
    """Operations that the hub did not know or not take wait to be sent again. All of them at every start and whenever
    the line comes back, as the hub may be a newer one; or the one that a person chose. Returns how many."""
    again = tx.db.execute(
        "UPDATE outbox SET state = ?, reason = state"
        " WHERE state IN (?, ?) AND given_up_at IS NULL AND (?4 IS NULL OR key = ?4)",
        (_PENDING, OutcomeState.UNKNOWN_KIND, _NOT_TAKEN, key),
    )
    tx.touch(Topic.OUTBOX, Topic.SET_ASIDE)
    return again.rowcount


def give_up(tx: Transaction, key: str, *, by: str, why: str) -> None:
    """A person settled it otherwise: it is kept, and nothing waits for it. Raises NotFound."""
    done = tx.db.execute(
        f"UPDATE outbox SET given_up_at = ?, settled_by = ?, settled_why = ? WHERE key = ?"
        f" AND ({UNDELIVERED} OR {_REFUSED})",
        (tx.now, by, why, key),
    )
    if done.rowcount == 0:
        raise NotFound(f"没有这条未送达的操作：{key}")
    tx.touch(Topic.OUTBOX, Topic.SET_ASIDE)


def undelivered(reading: Reading, limit: int) -> tuple[Undelivered, ...]:
    """The oldest first."""
    return _listed(reading, f"{UNDELIVERED} ORDER BY number", limit)


def refused(reading: Reading, limit: int) -> tuple[Undelivered, ...]:
    """Requests that the hub said no to, the newest first."""
    return _listed(reading, f"{_REFUSED} ORDER BY number DESC", limit)


def _listed(reading: Reading, which: str, limit: int) -> tuple[Undelivered, ...]:
    columns = ", ".join(Undelivered.__struct_fields__)
    rows = reading.db.execute(f"SELECT {columns} FROM outbox WHERE {which} LIMIT ?", (limit,))
    return tuple(msgspec.convert(dict(row), Undelivered) for row in rows)


def undelivered_count(reading: Reading) -> int:
    return int(reading.db.execute(f"SELECT count(*) FROM outbox WHERE {UNDELIVERED}").fetchone()[0])


def raw(reading: Reading, key: str) -> bytes:
    """Its body as it was written. Raises NotFound."""
    row = reading.db.execute("SELECT body FROM outbox WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise NotFound(f"没有这条操作：{key}")
    return bytes(row["body"])


def depth(reading: Reading) -> int:
    return int(reading.db.execute("SELECT count(*) FROM outbox WHERE state = 'pending'").fetchone()[0])


def oldest_at(reading: Reading) -> Millis | None:
    row = reading.db.execute("SELECT at FROM outbox WHERE state = 'pending' ORDER BY number LIMIT 1").fetchone()
    return None if row is None else int(row["at"])


def waiting(reading: Reading) -> dict[str, int]:
    """How many operations of each kind wait to be sent."""
    rows = reading.db.execute("SELECT kind, count(*) AS count FROM outbox WHERE state = 'pending' GROUP BY kind")
    return {row["kind"]: int(row["count"]) for row in rows}


def over_an_outage(reading: Reading, lost_at: Millis, back_at: Millis) -> tuple[int, int]:
    """How many operations done before the line came back were sent since it was lost, and how many of them still wait.
    The sender may be through before the line counts as up."""
    row = reading.db.execute(
        "SELECT count(*) FILTER (WHERE state != 'pending') AS sent, count(*) FILTER (WHERE state = 'pending') AS left"
        " FROM outbox WHERE at < ? AND (state = 'pending' OR settled_at >= ?)",
        (back_at, lost_at),
    ).fetchone()
    return int(row["sent"]), int(row["left"])


def _operation(row: sqlite3.Row) -> Operation:
    return Operation(
        key=row["key"],
        number=row["number"],
        kind=row["kind"],
        v=row["v"],
        at=row["at"],
        body=msgspec.Raw(row["body"]),
        order_id=row["order_id"],
    )


def _not_done(tx: Transaction, operation: Operation, outcome: Outcome) -> None:
    tx.touch(Topic.SET_ASIDE)
    log.error("operation %s %s: %s %s", operation.kind, operation.key, outcome.state, outcome.reason)
    if outcome.state is OutcomeState.REFUSED:
        _take_back(tx, decode_body(operation))
    if operation.order_id is not None and outcome.state is not OutcomeState.UNKNOWN_KIND:
        orders.set_problem(
            tx,
            operation.order_id,
            f"总部未接受「{names.OPERATIONS.get(operation.kind, operation.kind)}」：{outcome.reason}",
        )


def _take_back(tx: Transaction, body: OperationBody) -> None:
    """The clerk may choose anew; what the order really is, the hub tells by its events."""
    if isinstance(body, AcceptOrder):
        order = orders.find(tx, body.order_id)
        if order is not None and order.state is OrderState.ACCEPTED:
            orders.set_state(tx, body.order_id, OrderState.PLACED)
    elif isinstance(body, AnswerRefund):
        tx.db.execute(
            "UPDATE refunds SET answer = NULL, answered_at = NULL WHERE order_id = ? AND refund_id = ?",
            (body.order_id, body.refund_id),
        )
    elif isinstance(body, ReportShort):
        reported.settled(tx, body.order_id, body.line_id)
    elif isinstance(body, SettleException):
        tx.db.execute(
            "UPDATE exceptions SET choice = NULL, chosen_at = NULL WHERE exception_id = ?", (body.exception_id,)
        )
