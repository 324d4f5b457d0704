"""What a store did in a month without a line: operations as they stand in its outbox, made by the agent's own code on a
clock that went through those days."""

import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from agent import outbox
from agent.files import WorkFile
from agent.transactions import Transaction
from domain.operations import (
    OperationBody,
    OrderHandedOver,
    PickCompleted,
    PickStarted,
    SaleLine,
    SaleRecorded,
    SlipChanged,
    StockCounted,
)
from domain.picks import Binding
from domain.quantity import units
from domain.slips import SlipKind, SlipState, SlipStep
from domain.times import DAY, Millis

DAYS = 30
OF_AN_ORDER = 4
"""Operations that each order leaves that was placed before the line was cut."""
SHARE_OF_ORDERS = 0.2
COUNTED = 0.15
"""Of the others; what is left are sales over the counter."""
AT_ONCE = 250
SKUS = [f"M{number:04d}" for number in range(1, 13)]


class Line(msgspec.Struct, frozen=True):
    """A line of an order, as the store knows it."""

    order_id: str
    line_id: int
    boxes: int


class Done(msgspec.Struct, frozen=True):
    body: OperationBody
    order_id: str | None


class Days:
    """A clock that goes through a month that ended just now, in even steps."""

    def __init__(self, now: Millis, steps: int) -> None:
        self._at, self._step = now - DAYS * DAY, DAYS * DAY // max(steps, 1)

    def __call__(self) -> Millis:
        self._at += self._step
        return self._at


def month(lines: Sequence[Line], count: int, seen: int) -> Iterator[Done]:
    """`count` operations; those of one order in their order, among all the others."""
    chance = random.Random(count)
    orders = [
        list(_of_order(number, [one for one in lines if one.order_id == order_id]))
        for number, order_id in enumerate(dict.fromkeys(line.order_id for line in lines))
    ]
    others = count - sum(map(len, orders))
    turns = [None] * others + [order for order in orders for _ in order]
    chance.shuffle(turns)
    for turn, order in enumerate(turns):
        yield order.pop(0) if order else _of_the_day(chance, turn, seen)


def fill(work_db: Path, done: Sequence[Done], now: Millis) -> None:
    """Nothing here is about a person: any key will do."""
    with WorkFile(work_db, master_key=bytes(32), clock=Days(now, len(done) // AT_ONCE + 1)) as work:
        for first in range(0, len(done), AT_ONCE):
            work.write(partial(_put, some=done[first : first + AT_ONCE]))


def _put(tx: Transaction, some: Sequence[Done]) -> None:
    for one in some:
        outbox.put(tx, one.body, one.order_id)


def _of_order(number: int, lines: Sequence[Line]) -> Iterator[Done]:
    order_id = lines[0].order_id
    packs = [line for line in lines for _ in range(line.boxes)]
    bag = tuple(
        Binding(line.line_id, f"8{number:09d}{place:010d}", units(1)) for place, line in enumerate(packs, start=1)
    )
    slip = SlipChanged(
        order_id, f"slip-{order_id}", SlipKind.CUSTOMER, SlipState.PRINTED, steps=(SlipStep(SlipState.PRINTED, 1),)
    )
    for body in (slip, PickStarted(order_id), PickCompleted(order_id, bag), OrderHandedOver(order_id)):
        yield Done(body, order_id)


def _of_the_day(chance: random.Random, turn: int, seen: int) -> Done:
    sku = chance.choice(SKUS)
    if chance.random() < COUNTED:
        return Done(StockCounted(sku, units(40_000 + chance.randrange(1000)), "盘点", seen), None)
    return Done(SaleRecorded(f"sale-{turn}", (SaleLine(sku, units(chance.randint(1, 3))),)), None)
