"""What people, the demo and tests ask of the control API."""

from typing import Annotated, Literal

import msgspec

from installer.simulators.meituan.orders import Recipient
from installer.simulators.meituan.pushes import PushOptions

Quantity = Annotated[int, msgspec.Meta(ge=1, le=9999)]
Whole = Annotated[int, msgspec.Meta(ge=0)]


class NewLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code the shop does not list needs a name: that is how an order for an unknown product is made."""

    app_medicine_code: str
    quantity: Quantity = 1
    discount_fen: Whole = 0
    """Off the price of each piece, shown as an activity of type 17."""
    name: str = ""
    spec: str = ""
    upc: str = ""
    unit: str = "盒"
    price_fen: Whole = 0
    weight_g: Whole = 50


class NewGift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    app_medicine_code: str
    quantity: Quantity = 1
    type: Literal[5, 23] = 23
    name: str = ""


class NewOrder(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    shop: str
    lines: Annotated[tuple[NewLine, ...], msgspec.Meta(min_length=1)]
    gifts: tuple[NewGift, ...] = ()
    booked_minutes: Annotated[int, msgspec.Meta(ge=0, le=10080)] = 0
    recipient: Recipient = Recipient()
    caution: str = "【如遇缺货】： 缺货时电话与我沟通 收餐人隐私号 13800000000_1234，手机号 138****0000"
    prescription: bool = False
    """It is one in any case where a medicine needs it."""
    prescription_of: int = 0
    """Send the prescription of that order again."""
    insurance: bool = False
    self_pickup: bool = False
    invoice_title: str = ""
    taxpayer_id: str = ""
    shipping_fen: Whole = 400
    shipping_discount_fen: Whole = 400
    empty_extra: bool | None = None
    """End `extras` with `{}`; every third order does when nothing is said."""


class Repush(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kind: Literal["paid", "confirmed", "completed"] = "paid"


class Cancellation(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    by: Annotated[int, msgspec.Meta(ge=1, le=6)] = 1
    """`deal_op_type`: 1 customer, 2 merchant, 3 customer service, 4 BD, 5 system, 6 open platform."""
    reason_code: int = 1103
    reason: str = "用户取消"


class RefundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    app_medicine_code: str
    quantity: Quantity = 1


class RefundRequest(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Without lines the customer wants everything back."""

    lines: tuple[RefundLine, ...] = ()
    reason: str = "不想要了"
    appeal: bool = False


class Settlement(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`res_type`: 1, 2 merchant rejects, agrees; 3, 4 customer service; 5 agreed by timeout; 6 system; 7 withdrawn."""

    res_type: Literal[1, 2, 3, 4, 5, 6, 7]
    refund_id: str = ""
    """The refund that is open, when not given."""


class Withdrawal(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    refund_id: str = ""


RideStatus = Literal[5, 10, 15, 20, 40, 100]


class Ride(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    logistics_status: RideStatus
    name: str = "测试骑手"
    mobile: str = "13900000000_5678"


class Change(PushOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    recipient: Recipient | None = None
    caution: str | None = None
    booked_minutes: Annotated[int, msgspec.Meta(ge=0, le=10080)] | None = None


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kind: str = "paid"
    wait: bool = False


class Traffic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """0 stops the scripted customer."""

    orders_per_minute: Annotated[float, msgspec.Meta(ge=0, le=6000)]
    shops: tuple[str, ...] = ()
    """Only these; all shops when empty."""
