"""A pack that comes back: only what this very order sold, and never to be sold again (R13)."""

from domain.codes import Code, unique_part
from domain.picks import Pick, PickState
from domain.products import Product
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.ids import Rule


def may_return(
    sale: Pick, code: Code, products: tuple[Product, ...] = (), returned: frozenset[int] = frozenset()
) -> Verdict:
    """A good verdict names the line. `products` is what a product barcode may be, `returned` the places in
    `sale.bindings` of what came back before."""
    if sale.state not in (PickState.PACKED, PickState.HANDED_OVER, PickState.STOPPED):
        return verdict(Rule.NOT_SOLD_HERE)
    places = matching(sale, code, products)
    if not places:
        return verdict(Rule.NOT_SOLD_HERE)
    left = [place for place in places if place not in returned]
    if not left:
        return verdict(Rule.RETURNED_BEFORE, sale.bindings[places[0]].line_id)
    line_id = sale.bindings[left[0]].line_id
    name = next((line.name for line in sale.lines if line.line_id == line_id), "")
    return verdict(Rule.TAKEN_BACK, line_id, name=name)


def matching(sale: Pick, code: Code, products: tuple[Product, ...] = ()) -> list[int]:
    """The places in `sale.bindings` of the packs that this may be."""
    unique = unique_part(code)
    if unique is not None:
        return [place for place, binding in enumerate(sale.bindings) if binding.code == unique]
    skus = {product.sku for product in products}
    lines = {line.line_id for line in sale.lines if line.sku in skus}
    return [place for place, binding in enumerate(sale.bindings) if binding.code is None and binding.line_id in lines]
