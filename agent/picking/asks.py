"""What a person must still say before the pack just scanned counts. One question waits at a station; the next scan
answers it, or does away with it and its pack."""

import msgspec

from agent.errors import NotFound
from agent.picking import desks
from agent.transactions import Reading, Topic, Transaction
from domain.rules import Ask
from domain.times import Millis


class Waiting(msgspec.Struct, frozen=True):
    """`raw` is the scan it is about."""

    ask_id: int
    station: str
    order_id: str
    line_id: int | None
    kind: Ask
    scan_id: int
    at: Millis
    raw: bytes
    typed: bool
    """By hand."""

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")


_WAITING = "SELECT asks.*, scans.raw FROM asks JOIN scans USING (scan_id)"


def at(reading: Reading, station: str) -> Waiting | None:
    row = reading.db.execute(f"{_WAITING} WHERE station = ?", (station,)).fetchone()
    return None if row is None else msgspec.convert(dict(row), Waiting, strict=False)


def at_station(reading: Reading, station: str, order_id: str) -> Waiting:
    """The question of this order that waits where somebody stands. Raises NotFound."""
    waiting = at(reading, desks.holder(reading, station))
    if waiting is None or waiting.order_id != order_id:
        raise NotFound("没有等待回答的问题，请重新扫描药盒")
    return waiting


def of_order(reading: Reading, order_id: str) -> tuple[Waiting, ...]:
    rows = reading.db.execute(f"{_WAITING} WHERE asks.order_id = ? ORDER BY ask_id", (order_id,))
    return tuple(msgspec.convert(dict(row), Waiting, strict=False) for row in rows)


def put(
    tx: Transaction, station: str, order_id: str, kind: Ask, *, scan_id: int, line_id: int | None, typed: bool
) -> None:
    drop(tx, station)
    tx.db.execute(
        "INSERT INTO asks (station, order_id, line_id, kind, scan_id, at, typed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (station, order_id, line_id, kind, scan_id, tx.now, typed),
    )
    tx.touch(Topic.ORDERS)


def drop(tx: Transaction, station: str) -> None:
    _drop(tx, "station", station)


def drop_of_order(tx: Transaction, order_id: str) -> None:
    _drop(tx, "order_id", order_id)


def _drop(tx: Transaction, column: str, value: str) -> None:
    if tx.db.execute(f"DELETE FROM asks WHERE {column} = ?", (value,)).rowcount:
        tx.touch(Topic.ORDERS)
