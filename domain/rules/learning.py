"""Teaching the store an unknown prefix: shown by the product's own barcode, or said by a second person (R3)."""

from collections.abc import Sequence

from domain.products import Product
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.ids import Rule


def may_learn(
    product: Product, holders: Sequence[Product], *, barcode: str = "", picker: str = "", second: str = ""
) -> list[Obstacle]:
    """`holders` are the products that have the prefix now; `barcode` what was scanned as proof, `second` who else
    said so."""
    others = [holder for holder in holders if holder.sku != product.sku]
    if others:
        return [obstacle(Rule.PREFIX_TAKEN, other=others[0].name, name=product.name)]
    shown = barcode.zfill(14) in {each.zfill(14) for each in product.barcodes} if barcode else False
    if shown or (second and second != picker):
        return []
    return [obstacle(Rule.NOT_SHOWN, name=product.name)]
