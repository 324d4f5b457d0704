"""A whole order, from a push's form or from a detail query: they share names (facts/channels.md §1.7)."""

from cloud.channels.base import ChannelOrder, NotUnderstood
from cloud.channels.meituan.fields import Fields, as_nested, count, fen, identifier, instant, nested, text, whole
from cloud.channels.meituan.lines import order_lines
from domain.orders import OrderState
from domain.personal import Recipient

PRESCRIPTION_TAG, INSURANCE_TAG = "8", "23"
DEGRADED = -1
"""`incmp_code` of a push whose parts the platform could not gather: the detail must be asked for."""

STATES = {
    1: OrderState.PLACED,
    2: OrderState.PLACED,
    3: OrderState.PLACED,
    4: OrderState.ACCEPTED,
    6: OrderState.ACCEPTED,
    8: OrderState.COMPLETED,
    9: OrderState.CANCELLED,
}
"""facts/channels.md §1.8; 3 (received) and 6 (delivering) are of older documents."""


def carries_order(fields: Fields) -> bool:
    return bool(fields.get("detail"))


def is_degraded(fields: Fields) -> bool:
    return whole(fields, "incmp_code") == DEGRADED


def order(fields: Fields) -> ChannelOrder:
    """Raises `NotUnderstood`. Only what cannot be done without is required: a merchant subscribes to the rest."""
    order_id = identifier(fields, "order_id")
    booked_for = instant(fields, "delivery_time")
    placed_at = instant(fields, "ctime") or instant(fields, "order_send_time") or instant(fields, "timestamp")
    total = fen(fields, "total")
    if placed_at is None or total is None:
        raise NotUnderstood("ctime: missing" if placed_at is None else "total: missing")
    return ChannelOrder(
        channel_order_id=order_id,
        shown_id=text(fields, "wm_order_id_view") or order_id,
        shop=identifier(fields, "app_poi_code"),
        day_number=count(fields, "day_seq"),
        placed_at=placed_at,
        promised_at=booked_for or instant(fields, "estimate_arrival_time"),
        booked=booked_for is not None,
        prescription=_has_tag(fields, PRESCRIPTION_TAG),
        pick_up=whole(fields, "pick_type") == 1,
        total=total,
        state=STATES.get(count(fields, "status"), OrderState.PLACED),
        lines=order_lines(fields),
        recipient=_recipient(fields),
        insurance=_has_tag(fields, INSURANCE_TAG),
    )


def _has_tag(fields: Fields, tag: str) -> bool:
    return any(str(each) == tag for each in nested(fields, "order_tag_list", list[int | str], []))


def _recipient(fields: Fields) -> Recipient:
    """`typed@#geocoded`: the customer's own words are what the rider needs."""
    return Recipient(
        name=text(fields, "recipient_name"),
        phone=text(fields, "recipient_phone"),
        backup_phone=_backup_phone(fields),
        address=text(fields, "recipient_address").partition("@#")[0],
        remark=text(fields, "caution"),
    )


def _backup_phone(fields: Fields) -> str:
    """The first of a list; a bare number is taken as it is."""
    value = fields.get("backup_recipient_phone")
    if isinstance(value, str) and not value.startswith("["):
        return value
    phones = as_nested(value, "backup_recipient_phone", list[str | int], [])
    return str(phones[0]) if phones else ""
