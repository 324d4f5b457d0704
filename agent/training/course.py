"""Which practice order comes next, and what happens to it by itself: a rider comes, the customer urges, asks for a
refund or cancels in the middle of picking.

Everything is read from the practice data and nothing is remembered beside them, so that what was not written down
has not happened.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from agent import orders, picks
from agent.effects import refunds
from agent.store import identity
from agent.training.goods import Goods
from agent.training.lessons import COURSE, Lesson, Placed, place
from agent.transactions import Reading
from domain.events import EventBody, OrderAdvanced, OrderCancelled, OrderUrged, RefundChanged, RiderMoved
from domain.orders import OPEN, Order, OrderState, RiderState
from domain.picks import Pick, PickState
from domain.quantity import ONE
from domain.refunds import MEITUAN_AGREES_AFTER, Refund, RefundLine, RefundState
from domain.times import SECOND, Millis

MOST_OPEN = 6
"""Nobody practises with more at once; the next one waits until some are done."""


def lesson_of(number: int) -> Lesson:
    """The course once, then mixed."""
    return COURSE[number - 1] if number <= len(COURSE) else Random(number).choice(COURSE)


def next_order(reading: Reading, goods: Sequence[Goods], seed: int) -> Placed | None:
    """None while enough are open."""
    known, waiting = reading.db.execute("SELECT max(day_number), sum(closed_at IS NULL) FROM orders").fetchone()
    if (waiting or 0) >= MOST_OPEN:
        return None
    number = (known or 0) + 1
    return place(lesson_of(number), number, goods, identity(reading), reading.now, Random(f"{seed}/{number}"))


def happened(reading: Reading) -> list[EventBody]:
    """What is due now."""
    return [happening.what(seen) for seen in _seen(reading) for happening in HAPPENINGS if happening.is_due(seen)]


@dataclass(frozen=True, slots=True)
class Seen:
    """One practice order as it is now."""

    order: Order
    pick: Pick
    lesson: Lesson
    urged: bool
    refund_asked: bool
    now: Millis

    @property
    def age(self) -> Millis:
        return self.now - self.order.placed_at

    @property
    def open(self) -> bool:
        return self.order.state in OPEN

    @property
    def in_the_middle(self) -> bool:
        """The clerk has a pack in the bag, and more to find."""
        return self.pick.state is PickState.PICKING and bool(self.pick.bindings)


def _seen(reading: Reading) -> Iterator[Seen]:
    rows = reading.db.execute(
        "SELECT *, urged_at IS NOT NULL AS urged FROM orders WHERE state NOT IN ('completed', 'cancelled')"
    )
    for row in rows.fetchall():
        order = orders.from_row(reading, row)
        asked = bool(refunds.states(reading, order.order_id))
        pick = picks.load(reading, order.order_id)
        yield Seen(order, pick, lesson_of(order.day_number), bool(row["urged"]), asked, reading.now)


@dataclass(frozen=True, slots=True)
class Happening:
    """`when` holds until it has happened. `only` in some lessons."""

    when: Callable[[Seen], bool]
    what: Callable[[Seen], EventBody]
    only: Lesson | None = None

    def is_due(self, seen: Seen) -> bool:
        return self.only in (None, seen.lesson) and self.when(seen)


def _rider(state: RiderState) -> Callable[[Seen], EventBody]:
    return lambda seen: RiderMoved(seen.order.order_id, state)


def _refund(seen: Seen) -> EventBody:
    """Of a pack that is not in the bag yet: its line is struck before the clerk's eyes."""
    line = max(seen.order.lines, key=seen.pick.missing)
    refund = Refund(
        refund_id=f"{seen.order.order_id}-asked",
        order_id=seen.order.order_id,
        full=False,
        state=RefundState.ASKED,
        amount=line.price,
        asked_at=seen.now,
        lines=(RefundLine(line.line_id, ONE),),
        answer_by=seen.now + MEITUAN_AGREES_AFTER,
    )
    return RefundChanged(refund)


_ON_THE_WAY = (RiderState.NONE, RiderState.ASSIGNED)

HAPPENINGS = (
    Happening(
        lambda seen: seen.open and seen.order.rider in _ON_THE_WAY and seen.age > 5 * SECOND,
        _rider(RiderState.AT_STORE),
        Lesson.RIDER,
    ),
    Happening(
        lambda seen: not seen.urged and seen.pick.state is PickState.ASSIGNED and seen.age > 15 * SECOND,
        lambda seen: OrderUrged(seen.order.order_id, seen.now),
        Lesson.URGED,
    ),
    Happening(lambda seen: seen.in_the_middle and not seen.refund_asked, _refund, Lesson.REFUND),
    Happening(
        lambda seen: seen.in_the_middle,
        lambda seen: OrderCancelled(seen.order.order_id, "customer", taken=False),
        Lesson.CANCELLED,
    ),
    Happening(
        lambda seen: seen.open and seen.order.rider is RiderState.NONE and seen.age > 20 * SECOND,
        _rider(RiderState.ASSIGNED),
    ),
    Happening(
        lambda seen: seen.order.state is OrderState.PICKED and seen.order.rider in _ON_THE_WAY,
        _rider(RiderState.AT_STORE),
    ),
    Happening(
        lambda seen: seen.order.state is OrderState.HANDED_OVER and seen.order.rider is not RiderState.TAKEN,
        _rider(RiderState.TAKEN),
    ),
    Happening(
        lambda seen: seen.order.rider is RiderState.TAKEN,
        lambda seen: OrderAdvanced(seen.order.order_id, OrderState.COMPLETED),
    ),
)
