"""Shortages that headquarters was asked about, until its answer is here."""

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.operations import ShortChoice
from domain.quantity import Quantity
from domain.times import Millis


class Reported(msgspec.Struct, frozen=True):
    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str
    reason: str
    staff_id: str
    reported_at: Millis


_FIELDS = ", ".join(Reported.__struct_fields__)


def of_order(reading: Reading, order_id: str) -> tuple[Reported, ...]:
    rows = reading.db.execute(f"SELECT {_FIELDS} FROM shortages WHERE order_id = ?", (order_id,))
    return tuple(msgspec.convert(dict(row), Reported) for row in rows)


def put(tx: Transaction, order_id: str, reported: Reported) -> None:
    tx.db.execute(
        f"INSERT INTO shortages (order_id, {_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (order_id, *msgspec.structs.astuple(reported)),
    )
    tx.touch(Topic.ORDERS)


def settled(tx: Transaction, order_id: str, line_id: int) -> None:
    """The line reads differently now, or the request was refused."""
    tx.db.execute("DELETE FROM shortages WHERE order_id = ? AND line_id = ?", (order_id, line_id))
    tx.touch(Topic.ORDERS)
