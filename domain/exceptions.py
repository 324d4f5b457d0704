"""Exceptions: what a person must settle, with the choices and a deadline (design.md §2)."""

from enum import StrEnum

import msgspec

from domain.times import Millis


class ExceptionKind(StrEnum):
    SHORT = "short"
    """Stock too short for a paid order (库存不足请核实)."""
    UNKNOWN_PRODUCT = "unknown_product"
    """The chain has no such product (商品未建档)."""
    NOT_APPLIED = "not_applied"
    """The store's agent has not taken the order in time."""
    OVERSOLD = "oversold"
    """A fact from the store took what was promised to this order."""
    CALL_FAILED = "call_failed"
    """The channel would not be told, for good."""
    CANCELLED_LATE = "cancelled_late"
    """The platform cancelled what the store had finished."""
    REFUND_UNCLEAR = "refund_unclear"
    """A part refund names goods, or more of them, than the order has: what is off which line is not known."""
    CODE_SOLD_TWICE = "code_sold_twice"
    """One trace code bound by two orders; stays until a person looks (facts/compliance.md R5)."""
    PRESCRIPTION_REFUSED = "prescription_refused"
    """A pharmacist refused its prescription: give the order back, or have another prescription sent."""
    PRESCRIPTION_REUSED = "prescription_reused"
    """Another order was first with its prescription (facts/compliance.md R10)."""


class Choice(StrEnum):
    FOUND = "found"
    """It is there after all: an audited count, then reserved."""
    PART_REFUND = "part_refund"
    """Give back the lines that are short."""
    CANCEL = "cancel"
    """Give back the whole order."""
    SEEN = "seen"
    """Nothing to do in the system; somebody took care of it."""


TOLD = frozenset({Choice.PART_REFUND, Choice.CANCEL})
"""Choices that the channel is told of: not to be had while the store is in shadow (domain.modes)."""

CHOICES: dict[ExceptionKind, tuple[Choice, ...]] = {
    ExceptionKind.SHORT: (Choice.FOUND, Choice.PART_REFUND, Choice.CANCEL),
    ExceptionKind.OVERSOLD: (Choice.FOUND, Choice.PART_REFUND, Choice.CANCEL),
    ExceptionKind.UNKNOWN_PRODUCT: (Choice.SEEN, Choice.PART_REFUND, Choice.CANCEL),
    ExceptionKind.NOT_APPLIED: (Choice.SEEN, Choice.CANCEL),
    ExceptionKind.CALL_FAILED: (Choice.SEEN,),
    ExceptionKind.CANCELLED_LATE: (Choice.SEEN,),
    ExceptionKind.REFUND_UNCLEAR: (Choice.SEEN, Choice.CANCEL),
    ExceptionKind.CODE_SOLD_TWICE: (Choice.SEEN,),
    ExceptionKind.PRESCRIPTION_REFUSED: (Choice.CANCEL, Choice.SEEN),
    ExceptionKind.PRESCRIPTION_REUSED: (Choice.CANCEL, Choice.SEEN),
}


class OrderException(msgspec.Struct, frozen=True):
    """`lines` are the order's line ids it is about; empty means the whole order."""

    exception_id: str
    kind: ExceptionKind
    order_id: str
    lines: tuple[int, ...]
    choices: tuple[Choice, ...]
    opened_at: Millis
    deadline_at: Millis | None
