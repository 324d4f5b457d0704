"""GS1 messages that name a product, read by biip and guarded where it errs (facts/compliance.md §2.2)."""

from domain.codes.kinds import Gs1Code

SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""AIM identifiers that announce GS1 data (facts/compliance.md §2.1)."""


def gs1_code(text: str) -> Gs1Code | None:
    """Only messages that begin with a product's number and survive biip whole; a lost separator must not pass."""
    if not text.startswith("01"):
        return None
    import biip  # 20 MB that a store without GS1 codes need not spend

    try:
        message = biip.parse(text).gs1_message
    except (biip.ParseError, IndexError):  # IndexError: biip's own slip on a lone ']' (facts/compliance.md §2.2 d)
        return None
    if message is None:
        return None
    product = message.element_strings.get(ai="01")
    if product is None or product.gtin is None:
        return None
    serial, lot = message.element_strings.get(ai="21"), message.element_strings.get(ai="10")
    return Gs1Code(
        gtin=product.gtin.value.zfill(14),
        serial=serial.value if serial else None,
        lot=lot.value if lot else None,
    )
