"""Products that the ERP tells of and the catalogue does not have. What was told is taken all the same: their stock
stands ready for when the product comes."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.times import Millis

MOST = 500
_KNOWN = Sql("SELECT sku FROM products WHERE chain = ? AND sku = ANY(?)")
_NOTE = Sql("INSERT INTO erp_unknown_products (chain, store, sku, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")


class UnknownProduct(msgspec.Struct, frozen=True):
    store: str
    sku: str
    at: Millis


def note(tx: Transaction, store: str, skus: Collection[str]) -> None:
    known = {row[0] for row in _KNOWN.rows(tx.connection, tx.chain, sorted(skus))}
    _NOTE.run(tx.connection, [(tx.chain, store, sku, tx.now) for sku in sorted(set(skus) - known)])


def listed(connection: Connection, chain: str) -> tuple[UnknownProduct, ...]:
    """Those that are unknown still."""
    e, p = tables.erp_unknown_products.c, tables.products.c
    query = (
        select(e.store, e.sku, e.at)
        .outerjoin_from(tables.erp_unknown_products, tables.products, (p.chain == e.chain) & (p.sku == e.sku))
        .where(e.chain == chain, p.sku.is_(None))
        .order_by(e.store, e.sku)
        .limit(MOST)
    )
    return tuple(UnknownProduct(*row) for row in connection.execute(query))
