"""What there is to sell: products of every kind, and boxes of them with their true lot, known to the store or not."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from domain.codes import Code, Gs1Code, Gs1Reading, TraceCode, unique_part
from domain.lots import Lot
from domain.products import CodePolicy, Product
from domain.quantity import ONE, units

FIRST_DAY = date(2026, 11, 22)
PLAIN = Product(
    *("PLAIN", "阿莫西林胶囊", "24粒", "盒"),
    barcodes=("6901234567892",),
    trace_prefixes=("8100001",),
    substitutes=("COLD", "RX"),
)
COLD = Product("COLD", "双歧杆菌胶囊", "24粒", "盒", trace_prefixes=("8100002",), cold=True)
TOOL = Product("TOOL", "创可贴", "20片", "盒", barcodes=("6900000000014",), substitutes=("RX", "PLAIN"))
HERB = Product("HERB", "黄芪", "10g", "袋", code_policy=CodePolicy.NONE, substitutes=("RX",))
RX = Product("RX", "阿托伐他汀钙片", "7片", "盒", trace_prefixes=("8100003",), prescription=True)
BANNED = Product("BANNED", "酚麻美敏片", "20片", "盒", trace_prefixes=("8100004",))
OPENED = Product("OPENED", "硝酸甘油片", "100片", "片", trace_prefixes=("8100005",), per_code=units(10), opens=True)
HALF = Product("HALF", "复方甘草口服溶液", "2瓶", "盒", trace_prefixes=("8100006",), per_code=500)
PRODUCTS = {each.sku: each for each in (PLAIN, COLD, TOOL, HERB, RX, BANNED, OPENED, HALF)}
BARCODES = {barcode: each for each in PRODUCTS.values() for barcode in each.barcodes}
FORBIDDEN = {"BANNED"}
"""Told by hand, so that the oracle need not read the lists."""


@dataclass(frozen=True, slots=True)
class Box:
    """One pack as it really is. `told`: the store knows its lot from receiving; `printed`: it carries GS1 with the lot,
    `blurred`: which the scanner cannot be sure of. `case`: not a smallest pack, as the platform's relations say."""

    code: str
    sku: str
    lot: Lot
    told: bool
    printed: bool
    blurred: bool
    case: bool

    @property
    def read(self) -> Code:
        """A box carries one code: GS1 with its lot, which may be readable in more than one way, or the usual one."""
        if not self.printed:
            return TraceCode(self.code)
        other = (Gs1Reading(f"{self.lot.lot}21", None),) if self.blurred else ()
        return Gs1Code("06901234567892", self.code, self.lot.lot, lot_sure=not self.blurred, others=other)

    @property
    def unique(self) -> str:
        return unique_part(self.read) or ""


def lots(chance: Random) -> dict[str, tuple[Lot, ...]]:
    """Two or three lots of each product: some expired, some near, most good for years."""
    days = (-40, -1, 0, 5, 29, 30, 45, 170, 400, 800)
    return {
        sku: tuple(
            Lot(f"{sku[0]}{number}", FIRST_DAY + timedelta(chance.choice(days)), units(chance.randint(1, 9)))
            for number in range(chance.randint(1, 3))
        )
        for sku in PRODUCTS
    }


def boxes(chance: Random, stock: dict[str, tuple[Lot, ...]]) -> list[Box]:
    made = []
    for product in PRODUCTS.values():
        for serial in range(4 if product.trace_prefixes else 0):
            code = f"{product.trace_prefixes[0]}{serial:013d}"
            told, printed = chance.random() < 0.4, chance.random() < 0.3
            lot = chance.choice(stock[product.sku])
            made.append(Box(code, product.sku, lot, told, printed, chance.random() < 0.5, chance.random() < 0.05))
    return made


WHOLE = {sku: product.per_code if product.trace_prefixes else ONE for sku, product in PRODUCTS.items()}
