"""The catalogue's log folded: every product, and every recall that is in force."""

from collections.abc import Iterator

import msgspec

from cloud import recalls
from cloud.snapshots.rows import AT_ONCE, Row, View
from cloud.statements import Sql
from domain.events import ProductPut, RecallPut
from domain.products import Product

_PRODUCTS = Sql("SELECT sku, body FROM products WHERE chain = ? AND sku > ? ORDER BY sku LIMIT ?")
_decode = msgspec.json.Decoder(Product).decode


def fold(view: View) -> Iterator[Row]:
    after = ""
    while rows := _PRODUCTS.rows(view.connection, view.chain, after, AT_ONCE):
        for _, body in rows:
            yield Row(ProductPut(_decode(body)))
        after = rows[-1][0]
    for recall in recalls.known(view.connection, view.chain):
        if not recall.ended:
            yield Row(RecallPut(recall))
