"""What is practised with: the store's own products where it has a catalogue, otherwise a small one that ships."""

import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files

import msgspec

from agent.transactions import Reading
from domain.codes import TraceCode, classify
from domain.events import StockSet
from domain.products import Product
from domain.quantity import units

MOST = 24
"""Enough variety; a catalogue may hold tens of thousands."""
LEAST = 4
"""With fewer of its own there are no orders worth picking: then what ships serves."""
_LOOKED_AT = 500
_ON_HAND = units(100)
_SERIAL_DIGITS = 13


class Goods(msgspec.Struct, frozen=True):
    """One product and where it lies. It has one code: a trace prefix, or a barcode."""

    product: Product
    shelf: str

    def stock(self) -> StockSet:
        return StockSet(self.product.sku, _ON_HAND, self.shelf)

    def pack(self, serial: int) -> str:
        """What is on one pack: with a trace prefix each has its own code, of a barcode all are alike."""
        if self.product.trace_prefixes:
            return f"{self.product.trace_prefixes[0]}{serial % 10**_SERIAL_DIGITS:0{_SERIAL_DIGITS}d}"
        return self.product.barcodes[0]


def of_store(catalogue: Reading, work: Reading) -> tuple[Goods, ...]:
    """What lies on a known shelf comes first."""
    rows = work.db.execute("SELECT sku, shelf FROM stock WHERE shelf <> '' ORDER BY sku LIMIT ?", (_LOOKED_AT,))
    shelves = {row["sku"]: str(row["shelf"]) for row in rows}
    found = [*_shelved(catalogue, shelves), *_any(catalogue, shelves)]
    fit = tuple(Goods(product, shelves.get(product.sku, "")) for product in _told_apart(found))[:MOST]
    return fit if len(fit) >= LEAST else packaged()


def packaged() -> tuple[Goods, ...]:
    """With makers, prefixes and barcodes that no pack of the real world carries."""
    shipped = tomllib.loads((files(__package__) / "goods.toml").read_text("utf-8"))
    return tuple(msgspec.convert(shipped["goods"], tuple[Goods, ...]))


def _shelved(catalogue: Reading, shelves: Iterable[str]) -> Iterator[Product]:
    for sku in shelves:
        yield from _products(catalogue, "WHERE sku = ?", sku)


def _any(catalogue: Reading, known: Iterable[str]) -> Iterator[Product]:
    already = set(known)
    for product in _products(catalogue, "ORDER BY sku LIMIT ?", _LOOKED_AT):
        if product.sku not in already:
            yield product


def _products(catalogue: Reading, which: str, value: str | int) -> Iterator[Product]:
    """Those with a trace prefix: its practice packs have codes of their own, and no real barcode is scanned."""
    for row in catalogue.db.execute(f"SELECT * FROM products {which}", (value,)).fetchall():
        codes = catalogue.db.execute("SELECT code FROM codes WHERE sku = ? AND code LIKE 'trace:%'", (row["sku"],))
        prefixes = (code["code"].partition(":")[2] for code in codes.fetchall())
        prefix = next((each for each in prefixes if _makes_codes(each)), None)
        if prefix is not None:
            yield Product(row["sku"], row["name"], row["spec"], row["unit"], row["maker"], trace_prefixes=(prefix,))


def _makes_codes(prefix: str) -> bool:
    """A few prefixes look like payment codes."""
    return isinstance(classify(f"{prefix}{0:0{_SERIAL_DIGITS}d}"), TraceCode)


def _told_apart(products: Iterable[Product]) -> Iterator[Product]:
    """Two products may share a prefix; then a scan would not say which."""
    seen: set[tuple[str, ...]] = set()
    for product in products:
        if product.trace_prefixes not in seen:
            seen.add(product.trace_prefixes)
            yield product
