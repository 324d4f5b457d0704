"""Tells a store the levels of its products (`stock.set`) when somebody else than the store changed them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cloud import heard, lots
from cloud.eventlog import append
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.events import StockSet, store_log

_SHELF = Sql("SELECT sku, on_hand, shelf FROM stock WHERE chain = ? AND store = ? AND sku = ANY(?)")


def stands(tx: Transaction, store: str, skus: Iterable[str]) -> dict[str, StockSet]:
    """The present levels, by product; without products that have none."""
    wanted = sorted(set(skus))
    of_skus = lots.sellable(tx, store, wanted)
    found = _SHELF.rows(tx.connection, tx.chain, store, wanted)
    return {sku: StockSet(sku, on_hand, shelf, of_skus.get(sku, ())) for sku, on_hand, shelf in found}


def tell_changed(tx: Transaction, store: str, skus: Iterable[str], before: Mapping[str, StockSet]) -> None:
    """Tells the store the levels that differ from `before`."""
    tell(tx, store, [now for sku, now in stands(tx, store, skus).items() if before.get(sku) != now])


def tell_untold(tx: Transaction) -> None:
    """Tells levels that moved without their stores knowing it (`Transaction.untold`). Call it at the end, when what was
    taken up is marked as taken: an operation that still waits counts as not included in the level."""
    for store in sorted({store for store, _ in tx.untold}):
        tell(tx, store, list(stands(tx, store, (sku for of, sku in tx.untold if of == store)).values()))
    tx.untold.clear()


def tell(tx: Transaction, store: str, levels: Sequence[StockSet]) -> None:
    """Tells the store these levels, each with how much of the store's own work it includes (`cloud.heard`). The stock
    rows must be locked."""
    if not levels:
        return
    contains = heard.by_incarnation(tx.connection, tx.chain, store)
    but = heard.left_out(tx.connection, tx.chain, store)
    for level in levels:
        append(tx, store_log(store), msgspec.structs.replace(level, heard=contains, left_out=but))
