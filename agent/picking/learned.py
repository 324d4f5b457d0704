"""Prefixes of trace codes that were learned in this store. The catalogue, once it knows one, has the word."""

from agent.catalogue import Lookup
from agent.transactions import Reading, Transaction
from domain.codes import PackCode, TraceCode
from domain.products import Product


def products(reading: Reading, code: PackCode, lookup: Lookup) -> tuple[Product, ...]:
    if not isinstance(code, TraceCode):
        return ()
    row = reading.db.execute("SELECT sku FROM learned_prefixes WHERE prefix = ?", (code.prefix,)).fetchone()
    return () if row is None else tuple(lookup.of_skus([row["sku"]]).values())


def put(tx: Transaction, prefix: str, sku: str, barcode: str, staff_id: str) -> None:
    tx.db.execute(
        "INSERT INTO learned_prefixes (prefix, sku, barcode, staff_id, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sku = excluded.sku, barcode = excluded.barcode, staff_id = excluded.staff_id,"
        " at = excluded.at",
        (prefix, sku, barcode, staff_id, tx.now),
    )
