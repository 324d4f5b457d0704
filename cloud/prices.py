"""What products cost over the counter, told to every store through the log `prices`. Nothing is decided by them."""

from collections.abc import Iterable

from cloud.eventlog import append
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.events import PRICES, PricePut
from domain.pieces import pieces

_KNOWN = Sql("SELECT sku, store, fen FROM prices WHERE chain = ? AND sku = ANY(?)")
_PUT = Sql(
    """INSERT INTO prices (chain, sku, store, fen, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (chain, sku, store) DO UPDATE SET fen = excluded.fen, at = excluded.at"""
)
AT_ONCE = 1_000


def put(tx: Transaction, wanted: Iterable[PricePut]) -> int:
    """How many are new or changed: the others are not told again."""
    by_key = {(each.sku, each.store): each for each in wanted}
    known = _known(tx, sorted({sku for sku, _ in by_key}))
    changed = [each for key, each in sorted(by_key.items()) if known.get(key) != each.fen]
    _PUT.run(tx.connection, [(tx.chain, each.sku, each.store, each.fen, tx.now) for each in changed])
    append(tx, PRICES, *changed)
    return len(changed)


def _known(tx: Transaction, skus: list[str]) -> dict[tuple[str, str], int]:
    found = {}
    for some in pieces(skus, AT_ONCE):
        for sku, store, fen in _KNOWN.rows(tx.connection, tx.chain, list(some)):
            found[sku, store] = fen
    return found
