"""Orders as this store keeps them."""

import logging

import msgspec

from agent.engine import sqlite3
from agent.errors import NotFound
from agent.transactions import Reading, Topic, Transaction
from domain.orders import OPEN, STAGE, AcceptRule, Order, OrderLine, OrderState, called

log = logging.getLogger(__name__)

_LINE_FIELDS = ", ".join(OrderLine.__struct_fields__)
_ORDER_FIELDS = tuple(name for name in Order.__struct_fields__ if name != "lines")


def find(reading: Reading, order_id: str) -> Order | None:
    row = reading.db.execute("SELECT * FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return None if row is None else from_row(reading, row)


def get(reading: Reading, order_id: str) -> Order:
    """Raises NotFound."""
    order = find(reading, order_id)
    if order is None:
        raise NotFound(f"本店没有这张订单：{order_id}")
    return order


def with_code(reading: Reading, code: str) -> Order | None:
    """The order whose slip carries this code."""
    row = reading.db.execute("SELECT * FROM orders WHERE code = ?", (code,)).fetchone()
    return None if row is None else from_row(reading, row)


def from_row(reading: Reading, row: sqlite3.Row) -> Order:
    fields = {name: row[name] for name in _ORDER_FIELDS}
    return msgspec.convert({**fields, "lines": lines(reading, row["order_id"])}, Order, strict=False)


def lines(reading: Reading, order_id: str) -> tuple[OrderLine, ...]:
    rows = reading.db.execute(f"SELECT {_LINE_FIELDS} FROM lines WHERE order_id = ? ORDER BY line_id", (order_id,))
    return tuple(msgspec.convert(dict(row), OrderLine, strict=False) for row in rows)


def save(tx: Transaction, order: Order) -> None:
    """Writes the order as it reads now; what only this store knows of it (revision, problem) stays."""
    fields = (*_ORDER_FIELDS, "applied_at", "accepted_at", "closed_at")
    changes = ", ".join(f"{name} = excluded.{name}" for name in _ORDER_FIELDS)
    tx.db.execute(
        f"INSERT INTO orders ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})"
        f" ON CONFLICT (order_id) DO UPDATE SET {changes}, revision = revision + 1",
        (
            *(getattr(order, name) for name in _ORDER_FIELDS),
            tx.now,
            tx.now if STAGE[order.state] >= STAGE[OrderState.ACCEPTED] else None,
            None if order.state in OPEN else tx.now,
        ),
    )
    tx.db.execute("DELETE FROM lines WHERE order_id = ?", (order.order_id,))
    places = ", ".join("?" * len(OrderLine.__struct_fields__))
    tx.db.executemany(
        f"INSERT INTO lines (order_id, {_LINE_FIELDS}) VALUES (?, {places})",
        [(order.order_id, *msgspec.structs.astuple(line)) for line in order.lines],
    )
    tx.touch(Topic.ORDERS)
    number = called(order.day_number, order.shown_id)
    tx.note(log, "order %s (%s %s) is %s", order.order_id, order.channel, number, order.state, order=order.order_id)


def set_state(tx: Transaction, order_id: str, state: OrderState) -> None:
    """Writes a state that was decided by `domain.orders`, with the moment it was first seen here."""
    tx.db.execute(
        "UPDATE orders SET state = ?, revision = revision + 1, closed_at = iif(?, NULL, coalesce(closed_at, ?)),"
        " accepted_at = iif(?, coalesce(accepted_at, ?), accepted_at) WHERE order_id = ?",
        (state, state in OPEN, tx.now, state not in (OrderState.PLACED, OrderState.CANCELLED), tx.now, order_id),
    )
    tx.touch(Topic.ORDERS)
    tx.note(log, "order %s is %s", order_id, state, order=order_id)


def set_lines(tx: Transaction, order_id: str, column: str, quantities: dict[int, int]) -> None:
    """`column` is `short` or `struck`; quantities by line id."""
    tx.db.executemany(
        f"UPDATE lines SET {column} = ? WHERE order_id = ? AND line_id = ?",
        [(quantity, order_id, line_id) for line_id, quantity in quantities.items()],
    )
    changed(tx, order_id)


def set_problem(tx: Transaction, order_id: str, problem: str) -> None:
    """What the clerk must know about this order; empty takes it away."""
    tx.db.execute("UPDATE orders SET problem = ? WHERE order_id = ?", (problem, order_id))
    tx.touch(Topic.ORDERS)


def changed(tx: Transaction, order_id: str) -> None:
    """A slip rendered before this is out of date."""
    tx.db.execute("UPDATE orders SET revision = revision + 1 WHERE order_id = ?", (order_id,))
    tx.touch(Topic.ORDERS)


def workable(order: Order, accept: AcceptRule) -> bool:
    """May be picked and printed: accepted, or somebody else accepts it without the clerk."""
    return order.state is OrderState.ACCEPTED or (order.state is OrderState.PLACED and accept is not AcceptRule.CLERK)
