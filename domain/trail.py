"""The trail of one order: every step of its way through the store, in one chain of hashes (facts/compliance.md R15).

It says who did what, when, at which device and under which version of the rules; nothing about the customer.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.times import Millis

BEGINNING = ""
"""What the first entry of an order follows."""


class StepKind(StrEnum):
    ASSIGNED = "assigned"
    STARTED = "started"
    TAKEN_OVER = "taken_over"
    GIVEN_BACK = "given_back"
    """The pick went back to those that wait."""
    SCANNED = "scanned"
    LOT_CONFIRMED = "lot_confirmed"
    PREFIX_LEARNED = "prefix_learned"
    WAIVED = "waived"
    TAKEN_BY_HAND = "taken_by_hand"
    UNDONE = "undone"
    SHORT = "short"
    PAUSED = "paused"
    RESUMED = "resumed"
    CHECKED = "checked"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    STOPPED = "stopped"
    PUT_BACK = "put_back"
    RETURNED = "returned"
    PRESCRIPTION = "prescription"
    """Its state changed here: came, image here, approved, refused, must be looked at again."""
    SLIP = "slip"
    REFUND = "refund"


class Step(msgspec.Struct, frozen=True):
    """One entry. `detail` is a JSON object as text; what it holds is told where each kind is written. `hash` covers
    the previous entry's and everything here before it."""

    order_id: str
    seq: int
    at: Millis
    kind: StepKind
    staff_id: str
    name: str
    station: str
    rules: str
    """`domain.rules` version in force; empty for a step that no rule judged."""
    detail: str
    hash: str


class Flaw(msgspec.Struct, frozen=True):
    seq: int
    what: str


def link(before: str, step: Step) -> str:
    """The hash of a step that follows `before`; `step.hash` itself is left out."""
    said = (before, *msgspec.structs.astuple(step)[:-1])
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def flaws(steps: Iterable[Step]) -> list[Flaw]:
    """Where the chain of one order is not as it was written; empty when it is."""
    found, last, seq = [], BEGINNING, 0
    for step in steps:
        if step.seq != seq + 1:
            found.append(Flaw(step.seq, f"steps {seq + 1} to {step.seq - 1} are missing"))
        elif link(last, step) != step.hash:
            found.append(Flaw(step.seq, "the step or its hash was changed"))
        last, seq = step.hash, step.seq
    return found
