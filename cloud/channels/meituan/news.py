"""What each topic's push means: one small function for each, and a table."""

import hashlib
import logging
from collections.abc import Callable

from cloud.channels.base import (
    Advanced,
    Cancelled,
    Changed,
    Message,
    NotUnderstood,
    Placed,
    RiderCame,
    Understood,
    Urged,
)
from cloud.channels.meituan import refund
from cloud.channels.meituan.fields import Fields, identifier, text, whole
from cloud.channels.meituan.order import carries_order, is_degraded, order
from domain.orders import OrderState, RiderState
from domain.personal import Rider

logger = logging.getLogger(__name__)

Meaning = tuple[str, tuple[Message, ...]]
"""What tells this happening from others of its order and topic, and what it means."""

CANCELLED_BY = {1: "customer", 2: "store", 3: "service", 4: "service", 5: "system", 6: "store"}
"""`deal_op_type`; 6 is the open platform, which is us."""

RIDER_STATES = {
    10: RiderState.ASSIGNED,
    15: RiderState.AT_STORE,
    20: RiderState.TAKEN,
    40: RiderState.DELIVERED,
    100: RiderState.LEFT,
}
"""`logistics_status`; the others (0 dispatched, 1 and 5 held) are no rider yet."""

_NOISE = frozenset({"app_id", "timestamp", "sig", "access_token", "version", "utime", "avg_send_time"})
"""What differs between two tellings of the same happening."""


def understood(topic: str, fields: Fields) -> Understood:
    """Raises `NotUnderstood`."""
    if topic == "shop":
        return _nothing_to_do(fields)
    order_id = identifier(fields, "order_id")
    meaning = _MEANINGS.get(topic)
    if meaning is None:
        raise NotUnderstood(f"{topic}: not a topic of this channel")
    what, messages = meaning(fields, order_id)
    happening = "refund" if topic == "part_refund" else topic
    return Understood(f"{happening}:{order_id}{what}", content(fields), order_id, messages)


def content(fields: Fields) -> bytes:
    """Fields are in the order of their names."""
    said = "&".join([f"{name}={value}" for name, value in fields.items() if name not in _NOISE])
    return hashlib.sha256(said.encode()).digest()


def _nothing_to_do(fields: Fields) -> Understood:
    """A shop opened or closed: nothing of ours hangs on it yet, but the push is kept."""
    what = ":".join(text(fields, name) for name in ("poi_status", "operate_time"))
    return Understood(f"shop:{identifier(fields, 'app_poi_code')}:{what}", content(fields), None, ())


def _paid(fields: Fields, order_id: str) -> Meaning:
    """A degraded push places what it can, under a key of its own so that the whole one is not taken for a forgery."""
    if not is_degraded(fields):
        return "", (Placed(order(fields)),)
    ask = Changed(order_id, None)
    try:
        return ":degraded", (Placed(order(fields)), ask)
    except NotUnderstood as error:
        logger.info("a degraded push of order %s places nothing yet: %s", order_id, error)
        return ":degraded", (ask,)


def _confirmed(fields: Fields, order_id: str) -> Meaning:
    return "", (_advanced(fields, order_id, OrderState.ACCEPTED),)


def _completed(fields: Fields, order_id: str) -> Meaning:
    return "", (_advanced(fields, order_id, OrderState.COMPLETED),)


def _pick_finished(fields: Fields, order_id: str) -> Meaning:
    return "", (_advanced(fields, order_id, OrderState.PICKED),)


def _advanced(fields: Fields, order_id: str, state: OrderState) -> Advanced:
    whole_order = order(fields) if carries_order(fields) and not is_degraded(fields) else None
    return Advanced(order_id, state, whole_order)


def _cancelled(fields: Fields, order_id: str) -> Meaning:
    by = CANCELLED_BY.get(whole(fields, "deal_op_type") or 0, "system")
    return "", (Cancelled(order_id, by, text(fields, "reason")),)


def _refund(fields: Fields, order_id: str) -> Meaning:
    news, message = refund.refunded(fields, "refund")
    return f":{news}", (message,)


def _part_refund(fields: Fields, order_id: str) -> Meaning:
    news, message = refund.refunded(fields, "part_refund")
    return f":{news}", (message,)


def _refund_status(fields: Fields, order_id: str) -> Meaning:
    news, message = refund.paid(fields)
    return f":{news}", (message,)


def _urge(fields: Fields, order_id: str) -> Meaning:
    """Each reminder has an id that a repeat keeps; without one, its second tells it apart."""
    return f":{text(fields, 'remind_id') or text(fields, 'timestamp')}", (Urged(order_id),)


def _rider(fields: Fields, order_id: str) -> Meaning:
    status = whole(fields, "logistics_status")
    if status is None:
        raise NotUnderstood("logistics_status: missing")
    what = f":{status}:{text(fields, 'time') or text(fields, 'timestamp')}"
    state = RIDER_STATES.get(status)
    rider = Rider(text(fields, "dispatcher_name"), text(fields, "dispatcher_mobile"))
    return what, () if state is None else (RiderCame(order_id, state, rider),)


def _changed(fields: Fields, order_id: str) -> Meaning:
    """Only some fields may be told, and nobody documents which: without the whole order, the detail is asked for."""
    entire = carries_order(fields) and fields.get("app_poi_code") and fields.get("total") and not is_degraded(fields)
    what = text(fields, "utime") or text(fields, "timestamp")
    return f":{what}", (Changed(order_id, order(fields) if entire else None),)


_MEANINGS: dict[str, Callable[[Fields, str], Meaning]] = {
    "paid": _paid,
    "confirmed": _confirmed,
    "completed": _completed,
    "cancelled": _cancelled,
    "refund": _refund,
    "part_refund": _part_refund,
    "refund_status": _refund_status,
    "urge": _urge,
    "rider": _rider,
    "changed": _changed,
    "pick_finished": _pick_finished,
}
