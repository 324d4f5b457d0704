"""The store's stock from a snapshot: headquarters' numbers, and on top what it has not heard of yet."""

from collections.abc import Collection

from agent import orders, outbox, stock
from agent.lots import keeping
from agent.transactions import Reading, Topic, Transaction
from domain.events import StockSet
from domain.lots import Lot
from domain.operations import (
    BODIES,
    ErpCounted,
    ErpReceived,
    ErpSold,
    GoodsReceived,
    LotMoved,
    OperationBody,
    PickCompleted,
    SaleRecorded,
    StockCounted,
    decode_body,
)
from domain.quantity import Quantity

Levels = dict[str, Quantity]
"""On hand, by SKU."""


def put(tx: Transaction, told: StockSet) -> None:
    """What lies in quarantine here stays so; of lots that are not here it is headquarters' word."""
    rows = tx.db.execute("SELECT lot FROM lots WHERE sku = ?", (told.sku,))
    here = {row["lot"] for row in rows}
    stock.put(tx, told)
    tx.db.executemany(
        "UPDATE lots SET quantity = quantity + ?1, quarantine = ?1 WHERE sku = ?2 AND lot = ?3",
        [(apart, told.sku, lot) for lot, apart in told.quarantine.items() if lot not in here],
    )


def drop_others(tx: Transaction, named: Collection[str]) -> None:
    """Headquarters has no number of them."""
    rows = tx.db.execute("SELECT sku FROM stock UNION SELECT sku FROM lots").fetchall()
    gone = [(row["sku"],) for row in rows if row["sku"] not in named]
    tx.db.executemany("DELETE FROM stock WHERE sku = ?", gone)
    tx.db.executemany("UPDATE lots SET quantity = quarantine WHERE sku = ?", gone)
    tx.db.executemany("DELETE FROM lots WHERE sku = ? AND quarantine = 0", gone)
    tx.touch(Topic.STOCK)


def levels(reading: Reading) -> Levels:
    """As they are before anything of the snapshot is taken."""
    return {row["sku"]: row["on_hand"] for row in reading.db.execute("SELECT sku, on_hand FROM stock")}


def redo_unheard(tx: Transaction, before: Levels) -> None:
    """In the order in which it was done here. What lies in quarantine was never taken back."""
    for operation in outbox.unheard(tx):
        if (known := BODIES.get(operation.kind)) is not None and operation.v <= known.version:
            _redo(tx, decode_body(operation), before)


def _redo(tx: Transaction, done: OperationBody, before: Levels) -> None:
    match done:
        case ErpSold(sale=booked) | ErpReceived(receipt=booked):
            _redo_booking(tx, booked.document_id)
        case ErpCounted(count=count):
            for level in count.levels:
                _lower(tx, level.sku, before.get(level.sku, 0))
        case SaleRecorded(lines=sold):
            for each in sold:
                stock.take(tx, each.sku, each.quantity)
        case PickCompleted():
            _redo_pick(tx, done)
        case StockCounted():
            _set(tx, done.sku, done.counted)
        case LotMoved():
            _add(tx, done.sku, done.delta)
            name = keeping.know(tx, done.sku, Lot(done.lot, done.expiry, 0))
            keeping.shift(tx, done.sku, name, done.delta)
        case GoodsReceived(lines=lines):
            for line in lines:
                _add(tx, line.sku, line.quantity)
                lot = Lot(line.lot, line.expiry, 0, line.produced, line.month_only)
                keeping.shift(tx, line.sku, keeping.know(tx, line.sku, lot), line.quantity)


def _redo_pick(tx: Transaction, done: PickCompleted) -> None:
    skus = {line.line_id: line.sku for line in orders.lines(tx, done.order_id)}
    for binding in done.bindings:
        sku = skus.get(binding.line_id)
        stock.take(tx, sku, binding.quantity)
        keeping.take(tx, sku, [binding])


def _redo_booking(tx: Transaction, document_id: str) -> None:
    """As far as no later count of the ERP contains it."""
    query = "SELECT sku, delta FROM erp_bookings WHERE document_id = ?"
    for row in tx.db.execute(query, (document_id,)).fetchall():
        _add(tx, row["sku"], row["delta"])


def _lower(tx: Transaction, sku: str, here: Quantity) -> None:
    """The ERP's count was taken in here and headquarters has yet to: what both have may be sold until then."""
    tx.db.execute("UPDATE stock SET on_hand = min(on_hand, ?), changed_at = ? WHERE sku = ?", (here, tx.now, sku))


def _add(tx: Transaction, sku: str, delta: Quantity) -> None:
    tx.db.execute(
        "INSERT INTO stock (sku, on_hand, shelf, changed_at) VALUES (?1, max(?2, 0), '', ?3)"
        " ON CONFLICT DO UPDATE SET on_hand = max(on_hand + ?2, 0), changed_at = ?3",
        (sku, delta, tx.now),
    )


def _set(tx: Transaction, sku: str, counted: Quantity) -> None:
    tx.db.execute(
        "INSERT INTO stock (sku, on_hand, shelf, changed_at) VALUES (?1, ?2, '', ?3)"
        " ON CONFLICT DO UPDATE SET on_hand = ?2, changed_at = ?3",
        (sku, counted, tx.now),
    )
