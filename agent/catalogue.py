"""The chain's products and recalls in the cache file: from a code to the products it may be."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from agent import code_lists, prices
from agent.code_lists import Listing
from agent.files import CacheFile
from agent.transactions import Reading, Topic, Transaction
from domain.codes import (
    Code,
    Gs1Code,
    LinkCode,
    MakerCode,
    ProductBarcode,
    TraceCode,
    UdiCode,
    check_digit_holds,
)
from domain.money import Fen
from domain.products import Product
from domain.recalls import Recall

_product = msgspec.json.Decoder(Product)
_recall = msgspec.json.Decoder(Recall)


class Lookup(Protocol):
    """What judging asks of the catalogue."""

    def skus(self, code: Code) -> frozenset[str]:
        """SKUs of the chain that a code may belong to; empty when nobody taught us."""

    def products(self, code: Code) -> tuple[Product, ...]: ...

    def of_skus(self, wanted: Iterable[str]) -> dict[str, Product]:
        """By SKU, as far as the catalogue knows them."""

    def recalls(self, wanted: Iterable[str]) -> tuple[Recall, ...]:
        """Those of these products that are in force."""

    def listings(self, codes: Iterable[str]) -> dict[str, tuple[Listing, ...]]:
        """Those of these codes of packs that are on a list of the chain."""

    def prices(self, store: str, wanted: Iterable[str]) -> dict[str, Fen]:
        """Of these products what this store sells them for, as far as headquarters told it."""


@dataclass(frozen=True, slots=True)
class CachedLookup:
    """Reads beside the work file's transaction; the catalogue is allowed to be a moment old."""

    cache: CacheFile

    def skus(self, code: Code) -> frozenset[str]:
        return self.cache.read(lambda reading: skus(reading, code))

    def products(self, code: Code) -> tuple[Product, ...]:
        return self.cache.read(lambda reading: products(reading, code))

    def of_skus(self, wanted: Iterable[str]) -> dict[str, Product]:
        return self.cache.read(
            lambda reading: {sku: found for sku in wanted if (found := product(reading, sku)) is not None}
        )

    def recalls(self, wanted: Iterable[str]) -> tuple[Recall, ...]:
        return self.cache.read(lambda reading: tuple(each for sku in wanted for each in recalls(reading, sku)))

    def listings(self, codes: Iterable[str]) -> dict[str, tuple[Listing, ...]]:
        return self.cache.read(lambda reading: code_lists.listings(reading, codes))

    def prices(self, store: str, wanted: Iterable[str]) -> dict[str, Fen]:
        return self.cache.read(lambda reading: prices.of_skus(reading, store, wanted))


def lookup_in(cache: CacheFile) -> Lookup:
    return CachedLookup(cache)


def skus(reading: Reading, code: Code) -> frozenset[str]:
    """Of the keys a code may stand under, the first that anybody taught us decides: the longest maker's prefix, and
    what a case holds only where the case itself is unknown."""
    for key in _keys(code):
        rows = reading.db.execute("SELECT sku FROM codes WHERE code = ?", (key,)).fetchall()
        if rows:
            return frozenset(row["sku"] for row in rows)
    return frozenset()


def products(reading: Reading, code: Code) -> tuple[Product, ...]:
    """What a code may be, in the order of their SKUs."""
    return tuple(found for sku in sorted(skus(reading, code)) if (found := product(reading, sku)) is not None)


def product(reading: Reading, sku: str) -> Product | None:
    row = reading.db.execute("SELECT * FROM products WHERE sku = ?", (sku,)).fetchone()
    if row is None:
        return None
    return _product.decode(row["body"]) if row["body"] is not None else _as_of_old(reading, row)


def _as_of_old(reading: Reading, row: sqlite3.Row) -> Product:
    """As an earlier program kept it; the catalogue is about to tell it again."""
    keys = [code["code"] for code in reading.db.execute("SELECT code FROM codes WHERE sku = ?", (row["sku"],))]
    return Product(
        row["sku"],
        row["name"],
        row["spec"],
        row["unit"],
        row["maker"],
        tuple(key.removeprefix("barcode:") for key in keys if key.startswith("barcode:")),
        tuple(key.removeprefix("trace:") for key in keys if key.startswith("trace:")),
        bool(row["prescription"]),
    )


def clear(tx: Transaction) -> None:
    for table in ("codes", "products", "recalls"):
        tx.db.execute(f"DELETE FROM {table}")
    tx.touch(Topic.CATALOGUE)


def put(tx: Transaction, product: Product) -> None:
    """New or changed: its barcodes and prefixes are exactly those that it names."""
    tx.db.execute(
        "INSERT INTO products (sku, name, spec, unit, maker, prescription, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET name = excluded.name, spec = excluded.spec, unit = excluded.unit,"
        " maker = excluded.maker, prescription = excluded.prescription, body = excluded.body",
        (
            product.sku,
            product.name,
            product.spec,
            product.unit,
            product.maker,
            product.prescription,
            msgspec.json.encode(product),
        ),
    )
    tx.db.execute("DELETE FROM codes WHERE sku = ?", (product.sku,))
    keys = {
        *(f"barcode:{barcode.zfill(14)}" for barcode in product.barcodes),
        *map("trace:{}".format, (*product.trace_prefixes, *product.bundle_prefixes, *product.case_prefixes)),
        *map("maker:{}".format, product.maker_prefixes),
    }
    tx.db.executemany("INSERT INTO codes (code, sku) VALUES (?, ?)", [(key, product.sku) for key in sorted(keys)])
    tx.touch(Topic.CATALOGUE)


def put_recall(tx: Transaction, recall: Recall) -> None:
    """Begun, changed or ended. Packs of it in open bags are found when these are packed: all is judged again then."""
    tx.db.execute(
        "INSERT INTO recalls (recall_id, sku, body, put_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sku = excluded.sku, body = excluded.body, put_at = excluded.put_at",
        (recall.recall_id, recall.sku, msgspec.json.encode(recall), tx.now),
    )
    tx.touch(Topic.CATALOGUE)


def recalls(reading: Reading, sku: str) -> tuple[Recall, ...]:
    """Those of this product that are in force."""
    rows = reading.db.execute("SELECT body FROM recalls WHERE sku = ? ORDER BY recall_id", (sku,))
    found = (_recall.decode(row["body"]) for row in rows)
    return tuple(recall for recall in found if not recall.ended)


def _keys(code: Code) -> Iterator[str]:
    """Barcodes are compared in 14 digits, as GS1 writes them: an EAN-13 on the box may come as a GTIN-14."""
    match code:
        case TraceCode():
            yield f"trace:{code.prefix}"
        case ProductBarcode():
            yield f"barcode:{code.code.zfill(14)}"
        case Gs1Code():
            yield f"barcode:{code.gtin}"
            yield f"barcode:{_each(code.gtin)}"
        case MakerCode() | UdiCode():
            yield from _beginnings(code.text)
        case LinkCode():
            yield from _beginnings(code.code)
        case _:
            return


def _each(gtin: str) -> str:
    """The single pack's number inside that of a case: the indicator in front is packing, the check digit follows it."""
    return next(each for digit in "0123456789" if check_digit_holds(each := f"0{gtin[1:13]}{digit}"))


def _beginnings(text: str) -> Iterator[str]:
    for length in range(len(text), 0, -1):
        yield f"maker:{text[:length]}"
