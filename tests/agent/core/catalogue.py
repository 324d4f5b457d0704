"""A chain's catalogue of two products, without a file."""

from collections.abc import Iterable

from agent.code_lists import Listing
from domain.codes import Code, ProductBarcode, TraceCode
from domain.money import Fen
from domain.products import Product
from domain.recalls import Recall
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN


class Catalogue:
    """Two products, without a file."""

    def skus(self, code: Code) -> frozenset[str]:
        return frozenset(product.sku for product in self.products(code))

    def products(self, code: Code) -> tuple[Product, ...]:
        both = (AMOXICILLIN, IBUPROFEN)
        if isinstance(code, ProductBarcode):
            return tuple(each for each in both if code.code in each.barcodes)
        return tuple(each for each in both if isinstance(code, TraceCode) and code.prefix in each.trace_prefixes)

    def of_skus(self, wanted: Iterable[str]) -> dict[str, Product]:
        known = {product.sku: product for product in (AMOXICILLIN, IBUPROFEN)}
        return {sku: known[sku] for sku in wanted if sku in known}

    def recalls(self, wanted: Iterable[str]) -> tuple[Recall, ...]:
        return ()

    def listings(self, codes: Iterable[str]) -> dict[str, tuple[Listing, ...]]:
        return {}

    def prices(self, store: str, wanted: Iterable[str]) -> dict[str, Fen]:
        return {}


TWO_PRODUCTS = Catalogue()
