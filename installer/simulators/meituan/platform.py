"""What the platform does: each thing that happens to an order changes its state and tells the hub."""

import time
from collections.abc import Callable, Mapping

import msgspec

from installer.simulators.meituan import news_wire, order_wire, texts
from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.orderbook import PROMISED_SECONDS, OrderBook
from installer.simulators.meituan.orders import CONFIRMED, PAID, Order
from installer.simulators.meituan.pushes import PLAIN, Push, Pusher, PushOptions
from installer.simulators.meituan.settings import Config
from installer.simulators.meituan.wishes import Cancellation, Change, Heartbeat, NewOrder, Ride


class Platform:
    def __init__(self, config: Config, *, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.switches = msgspec.structs.replace(
            config.switches, auto_accept=config.auto_accept or config.switches.auto_accept
        )
        self.clock = clock
        self.orders = OrderBook(config.shops, begun=clock())
        self.url = ""
        """Where this program is reached, once it listens."""
        self.closed_shops: set[str] = set()
        self.stock: dict[tuple[str, str], int] = {}
        """(shop, app_medicine_code) → what the hub last reported."""
        self.pusher = Pusher(
            app_id=config.app_id,
            secret=config.secret,
            switches=lambda: self.switches,
            answered=self._answered,
        )
        self.picked: Callable[[Order], None] = lambda order: None
        """Told when an order's picking is finished: the scripted rider listens here."""

    def now(self) -> int:
        return int(self.clock())

    async def tell(self, kind: str, fields: Mapping[str, object], options: PushOptions = PLAIN) -> list[Push]:
        """One record per delivery; none when the kind has no registered URL or `push` is false."""
        url = self.config.callback_urls.of(kind)
        if url is None or not options.push:
            return []
        form, now = texts.form(fields), self.now()
        pushes = [self.pusher.prepare(kind, url, form, options, now=now) for _ in range(options.times)]
        for push in pushes:
            await self.pusher.send(push, options)
        return pushes

    async def tell_order(self, kind: str, order: Order, options: PushOptions = PLAIN) -> list[Push]:
        """Paid, confirmed and completed carry the whole order, less what the merchant did not subscribe to."""
        hidden = self.switches.omit
        fields = {name: value for name, value in order_wire.push_fields(order).items() if name not in hidden}
        return await self.tell(kind, fields, options)

    async def create(self, wish: NewOrder) -> Order:
        order = self.orders.add(wish, now=self.now())
        await self.tell_order("paid", order, wish)
        if self.switches.auto_accept:
            await self.confirm(order)
        return order

    async def confirm(self, order: Order, options: PushOptions = PLAIN) -> None:
        order.confirm(self.now())
        await self.tell_order("confirmed", order, options)

    async def pick(self, order: Order, options: PushOptions = PLAIN) -> None:
        order.pick(self.now())
        await self.tell("pick_finished", news_wire.pick_finished_fields(order), options)
        self.picked(order)

    async def cancel(self, order: Order, wish: Cancellation) -> None:
        order.cancel(self.now())
        fields = news_wire.cancel_fields(order, by=wish.by, reason_code=wish.reason_code, reason=wish.reason)
        await self.tell("cancelled", fields, wish)

    async def ride(self, order: Order, wish: Ride) -> None:
        order.ride(wish.logistics_status, self.now())
        order.rider.name, order.rider.mobile = wish.name, wish.mobile
        await self.tell("rider", news_wire.rider_fields(order, self.now()), wish)

    async def complete(self, order: Order, options: PushOptions = PLAIN) -> None:
        order.complete(self.now())
        await self.tell_order("completed", order, options)

    async def urge(self, order: Order, options: PushOptions = PLAIN) -> None:
        _require_running(order)
        await self.tell("urge", news_wire.urge_fields(order, self.orders.next_id()), options)

    async def change(self, order: Order, wish: Change) -> None:
        _require_running(order)
        names: tuple[str, ...] = ()
        if wish.recipient is not None:
            order.recipient = wish.recipient
            names += ("recipient_name", "recipient_phone", "recipient_address", "backup_recipient_phone")
        if wish.caution is not None:
            order.caution = wish.caution
            names += ("caution",)
        if wish.booked_minutes is not None:
            order.delivery_time = self.now() + wish.booked_minutes * 60 if wish.booked_minutes else 0
            order.arrival_time = order.delivery_time or self.now() + PROMISED_SECONDS
            names += ("delivery_time", "estimate_arrival_time")
        order.updated_at = self.now()
        await self.tell("changed", news_wire.changed_fields(order, names), wish)

    async def heartbeat(self, wish: Heartbeat) -> Push | None:
        url = self.config.callback_urls.of(wish.kind)
        if url is None:
            return None
        push = self.pusher.heartbeat(url)
        await self.pusher.send(push, PushOptions(wait=wish.wait))
        return push

    def _answered(self, push: Push) -> None:
        if push.kind == "paid":
            self.orders.order(int(push.order_id)).push_answered = True


def _require_running(order: Order) -> None:
    if order.status not in (PAID, CONFIRMED):
        raise PlatformError(808, f"order {order.order_id}: status is {order.status}, the end was reached")
