"""What can be done to one order from the control API: POST /control/orders/ORDER_ID/DEED, one table of deeds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from installer.simulators.meituan.errors import PlatformError, SimulatorError
from installer.simulators.meituan.orders import WITHDRAWN, Order, Refund
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.pushes import PushOptions
from installer.simulators.meituan.refunds import Refunds
from installer.simulators.meituan.wishes import (
    Cancellation,
    Change,
    RefundRequest,
    Repush,
    Ride,
    Settlement,
    Withdrawal,
)

Wish = TypeVar("Wish")


class BadRequest(SimulatorError):
    """The body of a control call is not what the call takes."""


def decode(body: bytes, kind: type[Wish]) -> Wish:
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(str(error)) from error


@dataclass(frozen=True, slots=True)
class Stage:
    platform: Platform
    refunds: Refunds


class Doable(Protocol):
    async def do(self, stage: Stage, order: Order, body: bytes) -> Refund | None: ...


@dataclass(frozen=True, slots=True)
class Deed(Generic[Wish]):
    """`wish` is what its body must be."""

    wish: type[Wish]
    act: Callable[[Stage, Order, Wish], Awaitable[Refund | None]]

    async def do(self, stage: Stage, order: Order, body: bytes) -> Refund | None:
        return await self.act(stage, order, decode(body, self.wish))


async def push_again(stage: Stage, order: Order, wish: Repush) -> None:
    await stage.platform.tell_order(wish.kind, order, wish)


async def confirm(stage: Stage, order: Order, wish: PushOptions) -> None:
    await stage.platform.confirm(order, wish)


async def pick(stage: Stage, order: Order, wish: PushOptions) -> None:
    await stage.platform.pick(order, wish)


async def cancel(stage: Stage, order: Order, wish: Cancellation) -> None:
    await stage.platform.cancel(order, wish)


async def ask_refund(stage: Stage, order: Order, wish: RefundRequest) -> Refund:
    return await stage.refunds.ask(order, wish)


async def settle_refund(stage: Stage, order: Order, wish: Settlement) -> Refund:
    refund = _refund(order, wish.refund_id)
    await stage.refunds.settle(order, refund, wish.res_type, wish)
    return refund


async def withdraw_refund(stage: Stage, order: Order, wish: Withdrawal) -> Refund:
    refund = _refund(order, wish.refund_id)
    await stage.refunds.settle(order, refund, WITHDRAWN, wish)
    return refund


async def urge(stage: Stage, order: Order, wish: PushOptions) -> None:
    await stage.platform.urge(order, wish)


async def ride(stage: Stage, order: Order, wish: Ride) -> None:
    await stage.platform.ride(order, wish)


async def change(stage: Stage, order: Order, wish: Change) -> None:
    await stage.platform.change(order, wish)


async def complete(stage: Stage, order: Order, wish: PushOptions) -> None:
    await stage.platform.complete(order, wish)


def _refund(order: Order, refund_id: str) -> Refund:
    if not refund_id and order.open_refund is not None:
        return order.open_refund
    found = next((refund for refund in order.refunds if str(refund.refund_id) == refund_id), None)
    if found is None:
        raise PlatformError(808, f"order {order.order_id} has no such open refund")
    return found


DEEDS: dict[str, Doable] = {
    "push": Deed(Repush, push_again),
    "confirm": Deed(PushOptions, confirm),
    "pick": Deed(PushOptions, pick),
    "cancel": Deed(Cancellation, cancel),
    "refund": Deed(RefundRequest, ask_refund),
    "settle-refund": Deed(Settlement, settle_refund),
    "withdraw-refund": Deed(Withdrawal, withdraw_refund),
    "urge": Deed(PushOptions, urge),
    "rider": Deed(Ride, ride),
    "change": Deed(Change, change),
    "complete": Deed(PushOptions, complete),
}
"""confirm, pick and complete are done "in the merchant's own app": the hub only hears of them."""
