"""The prices' log folded: every price there is."""

from collections.abc import Iterator

from cloud.snapshots.rows import AT_ONCE, Row, View
from cloud.statements import Sql
from domain.events import PricePut

_PRICES = Sql(
    """SELECT sku, store, fen FROM prices WHERE chain = ? AND (sku > ? OR (sku = ? AND store > ?))
    ORDER BY sku, store LIMIT ?"""
)


def fold(view: View) -> Iterator[Row]:
    sku = store = ""
    while rows := _PRICES.rows(view.connection, view.chain, sku, sku, store, AT_ONCE):
        for sku, store, fen in rows:
            yield Row(PricePut(sku, fen, store))
