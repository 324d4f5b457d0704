"""A practising store on a virtual clock, and a clerk at its desk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Self, TypeVar

from agent import board, judging, orders, outbox, settling, store
from agent.catalogue import Lookup, lookup_in
from agent.files import CacheFile, WorkFile
from agent.judging import Scanned
from agent.order_view import OrderView, order_view
from agent.picking import steps
from agent.quarantine import count as quarantined
from agent.training import goods, headquarters, packs
from agent.training.furnishing import furnish
from agent.training.goods import Goods
from agent.training.packs import Pack
from agent.transactions import Transaction
from domain.exceptions import Choice
from domain.modes import Mode
from domain.orders import OPEN, AcceptRule, Order
from domain.refunds import WAITING
from domain.times import SECOND
from tests.agent.core.conftest import VirtualClock

T = TypeVar("T")


class NothingToAnswer(Exception):
    """No exception or refund of this order waits for the clerk."""


class Desk:
    def __init__(
        self, folder: Path, *, seed: int = 1, accept: AcceptRule = AcceptRule.HUB, stock: tuple[Goods, ...] = ()
    ) -> None:
        self.clock = VirtualClock()
        dice = Random(seed)
        self.seed = seed
        self.goods = stock or goods.packaged()
        self.work = WorkFile(folder / "work.db", master_key=bytes(32), clock=self.clock, randomness=dice.randbytes)
        self.cache = CacheFile(folder / "cache.db", clock=self.clock)
        like = store.Identity("d", "https://hub", "main", "S1", "人民路店", accept, store.DEFAULT_LEAD, Mode.LIVE)
        furnish(self.work, self.cache, like, self.goods)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.work.close()
        self.cache.close()

    def next(self) -> Order:
        """One more practice order, as the button brings it."""
        placed = self.work.write(lambda tx: headquarters.place(tx, self.goods, self.seed))
        assert placed is not None
        return self.order(placed)

    def go_on(self, seconds: int) -> None:
        """Second by second, as the sandbox does it."""
        for _ in range(seconds):
            self.clock.advance(SECOND)
            self.work.write(headquarters.advance)

    def order(self, order_id: str) -> Order:
        return self.work.read(lambda reading: orders.get(reading, order_id))

    def view(self, order_id: str) -> OrderView:
        return self.work.read(lambda reading: order_view(reading, order_id))

    def packs(self, order_id: str) -> tuple[Pack, ...]:
        return self.work.read(lambda reading: packs.of_order(reading, order_id, self.goods))

    @property
    def lookup(self) -> Lookup:
        return lookup_in(self.cache)

    def scan(self, text: str) -> Scanned:
        return self.do(lambda tx: judging.scan(tx, text.encode(), judging.PAGE, self.lookup))

    def start(self, order: Order) -> None:
        self.do(lambda tx: steps.start(tx, order.order_id, self.lookup))

    def pick_all(self, order: Order) -> None:
        for pack in self.packs(order.order_id):
            if pack.wanted and not pack.done:
                self.scan(pack.code)

    def do(self, step: Callable[[Transaction], T]) -> T:
        """What the clerk does, and what follows from it."""
        done = self.work.write(step)
        self.work.write(headquarters.advance)
        return done

    def settle(self, order: Order, choice: Choice, found: dict[int, int] | None = None) -> None:
        waiting = [view for view in self.view(order.order_id).exceptions if view.closed_at is None]
        if not waiting:
            raise NothingToAnswer
        exception_id = waiting[0].exception.exception_id
        self.do(lambda tx: settling.settle_exception(tx, exception_id, choice, found))

    def answer(self, order: Order, *, agree: bool) -> None:
        waiting = [view for view in self.view(order.order_id).refunds if view.refund.state in WAITING]
        if not waiting:
            raise NothingToAnswer
        refund_id = waiting[0].refund.refund_id
        self.do(lambda tx: settling.answer_refund(tx, order.order_id, refund_id, agree, "已经备货"))

    def put_back(self, order: Order) -> None:
        """What lies in the bag and is no longer wanted."""
        for line_id in self.view(order.order_id).surplus:
            self.do(partial(steps.undo, order_id=order.order_id, line_id=line_id))

    def open_orders(self) -> list[Order]:
        cards = self.work.read(board.board).cards
        return [self.order(card.order_id) for card in cards if card.state in OPEN]

    def loose_ends(self) -> tuple[int, int]:
        """Operations that nobody answered, and events that could not be applied."""
        return self.work.read(lambda reading: (outbox.depth(reading), quarantined(reading)))
