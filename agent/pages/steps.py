"""The trail of an order as people read it: when, who, where, what, and the details that matter to them."""

from collections.abc import Iterable

import msgspec

from agent.order_view import TAIL
from agent.staff.stations import is_page
from domain.times import Millis
from domain.trail import Step, StepKind

SHOWN = (
    *("rule", "state", "code", "lot", "expiry", "reason", "choice", "substitute"),
    *("prefix", "note", "packs"),
)
"""Details in the order they are read. The rest (raw bytes, hashes, numbers of rows) is for the audit file."""


class StepRow(msgspec.Struct, frozen=True):
    """`station` is empty where the program itself or headquarters did it; `details` are name and value."""

    at: Millis
    kind: StepKind
    name: str
    station: str
    details: tuple[tuple[str, str], ...]


def rows(steps: Iterable[Step]) -> tuple[StepRow, ...]:
    """The newest first."""
    return tuple(_row(step) for step in reversed(tuple(steps)))


def _row(step: Step) -> StepRow:
    said = msgspec.json.decode(step.detail, type=dict[str, object])
    details = ((key, _text(key, said[key])) for key in SHOWN if key in said)
    return StepRow(step.at, step.kind, step.name, _place(step.station), tuple(each for each in details if each[1]))


def _text(key: str, value: object) -> str:
    if isinstance(value, list):
        return str(len(value))
    text = "" if value is None or value == "ok" else str(value)
    return f"…{text[-TAIL:]}" if key == "code" and text else text


def _place(station: str) -> str:
    """A page has a random name, which says nothing; a scanner is known by the end of its own."""
    return "page" if is_page(station) else station.rpartition("/")[2]
