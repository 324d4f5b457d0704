"""From the core's views to what a template lays out: columns, order by shelf, numbers as people read them."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol

import msgspec

from agent.board import Card
from agent.config import COLUMNS
from agent.doctor import amounts
from agent.order_view import LineView, ScanView
from domain import money, quantity, times
from domain.orders import OrderState
from domain.picks import PickState
from domain.rules import Rule
from domain.times import Millis
from drivers.printers.test_slip import ruler


class Columns(msgspec.Struct, frozen=True):
    new: tuple[Card, ...]
    picking: tuple[Card, ...]
    done: tuple[Card, ...]

    @property
    def empty(self) -> bool:
        return not (self.new or self.picking or self.done)


def columns(cards: Iterable[Card]) -> Columns:
    """Each column keeps the order of the board: what must hurry first."""
    sorted_in: dict[str, list[Card]] = {"new": [], "picking": [], "done": []}
    for card in cards:
        sorted_in[_column(card)].append(card)
    return Columns(**{name: tuple(found) for name, found in sorted_in.items()})


def _column(card: Card) -> str:
    if card.state not in (OrderState.PLACED, OrderState.ACCEPTED) or card.pick is PickState.STOPPED:
        return "done"
    return "new" if card.pick is PickState.ASSIGNED or card.started_at is None else "picking"


def by_shelf(lines: Iterable[LineView]) -> list[LineView]:
    """One walk along the shelves; what lies nowhere known comes last."""
    return sorted(lines, key=lambda view: (not view.shelf.shelf, view.shelf.shelf, view.line.line_id))


RULERS = {columns: (paper, ruler(columns)) for paper, all_of_it in COLUMNS.items() for columns in sorted(all_of_it)}
"""What the test slip shows, by columns: the paper's millimetres and the ruler."""


class Expiring(Protocol):
    """A lot, or a line that speaks of one."""

    @property
    def expiry(self) -> date | None: ...
    @property
    def month_only(self) -> bool: ...


def expires(lot: Expiring) -> str:
    """A pack that names its month only is good to the month's end; no day is made up for it."""
    if lot.expiry is None:
        return ""
    return f"{lot.expiry:%Y-%m}" if lot.month_only else lot.expiry.isoformat()


def _told(scan: ScanView) -> str:
    """A scan as it was kept, in the words of `agent.verdicts.Told`: for a page that missed its verdict."""
    good = scan.rule in (Rule.TAKEN, Rule.TAKEN_BACK)
    told = {**msgspec.structs.asdict(scan), "good": good, "said": scan.sentence, "code": "", "did": "", "ask": None}
    return msgspec.json.encode(told).decode()


def _time(at: Millis) -> str:
    return times.shown(at, "%H:%M")


def _moment(at: Millis) -> str:
    return times.shown(at, "%m-%d %H:%M")


FILTERS: dict[str, Callable[..., str]] = {
    "money": money.shown,
    "quantity": quantity.shown,
    "expires": expires,
    "told": _told,
    "time": _time,
    "moment": _moment,
    "size": amounts.size,
}
