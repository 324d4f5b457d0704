"""Retail barcodes (69-codes) and the check digit they share with all GS1 numbers."""

import re

from domain.codes.kinds import ProductBarcode

LENGTHS = (8, 12, 13)
"""EAN-8, UPC-A, EAN-13."""
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def product_barcode(text: str) -> ProductBarcode | None:
    return ProductBarcode(text) if len(text) in LENGTHS and check_digit_holds(text) else None


def check_digit_holds(digits: str) -> bool:
    """GS1's modulo-10 check digit, as EAN-8, UPC-A, EAN-13 and GTIN-14 carry it."""
    if not _DIGITS.fullmatch(digits):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0
