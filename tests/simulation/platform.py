"""A platform that sells for the chain: customers order, urge, cancel and ask for money back; the hub is told by pushes
until it says that it has them, tells back by calls, and may ask for everything again (the sweep)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from random import Random

import httpx
import msgspec

from cloud.channels.base import (
    Advanced,
    Call,
    CallKind,
    CallResult,
    CallState,
    Cancelled,
    Changed,
    ChannelLine,
    ChannelOrder,
    Message,
    NotUnderstood,
    Placed,
    Push,
    Refunded,
    RefundedLine,
    Understood,
    Urged,
)
from cloud.known import KnownOrders
from domain.orders import OrderState
from domain.personal import Recipient
from domain.quantity import units
from domain.refunds import RefundState
from domain.times import MINUTE, Clock, Millis
from tests.simulation.goods import COMMON, PRODUCTS, RARE
from tests.simulation.recording import Recorder
from tests.simulation.wire import Wire

PUSHED_AGAIN = (5.0, 20.0, 60.0, 180.0)
"""Seconds between two tries of a push; after the last the platform gives up, and only the sweep finds it."""
RECIPIENT = Recipient("王小明", "13812345678_9527", "13900001111", "朝阳区建国路八十八号", "请放门口")


class Pushed(msgspec.Struct, frozen=True):
    """The body of a push."""

    happening: str
    order: str
    message: Message


_decode = msgspec.json.Decoder(Pushed).decode


class Platform:
    """One channel of the hub, and its customers."""

    def __init__(self, name: str, wire: Wire, clock: Clock, random: Random, recorder: Recorder) -> None:
        self.name = self.label = name
        self.can_be_swept = True
        self._clock, self._random, self._recorder, self.wire = clock, random, recorder, wire
        self._client = httpx.AsyncClient(transport=wire, base_url="http://hub", timeout=10.0, trust_env=False)
        self._orders: dict[str, tuple[ChannelOrder, list[Message]]] = {}
        """With all that was said of it after it was placed."""
        self._pushing: set[asyncio.Task[None]] = set()
        self._is_open = True
        self.known = KnownOrders()
        """Orders that a sweep need not tell."""

    # Its customers

    def sell(self, shop: str) -> str:
        """Somebody paid."""
        number = len(self._orders) + 1
        order = self._order(f"{self.name}-{number}", number, shop)
        self._orders[order.channel_order_id] = (order, [])
        self._recorder.record("sold", channel=self.name, order=order.channel_order_id, shop=shop)
        self._push(order.channel_order_id, Placed(order))
        return order.channel_order_id

    def change_mind(self, order: str) -> None:
        """What customers do to an order: mostly they wait."""
        what = self._random.random()
        if what < 0.08:
            self.say(order, Cancelled(order, "customer", ""))
        elif what < 0.2:
            self.say(order, Urged(order))
        elif what < 0.28:
            self.ask_for_money(order)

    def ask_for_money(self, order: str) -> None:
        """For one of the first thing."""
        line = self._orders[order][0].lines[0]
        self.say(order, self.refund(f"r-{order}", order, RefundState.ASKED, line.channel_sku))

    def close_shop(self) -> None:
        """Nothing new happens from now on; what did is told as before."""
        self._is_open = False

    def record_due(self) -> None:
        """Every order that was paid must be known by now, be it by a sweep."""
        for order in self._orders:
            self._recorder.record("due", channel=self.name, order=order)

    def say(self, order: str, message: Message) -> None:
        if not self._is_open:
            return
        if isinstance(message, Cancelled | Advanced) and self._over(order):
            return
        self._orders[order][1].append(message)
        self._push(order, message)

    def change(self, order: str) -> None:
        """Somebody wants one more of the first thing."""
        before = self._orders[order][0]
        first = msgspec.structs.replace(before.lines[0], quantity=before.lines[0].quantity + units(1))
        self.say(order, Changed(order, msgspec.structs.replace(before, lines=(first, *before.lines[1:]))))

    def lines_of(self, order: str) -> tuple[ChannelLine, ...]:
        return self._orders[order][0].lines

    def finish(self, order: str) -> None:
        """In the platform's own app, by whoever holds the goods: the store need not have touched it."""
        self.say(order, Advanced(order, OrderState.COMPLETED))

    def _over(self, order: str) -> bool:
        return any(
            isinstance(said, Cancelled) or (isinstance(said, Advanced) and said.state is OrderState.COMPLETED)
            for said in self._orders[order][1]
        )

    def _order(self, name: str, number: int, shop: str) -> ChannelOrder:
        skus = self._random.sample(PRODUCTS[:COMMON], self._random.choice((1, 1, 2)))
        if self._random.random() < 0.12:
            skus.append(RARE)
        lines = tuple(
            ChannelLine(
                each.sku, each.barcodes[0], each.name, each.spec, each.unit, units(self._random.choice((1, 1, 2))), 1250
            )
            for each in skus
        )
        return ChannelOrder(
            channel_order_id=name,
            shown_id=name,
            shop=shop,
            day_number=number,
            placed_at=self._clock(),
            promised_at=self._clock() + 40 * MINUTE,
            booked=False,
            prescription=False,
            pick_up=False,
            total=1250 * len(lines),
            state=OrderState.PLACED,
            lines=lines,
            recipient=RECIPIENT,
        )

    # Its pushes

    def _push(self, order: str, message: Message) -> None:
        said = len(self._orders[order][1])
        pushed = Pushed(f"{order}:{said}", order, message)
        task = asyncio.get_running_loop().create_task(self._until_heard(pushed))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    async def _until_heard(self, pushed: Pushed) -> None:
        body = msgspec.json.encode(pushed)
        for rest in (*PUSHED_AGAIN, 0.0):
            try:
                answer = await self._client.post(f"/channels/{self.name}/push", content=body)
                if answer.status_code == 200 and answer.content == self.answer():
                    if isinstance(pushed.message, Placed):
                        self._recorder.record("told", channel=self.name, order=pushed.order)
                    return
            except httpx.HTTPError:
                pass  # the platform's log is not ours to keep: it tries again
            await asyncio.sleep(self._random.uniform(rest / 2, rest))

    # What the hub sees of it

    def understand(self, push: Push) -> Understood:
        try:
            pushed = _decode(push.body)
        except msgspec.MsgspecError as error:
            raise NotUnderstood(str(error)) from error
        return Understood(pushed.happening, hashlib.sha256(push.body).digest(), pushed.order, (pushed.message,))

    def answer(self) -> bytes:
        return b'{"data":"ok"}'

    async def call(self, call: Call) -> CallResult:
        """Carried over a line that is as bad as the others; what a call does is done once."""
        await asyncio.sleep(self.wire.latency())
        if self.wire.is_cut or self.wire.chance(self.wire.weather.lose_request):
            await asyncio.sleep(10.0)
            return CallResult(CallState.LATER, "no answer")
        done = self._carry_out(call)
        if self.wire.chance(self.wire.weather.lose_answer):
            await asyncio.sleep(10.0)
            return CallResult(CallState.LATER, "no answer")
        return done

    async def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        for order, said in tuple(self._orders.values()):
            if order.shop == shop and order.placed_at >= since and not self.known(order.channel_order_id):
                yield Placed(order)
                for message in tuple(said):
                    yield message

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        found = self._orders.get(channel_order_id)
        return None if found is None else found[0]

    async def prescription_images(self, shop: str, channel_order_id: str) -> tuple[str, ...] | None:
        return None

    async def picture(self, reference: str) -> bytes:
        raise NotImplementedError("no prescription is sold here")

    async def close(self) -> None:
        """It outlives every hub."""

    def _carry_out(self, call: Call) -> CallResult:
        order = call.channel_order_id
        match call.kind:
            case CallKind.CANCEL if not self._over(order):
                self._later(order, Cancelled(order, "store", call.reason))
            case CallKind.PART_REFUND:
                for line in call.lines:
                    paid = self.refund(f"p-{order}-{line.channel_sku}", order, RefundState.PAID, line.channel_sku)
                    if paid not in self._orders[order][1]:
                        self._later(order, paid)
            case CallKind.AGREE_REFUND:
                sku = self._orders[order][0].lines[0].channel_sku
                self._later(order, self.refund(call.refund_id, order, RefundState.PAID, sku))
            case CallKind.PICKED if not self._over(order):
                self._later(order, Advanced(order, OrderState.COMPLETED), 1800.0)
            case _:
                pass
        return CallResult(CallState.DONE)

    def _later(self, order: str, message: Message, after: float = 0.0) -> None:
        delay = after + self._random.uniform(0.1, 5.0)
        asyncio.get_running_loop().call_later(delay, self.say, order, message)

    def refund(self, refund_id: str, order: str, state: RefundState, sku: str) -> Refunded:
        line = next(line for line in self._orders[order][0].lines if line.channel_sku == sku)
        back = (RefundedLine(sku, min(line.quantity, units(1))),)
        return Refunded(order, refund_id, state, False, 1250, back, "", self._clock(), None)
