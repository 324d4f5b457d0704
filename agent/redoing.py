"""After headquarters replaced a stock level, applies again the movements of this store that the level does not include
yet (`agent.contained` says which those are).

In this file `only` is the one product whose level was set, or None where a snapshot has just replaced all levels.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from agent import contained, orders, owners, stock
from agent.contained import Heard, Moving
from agent.erp import levels
from agent.lots import keeping
from agent.transactions import Transaction
from domain.events import StockSet
from domain.exceptions import Choice
from domain.lots import Lot
from domain.operations import (
    ErpCounted,
    ErpReceived,
    ErpSold,
    GoodsExchanged,
    GoodsReceived,
    LotMoved,
    PickCompleted,
    SaleRecorded,
    SettleException,
    StockCounted,
)
from domain.picks import Binding
from domain.policy import Duty
from domain.quantity import Quantity

Levels = Mapping[str, Quantity]
"""On hand, by SKU, before headquarters' levels replaced it."""


def put(tx: Transaction, told: StockSet) -> None:
    """Takes one level from the store's log. An older hub does not say what it includes (`heard` is None): then its
    level stands as it is."""
    if told.heard is None:
        stock.put(tx, told)
        return
    before = {told.sku: stock.on_hand(tx, told.sku) or 0}
    stock.put(tx, told)
    redo(tx, contained.missing_in(tx, Heard(told.heard, told.left_out), told.sku), before, told.sku)


def redo(tx: Transaction, missing: Iterable[Moving], before: Levels, only: str | None = None) -> None:
    """Applies the missing movements in the order in which they were done here.

    With `only`, a count or a move of a lot can only lower the level, because headquarters set the level later than it
    was made; headquarters treats it in the same way when it arrives (`cloud.facts.stock_counted`,
    `cloud.goods.lot_moved`).
    """
    counted: set[str] = set()
    for done in missing:
        if isinstance(done, ErpCounted) and not owners.ours(tx, Duty.LOT_STOCK):
            counted.update(level.sku for level in done.count.levels if only in (None, level.sku))
        _redo(tx, done, only)
    for sku in sorted(counted):  # `before` already includes what was done here after the ERP's count
        _lower(tx, sku, before.get(sku, 0))


def _redo(tx: Transaction, done: Moving, only: str | None) -> None:
    match done:
        case ErpSold(sale=sale):
            levels.take_from_lots(tx, sale, _book(tx, levels.of_sale(sale.document_id), only))
        case ErpReceived(receipt=receipt):
            levels.take_in_lots(tx, receipt.lines, _book(tx, levels.of_receipt(receipt.document_id), only))
        case SaleRecorded(lines=sold):
            for each in sold:
                if only in (None, each.sku):
                    stock.take(tx, each.sku, each.quantity)
        case PickCompleted(bindings=packs) | GoodsExchanged(given=packs):
            _redo_packs(tx, done.order_id, packs, only)
        case SettleException(choice=Choice.FOUND):
            _redo_found(tx, done, only)
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
        case ErpCounted() | SettleException():
            pass  # `redo` applies an ERP count at the end; any other choice of a settlement moves no stock
        case _:
            assert_never(done)


def _redo_packs(tx: Transaction, order_id: str, packs: Iterable[Binding], only: str | None) -> None:
    skus = {line.line_id: line.sku for line in orders.lines(tx, order_id)}
    for binding in packs:
        sku = skus.get(binding.line_id)
        if only in (None, sku):
            stock.take(tx, sku, binding.quantity)
            keeping.take(tx, sku, [binding])


def _redo_found(tx: Transaction, done: SettleException, only: str | None) -> None:
    skus = {line.line_id: line.sku for line in orders.lines(tx, done.order_id)}
    for line_id, seen in done.found.items():
        sku = skus.get(line_id)
        if sku is not None and only in (None, sku):
            stock.found(tx, sku, seen)


def _redo_count(tx: Transaction, done: StockCounted, only: str | None) -> None:
    if only is None:
        stock.set_on_hand(tx, done.sku, done.counted)
    elif only == done.sku:
        _lower(tx, done.sku, done.counted)


def _redo_move(tx: Transaction, done: LotMoved, delta: Quantity) -> None:
    stock.add(tx, done.sku, delta)
    name = keeping.know(tx, done.sku, Lot(done.lot, done.expiry, 0))
    keeping.shift(tx, done.sku, name, delta)


def _book(tx: Transaction, booking: str, only: str | None) -> set[str]:
    """Books a sale or receipt of the ERP again, for the products whose last ERP count does not include it; returns
    those products."""
    again = levels.booked(tx, booking, only)
    for sku, delta in again.items():
        stock.add(tx, sku, delta)
    return set(again)


def _lower(tx: Transaction, sku: str, here: Quantity) -> None:
    """Until headquarters has taken in the same count, only the smaller of both figures may be sold."""
    tx.db.execute("UPDATE stock SET on_hand = min(on_hand, ?), changed_at = ? WHERE sku = ?", (here, tx.now, sku))
