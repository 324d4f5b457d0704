"""The chain's products in the cache file: from a code to the products it may be."""

from collections.abc import Callable

from agent.files import CacheFile
from agent.transactions import Reading, Topic, Transaction
from domain.codes import Code, Gs1Code, ProductBarcode, TraceCode
from domain.products import Product

Lookup = Callable[[Code], frozenset[str]]
"""SKUs of the chain that a code may belong to; empty when nobody taught us."""


def lookup_in(cache: CacheFile) -> Lookup:
    """Reads beside the work file's transaction; the catalogue is allowed to be a moment old."""

    def look_up(code: Code) -> frozenset[str]:
        return cache.read(lambda reading: skus(reading, code))

    return look_up


def skus(reading: Reading, code: Code) -> frozenset[str]:
    if (key := _key(code)) is None:
        return frozenset()
    return frozenset(row["sku"] for row in reading.db.execute("SELECT sku FROM codes WHERE code = ?", (key,)))


def put(tx: Transaction, product: Product) -> None:
    """New or changed: its barcodes and prefixes are exactly those that it names."""
    tx.db.execute(
        "INSERT INTO products (sku, name, spec, unit, maker, prescription) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET name = excluded.name, spec = excluded.spec, unit = excluded.unit,"
        " maker = excluded.maker, prescription = excluded.prescription",
        (product.sku, product.name, product.spec, product.unit, product.maker, product.prescription),
    )
    tx.db.execute("DELETE FROM codes WHERE sku = ?", (product.sku,))
    keys = {
        *(f"barcode:{barcode.zfill(14)}" for barcode in product.barcodes),
        *map("trace:{}".format, product.trace_prefixes),
    }
    tx.db.executemany("INSERT INTO codes (code, sku) VALUES (?, ?)", [(key, product.sku) for key in sorted(keys)])
    tx.touch(Topic.CATALOGUE)


def _key(code: Code) -> str | None:
    """Barcodes are compared in 14 digits, as GS1 writes them: an EAN-13 on the box may come as a GTIN-14."""
    match code:
        case TraceCode():
            return f"trace:{code.prefix}"
        case ProductBarcode():
            return f"barcode:{code.code.zfill(14)}"
        case Gs1Code():
            return f"barcode:{code.gtin.zfill(14)}"
        case _:
            return None
