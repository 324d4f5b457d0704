"""What can be practised, and the orders for it. Seeded: the same dice make the same orders."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random

import msgspec

from agent.store import Identity
from agent.training.goods import Goods
from domain.events import EventBody, ExceptionOpened, OrderPlaced
from domain.exceptions import CHOICES, ExceptionKind, OrderException
from domain.ids import order_code
from domain.orders import AcceptRule, Order, OrderLine, OrderState, RiderState
from domain.personal import Personal, PersonalName, Recipient
from domain.quantity import ONE, units
from domain.times import MINUTE, Millis


class Lesson(StrEnum):
    ONE = "one"
    SEVERAL = "several"
    RIDER = "rider"
    """The rider stands at the counter before anything is picked."""
    GIFT = "gift"
    CANCELLED = "cancelled"
    """In the middle of picking."""
    REFUND = "refund"
    """The customer wants something back while it is picked."""
    URGED = "urged"
    SHORT = "short"
    BOOKED = "booked"


COURSE = tuple(Lesson)
"""Each once, the easy ones first; after that they come mixed."""

_PROMISED: Millis = 45 * MINUTE
_SLIP_IN: Millis = 2 * MINUTE
"""A booked order's slip is seen to wait, and still comes while the clerk is at it."""
_REMARKS = ("", "", "请放门口", "不要按门铃", "多给一个袋子")


class Placed(msgspec.Struct, frozen=True):
    order: Order
    events: tuple[EventBody, ...]
    person: Personal


def place(lesson: Lesson, number: int, goods: Sequence[Goods], store: Identity, now: Millis, dice: Random) -> Placed:
    """`number` is the order's day number; it counts the practice orders."""
    order = _order(lesson, number, _lines(lesson, goods, dice), store, now, dice)
    events: tuple[EventBody, ...] = (OrderPlaced(order),)
    if lesson is Lesson.SHORT:
        events = (*events, ExceptionOpened(short_of(order, f"{order.order_id}-short", now)))
    recipient = Recipient(f"练习{dice.choice('王李张刘陈')}女士", "13800000000_1234", remark=dice.choice(_REMARKS))
    person = Personal(order.order_id, PersonalName.RECIPIENT, msgspec.Raw(msgspec.json.encode(recipient)))
    return Placed(order, events, person)


def short_of(order: Order, exception_id: str, now: Millis) -> OrderException:
    """A person must say what becomes of the lines that are short."""
    lines = tuple(line.line_id for line in order.lines if line.short > line.struck)
    kind = ExceptionKind.SHORT
    return OrderException(exception_id, kind, order.order_id, lines, CHOICES[kind], now, order.promised_at)


def _order(
    lesson: Lesson, number: int, lines: tuple[OrderLine, ...], store: Identity, now: Millis, dice: Random
) -> Order:
    shown_id = str(dice.randrange(10**14, 10**15))
    booked = lesson is Lesson.BOOKED
    return Order(
        order_id=f"practice-{number}",
        channel=dice.choice(("meituan", "meituan", "own")),
        channel_order_id=shown_id,
        shown_id=shown_id,
        day_number=number,
        store=store.store,
        code=order_code(dice.randbytes),
        state=OrderState.PLACED if store.accept is AcceptRule.CLERK else OrderState.ACCEPTED,
        rider=RiderState.NONE,
        placed_at=now,
        promised_at=now + (store.lead + _SLIP_IN if booked else _PROMISED),
        booked=booked,
        prescription=False,
        pick_up=False,
        total=sum(line.price * line.quantity // ONE for line in lines),
        lines=lines,
    )


def _lines(lesson: Lesson, goods: Sequence[Goods], dice: Random) -> tuple[OrderLine, ...]:
    count = {Lesson.ONE: 1, Lesson.SEVERAL: 3, Lesson.RIDER: 1, Lesson.BOOKED: 1}.get(lesson, 2)
    chosen = dice.sample(list(goods), min(count, len(goods)))
    return tuple(_line(lesson, place, each, dice) for place, each in enumerate(chosen, start=1))


def _line(lesson: Lesson, place: int, goods: Goods, dice: Random) -> OrderLine:
    product, last = goods.product, place == 2
    gift = lesson is Lesson.GIFT and last
    packs = 2 if lesson is Lesson.SEVERAL and place < 3 else 1
    return OrderLine(
        line_id=place,
        channel_sku=product.sku,
        sku=product.sku,
        name=product.name,
        spec=product.spec,
        unit=product.unit,
        quantity=units(packs),
        price=0 if gift else dice.randrange(800, 5000, 10),
        gift=gift,
        short=ONE if lesson is Lesson.SHORT and last else 0,
    )
