"""What is judged: facts that the store has gathered, and nothing that a rule would have to look up."""

from datetime import date
from enum import StrEnum

import msgspec

from domain.code_lists import CodeList
from domain.codes import Code
from domain.lots import KnownLot, Lot
from domain.orders import OrderLine
from domain.picks import Entry, Pick
from domain.policy import ChainPolicy
from domain.products import Product
from domain.quantity import Quantity
from domain.recalls import Recall
from domain.rules.answers import OPEN, Gate


class Sale(StrEnum):
    ONLINE = "online"
    COUNTER = "counter"


class Level(StrEnum):
    """What a trace code stands for (小码, 中码, 大码); only the smallest is sold."""

    PACK = "pack"
    BUNDLE = "bundle"
    CASE = "case"


class Terms(msgspec.Struct, frozen=True):
    """What everything of one order is judged by at one moment. `products` and `lots` are those of its lines, by SKU."""

    today: date
    """The store's day, in China's time."""
    policy: ChainPolicy = ChainPolicy()
    products: dict[str, Product] = {}
    lots: dict[str, tuple[Lot, ...]] = {}
    recalls: tuple[Recall, ...] = ()
    gate: Gate = OPEN
    barred: dict[str, CodeList] = {}
    """Of the codes in its bag those that are recalled or banned by now."""
    prescription: bool = False
    insured: bool = False
    """医保 pays: nothing is substituted, nothing goes without its code."""
    sale: Sale = Sale.ONLINE

    def product(self, line: OrderLine) -> Product | None:
        """None: the chain does not know it, or the catalogue has not told it yet."""
        return self.products.get(line.sku) if line.sku is not None else None


class Known(msgspec.Struct, frozen=True):
    """What this store knows of a code at the moment it was read."""

    products: tuple[Product, ...] = ()
    """What it may be; empty when nobody taught us its prefix or barcode."""
    bound_to: str | None = None
    """Another order of this store that holds it."""
    sold_at: str | None = None
    """When this store sold it, as the clerk reads it."""
    sold_elsewhere: str = ""
    """Where else in the chain it was sold, as headquarters told."""
    barred: CodeList | None = None
    """It is recalled, or banned."""
    returned: bool = False
    """It came back from a customer once."""
    level: Level | None = None
    """None: nobody said; then it is a smallest pack."""
    parent: str = ""
    """The code of the pack around it, where relations are known."""
    lot: KnownLot | None = None
    """The lot of this very code, from receiving or a bill."""
    remaining: Quantity | None = None
    """What is left of it, where it was opened (拆零)."""


class Case(msgspec.Struct, frozen=True):
    """One scan before its verdict. `typed_before` is the `unique_part` of what was typed the first time, when this is
    the second. A GS1 code is `settled` against the lots known of its product before anything is looked up for it."""

    pick: Pick
    code: Code
    known: Known
    terms: Terms
    entry: Entry = Entry.SCANNED
    typed_before: str = ""
