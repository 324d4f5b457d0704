"""What the hub tells the store, and what therefore must lie on paper: made here, from a seed, known to the checker."""

import random
from dataclasses import dataclass

import msgspec

from domain.events import Event, OrderCancelled, OrderChanged, OrderPlaced, encode_body, store_log
from domain.orders import Order, OrderLine, OrderState, RiderState
from domain.protocol import Head, Page
from domain.quantity import units
from domain.times import MINUTE, Millis

LOG = store_log("S1")
LOG_ID = "campaign"
_DRUGS = (
    "阿莫西林胶囊",
    "布洛芬缓释胶囊",
    "感冒灵颗粒",
    "蒙脱石散",
    "健胃消食片",
    "板蓝根颗粒",
    "氯雷他定片",
    "维生素C片",
)
_CHANGED, _CANCELLED, _DRAWN = 0.03, 0.03, 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as it read when it was placed. `shown_id` stands on each of its slips."""

    order: Order

    @property
    def shown_id(self) -> str:
        return self.order.shown_id

    @property
    def papers(self) -> dict[tuple[str, str], frozenset[str]]:
        """What its slips must say, by order and kind."""
        names = frozenset(line.name for line in self.order.lines)
        codes = {f"bars {self.order.code}", f"QR {self.order.code}"}
        return {(self.shown_id, "picking"): names | codes, (self.shown_id, "stop"): names}


class Log:
    """The store's event log as the hub would number it. Some orders change or are cancelled soon after, unless
    it is `plain`."""

    def __init__(self, seed: int, orders: int, now: Millis, *, plain: bool = False) -> None:
        self._random, self._now = random.Random(seed), now
        self.orders = [Wanted(self._order(number)) for number in range(1, orders + 1)]
        self.cancelled: set[str] = set()
        self.events: list[Event] = []
        for number, wanted in enumerate(self.orders):
            self._tell(OrderPlaced(wanted.order))
            if not plain:
                self._maybe_more(self.orders[max(0, number - self._random.randrange(6))].order)

    def page(self, after: int, most: int) -> Page:
        return Page(Head(LOG, LOG_ID, len(self.events)), tuple(self.events[after : after + most]))

    def _maybe_more(self, order: Order) -> None:
        chance = self._random.random()
        if order.order_id in self.cancelled:
            return
        if chance < _CHANGED:
            self._tell(OrderChanged(msgspec.structs.replace(order, promised_at=(order.promised_at or 0) + MINUTE)))
        elif chance < _CHANGED + _CANCELLED:
            self.cancelled.add(order.order_id)
            self._tell(OrderCancelled(order.order_id, by="customer", taken=False))

    def _tell(self, body: OrderPlaced | OrderChanged | OrderCancelled) -> None:
        about = body.order_id if isinstance(body, OrderCancelled) else body.order.order_id
        seq = len(self.events) + 1
        raw = msgspec.Raw(encode_body(body))
        self.events.append(Event(LOG, seq, body.kind, body.version, self._now, raw, about, ()))

    def _spec(self) -> str:
        """Some with a character that no printer's font has: that line is drawn, and thousands of bytes long."""
        return "含䗪虫 24粒" if self._random.random() < _DRAWN else "0.25g*24粒"

    def _order(self, number: int) -> Order:
        drugs = self._random.sample(_DRUGS, self._random.randint(1, 4))
        lines = tuple(
            OrderLine(place, f"c{place}", f"SKU{place}", f"{name}{number}", self._spec(), "盒", units(1), 1500)
            for place, name in enumerate(drugs, 1)
        )
        return Order(
            order_id=f"o{number}",
            channel="meituan",
            channel_order_id=f"30000{number:07d}",
            shown_id=f"27063{number:07d}",
            day_number=number,
            store="S1",
            code=f"YO{number:012d}",
            state=OrderState.ACCEPTED,
            rider=RiderState.NONE,
            placed_at=self._now,
            promised_at=self._now + 30 * MINUTE,
            booked=False,
            prescription=False,
            pick_up=False,
            total=1500 * len(lines),
            lines=lines,
        )
