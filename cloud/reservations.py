"""Stock promised to orders: one reservation a line. Reserved of a key is always the sum of what its lines hold.

Every change happens under the lock of the stock key (`cloud.stock.Sheet`), whichever order it belongs to.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from cloud.orders import put_short
from cloud.statements import Sql
from cloud.stock import Sheet
from cloud.transaction import StockKey, Transaction
from domain.orders import Order, OrderLine
from domain.quantity import Quantity

_OF_ORDER = Sql(
    "SELECT line_id, store, sku, quantity FROM reservations WHERE chain = ? AND order_id = ? AND state = 'held'"
)
_NEWEST = Sql(
    """SELECT order_id, line_id, quantity FROM reservations
    WHERE chain = ? AND store = ? AND sku = ? AND state = 'held' ORDER BY at DESC, order_id DESC, line_id DESC"""
)
_HOLD = Sql(
    """INSERT INTO reservations (chain, order_id, line_id, store, sku, quantity, state, at)
    VALUES (?, ?, ?, ?, ?, ?, 'held', ?)
    ON CONFLICT (chain, order_id, line_id) DO UPDATE
    SET store = excluded.store, sku = excluded.sku, quantity = excluded.quantity, state = 'held', at = excluded.at"""
)
_KEEP = Sql("UPDATE reservations SET quantity = ? WHERE chain = ? AND order_id = ? AND line_id = ?")
_END = Sql("UPDATE reservations SET state = ?, quantity = ?, at = ? WHERE chain = ? AND order_id = ? AND line_id = ?")
_SHORTER = Sql("UPDATE order_lines SET short = short + ? WHERE chain = ? AND order_id = ? AND line_id = ?")


@dataclass(frozen=True, slots=True)
class Held:
    key: StockKey
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Loss:
    """What one line lost of its reservation to a fact."""

    order_id: str
    line_id: int
    quantity: Quantity


def grant(sheet: Sheet, store: str, line: OrderLine) -> tuple[OrderLine, Quantity]:
    """Takes what is there for a new line; the rest is its `short`. The next line of the product sees what is left."""
    if line.sku is None:
        return line, 0
    key = (store, line.sku)
    taken = max(min(sheet[key].free, line.wanted), 0)
    if taken:
        sheet.reserve(key, taken)
    if taken == line.wanted:
        return line, taken
    return msgspec.structs.replace(line, short=line.wanted - taken), taken


def hold(tx: Transaction, rows: Iterable[tuple[str, int, StockKey, Quantity]]) -> None:
    """Writes down what was granted: (order id, line id, key, quantity)."""
    _HOLD.run(tx.connection, [(tx.chain, order, line, *key, quantity, tx.now) for order, line, key, quantity in rows])


def held(tx: Transaction, order_id: str) -> dict[int, Held]:
    """By line id."""
    rows = _OF_ORDER.rows(tx.connection, tx.chain, order_id)
    return {line_id: Held((store, sku), quantity) for line_id, store, sku, quantity in rows}


def adjust(
    tx: Transaction, order: Order, lines: Sequence[OrderLine], growing: Collection[int] = ()
) -> tuple[OrderLine, ...]:
    """Makes what the order holds fit these lines, by difference, and says what of each is short now.

    Lines that want less, or are no more, give back; only the `growing` may take more.
    """
    keys = {(order.store, line.sku) for line in lines if line.sku is not None}
    sheet = Sheet(tx, keys | {one.key for one in held(tx, order.order_id).values()})
    have = held(tx, order.order_id)
    _give_back(tx, sheet, order, lines, have)
    adjusted = tuple(_grow(tx, sheet, order, line, have, line.line_id in growing) for line in lines)
    sheet.write()
    put_short(tx, order.order_id, {line.line_id: line.short for line in adjusted})
    return adjusted


def _give_back(tx: Transaction, sheet: Sheet, order: Order, lines: Sequence[OrderLine], have: dict[int, Held]) -> None:
    """Releases what is held above what is wanted; `have` keeps what stays held."""
    wanted = {line.line_id: line for line in lines}
    for line_id, one in list(have.items()):
        line = wanted.get(line_id)
        fits = line is not None and (order.store, line.sku) == one.key
        keep = min(one.quantity, line.wanted) if line is not None and fits else 0
        if keep == one.quantity:
            continue
        sheet.reserve(one.key, keep - one.quantity)
        have[line_id] = Held(one.key, keep)
        if keep:
            _KEEP.run(tx.connection, [(keep, tx.chain, order.order_id, line_id)])
        else:
            _END.run(tx.connection, [("released", one.quantity, tx.now, tx.chain, order.order_id, line_id)])
            del have[line_id]


def _grow(
    tx: Transaction, sheet: Sheet, order: Order, line: OrderLine, have: dict[int, Held], may_grow: bool
) -> OrderLine:
    if line.sku is None:
        return line
    key = (order.store, line.sku)
    holds = have[line.line_id].quantity if line.line_id in have else 0
    more = max(min(sheet[key].free, line.wanted - holds), 0) if may_grow else 0
    if more:
        sheet.reserve(key, more)
        hold(tx, [(order.order_id, line.line_id, key, holds + more)])
    return msgspec.structs.replace(line, short=line.wanted - holds - more)


def release(tx: Transaction, order_id: str) -> None:
    """Gives back all that the order still holds; what it was short of stays written on its lines."""
    sheet = Sheet(tx, {one.key for one in held(tx, order_id).values()})
    end(tx, sheet, order_id, held(tx, order_id), "released")
    sheet.write()


def end(tx: Transaction, sheet: Sheet, order_id: str, have: dict[int, Held], state: str) -> None:
    for one in have.values():
        sheet.reserve(one.key, -one.quantity)
    _END.run(
        tx.connection,
        [(state, one.quantity, tx.now, tx.chain, order_id, line_id) for line_id, one in have.items()],
    )


def cover(tx: Transaction, sheet: Sheet, keys: Iterable[StockKey]) -> list[Loss]:
    """After facts: the newest reservations that on hand no longer covers are released, line by line."""
    losses: list[Loss] = []
    for key in sorted(set(keys)):
        missing = sheet[key].reserved - max(sheet[key].on_hand, 0)
        for order_id, line_id, quantity in _NEWEST.rows(tx.connection, tx.chain, *key) if missing > 0 else ():
            lost = min(quantity, missing)
            if lost == 0:
                break
            missing -= lost
            sheet.reserve(key, -lost)
            losses.append(Loss(order_id, line_id, lost))
            if lost < quantity:
                _KEEP.run(tx.connection, [(quantity - lost, tx.chain, order_id, line_id)])
            else:
                _END.run(tx.connection, [("released", quantity, tx.now, tx.chain, order_id, line_id)])
    _SHORTER.run(tx.connection, [(loss.quantity, tx.chain, loss.order_id, loss.line_id) for loss in losses])
    return losses
