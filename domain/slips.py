"""Slips: one printed document with a life of its own (design.md §7)."""

from enum import StrEnum

import msgspec

from domain.times import Millis


class SlipKind(StrEnum):
    PICKING = "picking"
    CUSTOMER = "customer"
    """顾客联: the sale voucher and the handover to the rider on one paper."""
    REFUND = "refund"
    STOP = "stop"
    PRESCRIPTION = "prescription"
    """处方联: a copy of what the pharmacist approved."""
    SHIFT = "shift"
    """交班: what was done since the last one."""
    TEST = "test"
    """Shows what a printer can do; of no order."""


class SlipState(StrEnum):
    ACCEPTED = "accepted"
    HELD = "held"
    SENDING = "sending"
    CONFIRMING = "confirming"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    """Nobody needs it any more: superseded, expired, or replaced by a marked reprint. `cause` says which."""


MOVES: dict[SlipState, frozenset[SlipState]] = {
    SlipState.ACCEPTED: frozenset({SlipState.HELD, SlipState.SENDING, SlipState.WITHDRAWN}),
    SlipState.HELD: frozenset({SlipState.HELD, SlipState.SENDING, SlipState.WITHDRAWN}),
    SlipState.SENDING: frozenset({SlipState.CONFIRMING, SlipState.NOT_PRINTED, SlipState.UNKNOWN}),
    SlipState.CONFIRMING: frozenset({SlipState.PRINTED, SlipState.NOT_PRINTED, SlipState.UNKNOWN}),
    SlipState.UNKNOWN: frozenset({SlipState.PRINTED, SlipState.NOT_PRINTED, SlipState.WITHDRAWN}),
    SlipState.NOT_PRINTED: frozenset({SlipState.HELD, SlipState.SENDING, SlipState.WITHDRAWN}),
    SlipState.PRINTED: frozenset(),
    SlipState.WITHDRAWN: frozenset(),
}
"""Only a slip proven not printed is ever sent again by itself; an unknown one is asked about."""

IN_FLIGHT = frozenset({SlipState.SENDING, SlipState.CONFIRMING})
"""After a crash a slip in one of these is unknown: its bytes may lie on the counter."""


class Evidence(StrEnum):
    """What the printer could prove (design.md §7)."""

    ID_RETURNED = "A"
    IN_ORDER_REPLY = "B"
    BYTES_ACCEPTED = "C"


class SlipStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of a slip's state, as the store wrote it down."""

    state: SlipState
    at: Millis
    cause: str = ""
    printer: str = ""
