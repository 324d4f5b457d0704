"""What each request means, and what makes it the same request again."""

import hashlib
from collections.abc import Callable

import msgspec

from cloud.channels.base import Cancelled, Message, NotUnderstood, Placed, Push, RiderCame, Understood, Urged
from cloud.channels.own import bodies
from cloud.channels.own.decode import ORDERS, body, route
from cloud.channels.own.order import millis, order
from cloud.channels.own.refund import refunded
from domain.orders import RiderState
from domain.personal import Rider


def understood(push: Push) -> Understood:
    """Raises `NotUnderstood`."""
    action, order_id = route(push)
    if action == ORDERS:
        return _placed(push)
    meaning = _MEANINGS.get(action)
    if meaning is None:
        raise NotUnderstood(f"{action}: not something that can happen to an order here")
    return meaning(push, _checked(order_id))


def _placed(push: Push) -> Understood:
    told = body(push, bodies.NewOrder)
    return _understood(f"paid:{told.order_id}", told, told.order_id, Placed(order(told)))


def _cancelled(push: Push, order_id: str) -> Understood:
    told = body(push, bodies.Cancel)
    return _understood(f"cancelled:{order_id}", told, order_id, Cancelled(order_id, told.by.value, told.reason))


def _refunded(push: Push, order_id: str) -> Understood:
    told = body(push, bodies.Refund)
    key = f"refund:{order_id}:{told.refund_id}:{told.state.value}"
    return _understood(key, told, order_id, refunded(order_id, told))


def _urged(push: Push, order_id: str) -> Understood:
    told = body(push, bodies.Urge)
    return _understood(f"urge:{order_id}:{told.urge_id}", told, order_id, Urged(order_id))


def _rider(push: Push, order_id: str) -> Understood:
    told = body(push, bodies.Rider)
    key = f"rider:{order_id}:{told.state.value}:{millis(told.at)}"
    came = RiderCame(order_id, RiderState(told.state.value), Rider(told.name, told.phone))
    return _understood(key, told, order_id, came)


_MEANINGS: dict[str, Callable[[Push, str], Understood]] = {
    "cancel": _cancelled,
    "refunds": _refunded,
    "urge": _urged,
    "rider": _rider,
}


def _understood(key: str, told: msgspec.Struct, order_id: str, message: Message) -> Understood:
    """The content is over what was read, so spaces and the order of fields make no other body."""
    content = hashlib.sha256(msgspec.json.encode(told)).digest()
    return Understood(key=key, content=content, channel_order_id=order_id, messages=(message,))


def _checked(order_id: str) -> str:
    try:
        return msgspec.convert(order_id, bodies.Id)
    except msgspec.ValidationError as error:
        raise NotUnderstood("the order id in the path is not one that an order can have") from error
