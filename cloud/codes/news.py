"""Notes which codes were sold or freed, in the transaction that did it; `cloud.codes.gathering` then tells the stores.

A note is a row of its own that no other transaction touches, so that it locks nothing and waits for nothing.
"""

from collections.abc import Iterable

import msgspec

from cloud import exceptions, tables
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind

_NEWS = insert(tables.code_news, "chain", "news_id", "codes")
_SALE = insert(tables.sale_codes, "chain", "code", "store", "source", "at")
_BOUND = Sql(
    """SELECT store, order_id, line_id FROM bindings
    WHERE chain = ? AND code = ANY(?) AND released_at IS NULL AND opened = 0 ORDER BY order_id, place"""
)
_SOLD = Sql("SELECT DISTINCT code FROM sale_codes WHERE chain = ? AND code = ANY(?)")


def put(tx: Transaction, codes: Iterable[str | None]) -> None:
    """Notes that something changed about these codes; how they stand is looked up when it is told."""
    if known := sorted({code for code in codes if code}):
        _NEWS.run(tx.connection, [(tx.chain, tx.new_id(), msgspec.json.encode(known))])


def sold_over_counter(tx: Transaction, store: str, source: str, codes: Iterable[str]) -> None:
    """Notes the codes of a counter sale, `source`, which was not written down before. An order that has one of the
    codes gets an exception."""
    known = sorted({code for code in codes if code})
    _SALE.run(tx.connection, [(tx.chain, code, store, source, tx.now) for code in known])
    put(tx, known)
    for bound_at, order_id, line_id in _BOUND.rows(tx.connection, tx.chain, known) if known else ():
        exceptions.open_or_widen(tx, bound_at, order_id, ExceptionKind.CODE_SOLD_TWICE, (line_id,))


def were_sold(tx: Transaction, codes: Iterable[str]) -> set[str]:
    """Those of these codes that were sold over some counter."""
    known = sorted(codes)
    return {code for (code,) in _SOLD.rows(tx.connection, tx.chain, known)} if known else set()
