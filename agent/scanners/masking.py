"""A scan as it may be shown: enough to know which pack it was, never a customer, a colleague or a whole trace code."""

import msgspec

from domain.codes import (
    BadgeCode,
    CommandCode,
    Gs1Code,
    InsuranceCode,
    OrderCode,
    PaymentCode,
    ProductBarcode,
    ShelfCode,
    TestCode,
    TraceCode,
    classify,
)

_STAFF = b"staff:"
"""What is kept of a badge is whose it is."""
_SHOWN = 4


class Masked(msgspec.Struct, frozen=True):
    """`kind` is the tag of the code's type (domain.codes.kinds)."""

    kind: str
    text: str


def masked(raw: bytes) -> Masked:
    if raw.startswith(_STAFF):
        return Masked("badge", "")
    code = classify(raw.decode("utf-8", "replace"))
    kind = str(type(code).__struct_config__.tag)
    match code:
        case BadgeCode() | PaymentCode() | InsuranceCode():
            return Masked(kind, "")
        case OrderCode() | ProductBarcode():
            return Masked(kind, code.code)
        case TraceCode():
            return Masked(kind, f"…{code.code[-_SHOWN:]}")
        case Gs1Code():
            return Masked(kind, code.gtin)
        case ShelfCode():
            return Masked(kind, code.shelf)
        case CommandCode():
            return Masked(kind, code.command)
        case TestCode():
            return Masked(kind, "")
        case _:
            return Masked(kind, f"{len(raw)}")
