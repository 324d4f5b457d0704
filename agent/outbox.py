"""What the hub has yet to hear: written in the transaction that did the work, sent until it is answered.

An operation's key never changes, however often it is sent. Settled rows are kept. The sender is `agent/sender.py`'s
business; nothing here waits or retries.
"""

import logging
from collections.abc import Iterable

import msgspec

from agent import names, orders
from agent.engine import sqlite3
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
_REQUESTS = frozenset(kind for kind, body in BODIES.items() if not body.fact)


def put(tx: Transaction, body: OperationBody, order_id: str | None = None) -> str:
    """Returns the operation's key. It is on its way once this transaction is committed."""
    key = uuid7(tx.now, tx.randomness)
    tx.db.execute(
        "INSERT INTO outbox (key, kind, v, at, body, order_id) VALUES (?, ?, ?, ?, ?, ?)",
        (key, body.kind, body.version, tx.now, encode_body(body), order_id),
    )
    tx.touch(Topic.OUTBOX)
    return key


def pending(reading: Reading, limit: int = OPERATIONS_AT_ONCE) -> tuple[Operation, ...]:
    """The oldest first, so that each order's come in the order in which they were done."""
    rows = reading.db.execute("SELECT * FROM outbox WHERE state = ? ORDER BY number LIMIT ?", (_PENDING, limit))
    return tuple(_operation(row) for row in rows)


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


def send_again(tx: Transaction) -> int:
    """Once the hub may have learned new kinds: what it did not know waits for its answer again."""
    again = tx.db.execute("UPDATE outbox SET state = ? WHERE state = ?", (_PENDING, OutcomeState.UNKNOWN_KIND))
    tx.touch(Topic.OUTBOX)
    return again.rowcount


def depth(reading: Reading) -> int:
    return int(reading.db.execute("SELECT count(*) FROM outbox WHERE state = ?", (_PENDING,)).fetchone()[0])


def oldest_at(reading: Reading) -> Millis | None:
    row = reading.db.execute("SELECT at FROM outbox WHERE state = ? ORDER BY number LIMIT 1", (_PENDING,)).fetchone()
    return None if row is None else int(row["at"])


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
