"""Refunds as a list beside the order: several part refunds, each with a life of its own (facts/channels.md §7)."""

from enum import StrEnum

import msgspec

from domain.money import Fen
from domain.quantity import Quantity
from domain.times import HOUR, Millis

MEITUAN_AGREES_AFTER: Millis = 3 * HOUR
"""Unanswered, Meituan agrees by itself (facts/channels.md §1.5, res_type 5)."""


class RefundState(StrEnum):
    ASKED = "asked"
    APPEALED = "appealed"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PAID = "paid"
    FAILED = "failed"


MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.ASKED: frozenset(RefundState) - {RefundState.ASKED},
    RefundState.REFUSED: frozenset({RefundState.APPEALED, RefundState.AGREED, RefundState.WITHDRAWN, RefundState.PAID}),
    RefundState.APPEALED: frozenset(
        {RefundState.AGREED, RefundState.REFUSED, RefundState.WITHDRAWN, RefundState.PAID, RefundState.FAILED}
    ),
    RefundState.AGREED: frozenset({RefundState.PAID, RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.PAID}),
    RefundState.WITHDRAWN: frozenset(),
    RefundState.PAID: frozenset(),
}
WAITING = frozenset({RefundState.ASKED, RefundState.APPEALED})
"""Picking pauses while a refund is in one of these."""
GRANTED = frozenset({RefundState.AGREED, RefundState.PAID})


def progress(current: RefundState, reported: RefundState) -> RefundState:
    """A platform's word, taken where it leads on; a late repeat of an earlier state changes nothing."""
    return reported if reported in MOVES[current] else current


class RefundLine(msgspec.Struct, frozen=True):
    line_id: int
    quantity: Quantity


class Refund(msgspec.Struct, frozen=True):
    """`refund_id` is the channel's own; a full refund names no lines. Why it is asked for is personal, beside it."""

    refund_id: str
    order_id: str
    full: bool
    state: RefundState
    amount: Fen
    asked_at: Millis
    lines: tuple[RefundLine, ...] = ()
    answer_by: Millis | None = None
    """When the platform decides by itself; None when the merchant has no say."""
