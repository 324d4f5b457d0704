"""What is to be picked: the lines of `detail`, and the gifts that stand only in `extras` (facts/channels.md §1.7)."""

from collections.abc import Sequence

import msgspec

from cloud.channels.base import ChannelLine, NotUnderstood
from cloud.channels.meituan.fields import Fields, Scalar, as_fen, as_nested, as_quantity, as_text, nested

GIFT_TYPES = frozenset({"5", "23"})
"""满赠 and 买赠, as numbers or as text."""


class Detail(msgspec.Struct, frozen=True):
    app_medicine_code: Scalar = None
    app_food_code: Scalar = None
    sku_id: Scalar = None
    upc: Scalar = None
    food_name: Scalar = None
    spec: Scalar = None
    unit: Scalar = None
    quantity: Scalar = None
    price: Scalar = None


class Gift(msgspec.Struct, frozen=True):
    gifts_app_medicine_code: Scalar = None
    gifts_name: Scalar = None
    gift_num: Scalar = 1


class Extra(msgspec.Struct, frozen=True):
    """Real lists may end with an empty object."""

    type: Scalar = None
    act_extend_msg: object = None


def order_lines(fields: Fields) -> tuple[ChannelLine, ...]:
    """Raises `NotUnderstood`, also when there is nothing to pick."""
    details = nested(fields, "detail", list[Detail], [])
    if not details:
        raise NotUnderstood("detail: missing or empty")
    lines = [_line(detail, f"detail[{place}]") for place, detail in enumerate(details)]
    return (*lines, *_gifts(fields, lines))


def code_of(line: "Detail | RefundedFood", where: str) -> str:
    """`app_medicine_code` is preferred; for drugs the three are the same."""
    for value in (line.app_medicine_code, line.app_food_code, line.sku_id):
        if code := as_text(value, f"{where}.app_medicine_code"):
            return code
    return ""


class RefundedFood(msgspec.Struct, frozen=True):
    """A row of a part refund's `food`."""

    app_medicine_code: Scalar = None
    app_food_code: Scalar = None
    sku_id: Scalar = None
    count: Scalar = None


def _line(detail: Detail, where: str) -> ChannelLine:
    return ChannelLine(
        channel_sku=code_of(detail, where),
        barcode=as_text(detail.upc, f"{where}.upc"),
        name=as_text(detail.food_name, f"{where}.food_name"),
        spec=as_text(detail.spec, f"{where}.spec"),
        unit=as_text(detail.unit, f"{where}.unit"),
        quantity=as_quantity(detail.quantity, f"{where}.quantity"),
        price=as_fen(detail.price, f"{where}.price"),
    )


def _gifts(fields: Fields, lines: Sequence[ChannelLine]) -> list[ChannelLine]:
    """A gift that already is a line at no price is not picked twice."""
    free = {line.channel_sku for line in lines if line.price == 0 and line.channel_sku}
    gifts = []
    for place, extra in enumerate(nested(fields, "extras", list[Extra], [])):
        if str(extra.type) in GIFT_TYPES:
            where = f"extras[{place}].act_extend_msg"
            gift = _gift(as_nested(extra.act_extend_msg, where, Gift, Gift()), where)
            if (gift.channel_sku or gift.name) and gift.channel_sku not in free:
                gifts.append(gift)
    return gifts


def _gift(gift: Gift, where: str) -> ChannelLine:
    return ChannelLine(
        channel_sku=as_text(gift.gifts_app_medicine_code, f"{where}.gifts_app_medicine_code"),
        barcode="",
        name=as_text(gift.gifts_name, f"{where}.gifts_name"),
        spec="",
        unit="",
        quantity=as_quantity(gift.gift_num, f"{where}.gift_num"),
        price=0,
        gift=True,
    )
