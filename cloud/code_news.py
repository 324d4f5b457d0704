"""Which codes were sold or freed, noted in the transaction that did it: `cloud.code_gathering.gather` tells the stores.

A note is a row of its own that nobody else touches, so that it locks nothing and waits for nothing.
"""

from collections.abc import Iterable

import msgspec

from cloud import tables
from cloud.statements import insert
from cloud.transaction import Transaction

_NEWS = insert(tables.code_news, "chain", "news_id", "codes")
_SALE = insert(tables.sale_codes, "chain", "code", "store", "source", "at")


def put(tx: Transaction, codes: Iterable[str | None]) -> None:
    """What is so of these codes now is looked up when it is told."""
    if known := sorted({code for code in codes if code}):
        _NEWS.run(tx.connection, [(tx.chain, tx.new_id(), msgspec.json.encode(known))])


def sold_over_counter(tx: Transaction, store: str, source: str, codes: Iterable[str]) -> None:
    """`source` is a sale that was never written down before."""
    known = sorted({code for code in codes if code})
    _SALE.run(tx.connection, [(tx.chain, code, store, source, tx.now) for code in known])
    put(tx, known)
