"""What the stores of a simulated chain sell, and where the packs physically are.

A pack is a trace code. The shelf is the one truth that no program can get wrong: a clerk takes a pack only if one lies
there, whatever hub and agent believe.
"""

from domain.products import Product
from domain.quantity import units

COMMON = 4
PRODUCTS = tuple(
    Product(
        f"sku{number}",
        f"药品{number}",
        "0.25g*24粒",
        "盒",
        barcodes=(f"690000000000{number}",),
        trace_prefixes=(f"81000{number:02d}",),
    )
    for number in range(1, COMMON + 2)
)
RARE = PRODUCTS[-1]
"""A few boxes in the whole store: two channels and the counter fight for the last one."""
PLENTY, FEW = 5_000, 3
OPENING = {product.sku: units(FEW if product is RARE else PLENTY) for product in PRODUCTS}


class Shelf:
    """Packs of one store, by sku."""

    def __init__(self, store_number: int) -> None:
        self._made = store_number * 10_000_000
        self.packs: dict[str, list[str]] = {product.sku: [] for product in PRODUCTS}
        for product in PRODUCTS:
            self.fill(product, FEW if product is RARE else 0)

    def fill(self, product: Product, count: int) -> None:
        for _ in range(count):
            self.packs[product.sku].append(self._pack(product))

    def take(self, sku: str) -> str | None:
        """None: the shelf is empty. Of common goods there always is another."""
        packs = self.packs[sku]
        if not packs and sku != RARE.sku:
            self.fill(next(product for product in PRODUCTS if product.sku == sku), 1)
        return packs.pop() if packs else None

    def put_back(self, sku: str, pack: str) -> None:
        self.packs[sku].append(pack)

    def _pack(self, product: Product) -> str:
        self._made += 1
        return f"{product.trace_prefixes[0]}{self._made:013d}"
