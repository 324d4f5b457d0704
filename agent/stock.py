"""The store's stock, as far as it knows: the levels that the hub told, changed by what happened here since."""

from collections.abc import Iterable
from datetime import date

import msgspec

from agent import cursors, outbox, picks, store
from agent.erp import writing
from agent.errors import WorkRefused
from agent.lots import keeping
from agent.transactions import Reading, Topic, Transaction
from domain import lots
from domain.events import StockSet, store_log
from domain.ids import uuid7
from domain.lots import Lot
from domain.operations import SaleLine, SaleRecorded, StockCounted
from domain.quantity import LARGEST, Quantity


class Shelf(msgspec.Struct, frozen=True):
    """Where a product lies and which lot to take first; both are proposals to the picker."""

    shelf: str = ""
    on_hand: Quantity | None = None
    lot: Lot | None = None


def shelf_of(reading: Reading, sku: str | None, today: date) -> Shelf:
    row = reading.db.execute("SELECT on_hand, shelf FROM stock WHERE sku = ?", (sku,)).fetchone()
    if row is None:
        return Shelf()
    known = lots_of(reading, sku)
    return Shelf(row["shelf"], row["on_hand"], lots.suggest(known, today))


def lots_of(reading: Reading, sku: str | None) -> tuple[Lot, ...]:
    """What of each lot may be sold: what lies in quarantine is not in it."""
    rows = reading.db.execute(
        "SELECT lot, expiry, quantity - quarantine AS quantity, produced, month_only, shelf FROM lots WHERE sku = ?",
        (sku,),
    )
    return tuple(msgspec.convert(dict(row), Lot, strict=False) for row in rows)


def put(tx: Transaction, stock: StockSet) -> None:
    """A level from the hub replaces what is known, lots included. It counts what may be sold: what lies in quarantine
    here stays there, and comes on top."""
    tx.db.execute(
        "INSERT INTO stock (sku, on_hand, shelf, changed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET on_hand = excluded.on_hand, shelf = excluded.shelf,"
        " changed_at = excluded.changed_at",
        (stock.sku, stock.on_hand, stock.shelf, tx.now),
    )
    keeping.count_anew(tx, stock.sku)
    for lot in stock.lots:
        _put_lot(tx, stock.sku, lot)
    keeping.drop_others(tx, stock.sku, [lot.lot for lot in stock.lots])


def _put_lot(tx: Transaction, sku: str, lot: Lot) -> None:
    day = lot.expiry.isoformat()
    tx.db.execute("UPDATE OR REPLACE lots SET expiry = ? WHERE sku = ? AND lot = ?", (day, sku, lot.lot))
    tx.db.execute(
        "INSERT INTO lots (sku, lot, expiry, quantity, produced, month_only, shelf) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET quantity = quarantine + excluded.quantity, month_only = excluded.month_only,"
        " produced = coalesce(excluded.produced, produced), shelf = excluded.shelf",
        (sku, lot.lot, day, lot.quantity, lot.produced and lot.produced.isoformat(), lot.month_only, lot.shelf),
    )


def on_hand(reading: Reading, sku: str) -> Quantity | None:
    """None of a product that nobody has told of or counted yet."""
    row = reading.db.execute("SELECT on_hand FROM stock WHERE sku = ?", (sku,)).fetchone()
    return None if row is None else int(row["on_hand"])


def set_on_hand(tx: Transaction, sku: str, quantity: Quantity) -> None:
    tx.db.execute(
        "INSERT INTO stock (sku, on_hand, shelf, changed_at) VALUES (?1, ?2, '', ?3)"
        " ON CONFLICT DO UPDATE SET on_hand = ?2, changed_at = ?3",
        (sku, quantity, tx.now),
    )
    tx.touch(Topic.STOCK)


def add(tx: Transaction, sku: str, delta: Quantity) -> None:
    """Also to a product that was not known yet; never below nothing."""
    tx.db.execute(
        "INSERT INTO stock (sku, on_hand, shelf, changed_at) VALUES (?1, max(?2, 0), '', ?3)"
        " ON CONFLICT DO UPDATE SET on_hand = max(on_hand + ?2, 0), changed_at = ?3",
        (sku, delta, tx.now),
    )
    tx.touch(Topic.STOCK)


def found(tx: Transaction, sku: str, seen: Quantity) -> None:
    """At least so much lies there: the level only goes up, as headquarters does it (`cloud.requests`)."""
    if seen > (on_hand(tx, sku) or 0):
        set_on_hand(tx, sku, seen)


def take(tx: Transaction, sku: str | None, quantity: Quantity) -> None:
    """Packs left the shelf here. The hub hears of it by the operation, and its next level includes it."""
    tx.db.execute(
        "UPDATE stock SET on_hand = max(on_hand - ?, 0), changed_at = ? WHERE sku = ?", (quantity, tx.now, sku)
    )
    tx.touch(Topic.STOCK)


def give_back(tx: Transaction, sku: str | None, quantity: Quantity) -> None:
    """Packs that had left the shelf lie there again."""
    tx.db.execute("UPDATE stock SET on_hand = on_hand + ?, changed_at = ? WHERE sku = ?", (quantity, tx.now, sku))
    tx.touch(Topic.STOCK)


def record_sale(tx: Transaction, lines: Iterable[SaleLine]) -> str:
    """Sold over the counter: a fact, whatever was promised to whom. Returns the sale's id; raises WorkRefused."""
    lines = tuple(lines)
    if not lines or any(not 0 < line.quantity <= LARGEST for line in lines):
        raise WorkRefused("销售数量不对")
    codes = [code for line in lines for code in line.codes]
    if len(codes) != len(set(codes)):
        raise WorkRefused("同一个追溯码扫了两次")
    sale_id = uuid7(tx.now, tx.randomness)
    for line in lines:
        take(tx, line.sku, line.quantity)
    picks.mark_sold(tx, codes, sale_id)
    outbox.put(tx, SaleRecorded(sale_id, lines))
    writing.sold(tx, sale_id, lines)
    return sale_id


def count_stock(tx: Transaction, sku: str, counted: Quantity, reason: str) -> None:
    """Somebody counted. The operation says up to which event of the store's log this store had applied headquarters'
    levels (`seen`). Raises WorkRefused."""
    if not 0 <= counted <= LARGEST:
        raise WorkRefused("盘点数量不对")
    seen = cursors.cursor(tx, store_log(store.identity(tx).store)).seq
    known = on_hand(tx, sku)
    set_on_hand(tx, sku, counted)
    key = outbox.put(tx, StockCounted(sku, counted, reason, seen))
    if known is not None:
        writing.counted(tx, key, sku, counted - known, reason)
