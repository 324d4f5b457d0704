"""What was done here, done again to stock that headquarters' word has replaced and that does not contain it."""

from collections.abc import Mapping

from agent import contained, orders, stock
from agent.lots import keeping
from agent.transactions import Transaction
from domain.events import StockSet
from domain.lots import Lot
from domain.operations import (
    ErpCounted,
    ErpReceived,
    ErpSold,
    GoodsReceived,
    LotMoved,
    OperationBody,
    PickCompleted,
    SaleRecorded,
    StockCounted,
)
from domain.quantity import Quantity

Levels = Mapping[str, Quantity]
"""On hand, by SKU, before the word came."""


def put(tx: Transaction, told: StockSet) -> None:
    """A level of the store's log: headquarters said it without what it had yet to hear. An older hub does not say what
    it had heard."""
    if told.heard is None:
        stock.put(tx, told)
        return
    before = stock.on_hand(tx, told.sku) or 0
    stock.put(tx, told)
    for done in contained.missing_in(tx, told.heard, told.sku):
        redo(tx, done, {told.sku: before}, told.sku)


def redo(tx: Transaction, done: OperationBody, before: Levels, only: str | None = None) -> None:
    """`only` this product, whose level was set since: a count or a move that headquarters has yet to hear only lowers
    it (`cloud.facts.stock_counted`, `cloud.goods.lot_moved`)."""
    match done:
        case ErpSold(sale=booked) | ErpReceived(receipt=booked):
            _redo_booking(tx, booked.document_id, only)
        case ErpCounted(count=count):
            for level in count.levels:
                if only in (None, level.sku):
                    _lower(tx, level.sku, before.get(level.sku, 0))
        case SaleRecorded(lines=sold):
            for each in sold:
                if only in (None, each.sku):
                    stock.take(tx, each.sku, each.quantity)
        case PickCompleted():
            _redo_pick(tx, done, only)
        case StockCounted():
            _redo_count(tx, done, only)
        case LotMoved():
            if only in (None, done.sku):
                _redo_move(tx, done, done.delta if only is None else min(done.delta, 0))
        case GoodsReceived(lines=lines):
            for line in lines:
                if only in (None, line.sku):
                    stock.add(tx, line.sku, line.quantity)
                    lot = Lot(line.lot, line.expiry, 0, line.produced, line.month_only)
                    keeping.shift(tx, line.sku, keeping.know(tx, line.sku, lot), line.quantity)


def _redo_pick(tx: Transaction, done: PickCompleted, only: str | None) -> None:
    skus = {line.line_id: line.sku for line in orders.lines(tx, done.order_id)}
    for binding in done.bindings:
        sku = skus.get(binding.line_id)
        if only in (None, sku):
            stock.take(tx, sku, binding.quantity)
            keeping.take(tx, sku, [binding])


def _redo_count(tx: Transaction, done: StockCounted, only: str | None) -> None:
    if only is None:
        stock.set_on_hand(tx, done.sku, done.counted)
    elif only == done.sku:
        _lower(tx, done.sku, done.counted)


def _redo_move(tx: Transaction, done: LotMoved, delta: Quantity) -> None:
    stock.add(tx, done.sku, delta)
    name = keeping.know(tx, done.sku, Lot(done.lot, done.expiry, 0))
    keeping.shift(tx, done.sku, name, delta)


def _redo_booking(tx: Transaction, document_id: str, only: str | None) -> None:
    """As far as no later count of the ERP contains it."""
    query = "SELECT sku, delta FROM erp_bookings WHERE document_id = ?1 AND (?2 IS NULL OR sku = ?2)"
    for row in tx.db.execute(query, (document_id, only)).fetchall():
        stock.add(tx, row["sku"], row["delta"])


def _lower(tx: Transaction, sku: str, here: Quantity) -> None:
    """The ERP's count was taken in here and headquarters has yet to: what both have may be sold until then."""
    tx.db.execute("UPDATE stock SET on_hand = min(on_hand, ?), changed_at = ? WHERE sku = ?", (here, tx.now, sku))
