"""How a pick stands, for its page: who has it in hand, what is still in the way, what a person must say, what to put
back."""

import msgspec

from agent import completing, orders, picks
from agent.catalogue import Lookup
from agent.picking import asks, holding, lots, putting_back, reported, returns
from agent.picking.holding import Holder
from agent.picking.putting_back import ToPutBack
from agent.picking.reported import Reported
from agent.picking.terms import terms
from agent.transactions import Reading
from domain.lots import Lot, in_order
from domain.picks import PickState
from domain.rules import Ask, Obstacle, Rule, Terms
from domain.rules.families.lots import barred_lots


class Question(msgspec.Struct, frozen=True):
    """What must be said before a scanned pack counts. `code` is what was read."""

    ask_id: int
    kind: Ask
    line_id: int | None
    code: str
    station: str


class LineStanding(msgspec.Struct, frozen=True):
    """`lots` are those to take from, nearest expiry first: proposals. `lotless` packs in the bag have no lot yet;
    `lot_wanted` says that the line cannot be packed so."""

    line_id: int
    lots: tuple[Lot, ...]
    lotless: int
    lot_wanted: bool
    reported: Reported | None


class Standing(msgspec.Struct, frozen=True):
    """`mine`: in hand at the asking station, or at none."""

    order_id: str
    state: PickState
    holder: Holder | None
    mine: bool
    questions: tuple[Question, ...]
    obstacles: tuple[Obstacle, ...]
    check_wanted: bool
    """All is there; somebody else must look at it."""
    lines: tuple[LineStanding, ...]
    put_back: tuple[ToPutBack, ...]
    returned: int
    """Packs that came back."""


def standing(reading: Reading, order_id: str, station: str, lookup: Lookup) -> Standing:
    """Raises NotFound."""
    order, pick = orders.get(reading, order_id), picks.load(reading, order_id)
    by = terms(reading, order, lookup)
    obstacles = tuple(completing.obstacles(reading, pick, by)) if pick.state in _AT_WORK else ()
    waiting = {each.line_id: each for each in reported.of_order(reading, order_id)}
    lotless = {line_id for each in obstacles if each.rule in _ABOUT_LOTS for line_id in each.line_ids}
    return Standing(
        order_id=order_id,
        state=pick.state,
        holder=holding.of(reading, order_id),
        mine=holding.is_held_by(reading, order_id, station),
        questions=tuple(map(_question, asks.of_order(reading, order_id))),
        obstacles=obstacles,
        check_wanted=[each.rule for each in obstacles] == [Rule.CHECK_WANTED],
        lines=tuple(
            LineStanding(
                line.line_id,
                _to_take(line.sku, by),
                lots.lacking(reading, order_id, line.line_id),
                line.line_id in lotless,
                waiting.get(line.line_id),
            )
            for line in order.lines
        ),
        put_back=putting_back.wanted(reading, order_id),
        returned=len(returns.of_order(reading, order_id)),
    )


_ABOUT_LOTS = (Rule.LOT_WANTED, Rule.RECALL_LOT_WANTED)
_AT_WORK = frozenset({PickState.PICKING, PickState.CHECKED})


def _question(waiting: asks.Waiting) -> Question:
    return Question(waiting.ask_id, waiting.kind, waiting.line_id, waiting.text, waiting.station)


def _to_take(sku: str | None, by: Terms) -> tuple[Lot, ...]:
    if sku is None:
        return ()
    days = by.policy.near_expiry_stops_days
    return in_order(by.lots.get(sku, ()), by.today, stops_days=days, barred=barred_lots(by, sku))
