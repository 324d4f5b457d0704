"""What headquarters says of a store's products when somebody else than the store changed them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cloud import heard, lots
from cloud.eventlog import append
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.events import StockSet, store_log

_SHELF = Sql("SELECT sku, on_hand, shelf FROM stock WHERE chain = ? AND store = ? AND sku = ANY(?)")


def stands(tx: Transaction, store: str, skus: Iterable[str]) -> dict[str, StockSet]:
    """As it is now, by product; only those that have a level."""
    wanted = sorted(set(skus))
    of_skus = lots.sellable(tx, store, wanted)
    found = _SHELF.rows(tx.connection, tx.chain, store, wanted)
    return {sku: StockSet(sku, on_hand, shelf, of_skus.get(sku, ())) for sku, on_hand, shelf in found}


def tell_changed(tx: Transaction, store: str, skus: Iterable[str], before: Mapping[str, StockSet]) -> None:
    """The store, of what is not as it was."""
    tell(tx, store, [now for sku, now in stands(tx, store, skus).items() if before.get(sku) != now])


def tell_untold(tx: Transaction) -> None:
    """Once all that the transaction took up is marked as taken: what waits is not in a level."""
    for store in sorted({store for store, _ in tx.untold}):
        tell(tx, store, list(stands(tx, store, (sku for of, sku in tx.untold if of == store)).values()))
    tx.untold.clear()


def tell(tx: Transaction, store: str, levels: Sequence[StockSet]) -> None:
    """The store, once their rows are locked: each with what it contains of the store's own doing."""
    if not levels:
        return
    contains = heard.by_incarnation(tx.connection, tx.chain, store)
    but = heard.left_out(tx.connection, tx.chain, store)
    for level in levels:
        append(tx, store_log(store), msgspec.structs.replace(level, heard=contains, left_out=but))
