"""One order as the platform keeps it, and which moves its state allows."""

from dataclasses import dataclass, field

import msgspec

from installer.simulators.meituan.errors import PlatformError

PAID, CONFIRMED, COMPLETED, CANCELLED = 2, 4, 8, 9
"""`status` on the wire (facts/channels.md §1.8)."""

DISPATCHED, ASSIGNED, AT_STORE, PICKED_UP, DELIVERED, RIDER_CANCELLED = 0, 10, 15, 20, 40, 100
"""`logistics_status` on the wire."""

PRESCRIPTION_TAG, INSURANCE_TAG = 8, 23
"""In `order_tag_list` on the wire."""

PENDING, MERCHANT_REJECTED, MERCHANT_AGREED, AGREED_BY_TIMEOUT, WITHDRAWN = 0, 1, 2, 5, 7
"""`res_type` of a refund on the wire; 3 and 4 are customer service, 6 the system."""


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str = "测试(先生)"
    phone: str = "13800000000_1234"
    """A privacy number with its extension, or a masked one such as `138****0000`."""
    backup_phones: tuple[str, ...] = ("13800000001_1234",)
    address: str = "测试小区 3栋+2单元@#测试省测试市测试区测试小区"
    """Typed by the customer, then "@#", then what the platform located."""
    latitude: float = 39.9
    longitude: float = 116.4


@dataclass(slots=True)
class Line:
    code: str
    name: str
    spec: str
    upc: str
    unit: str
    quantity: int
    shelf_fen: int
    weight_g: int
    price_fen: int
    """After the item's own discount: what the wire calls `price`."""
    refunded: int = 0

    @property
    def refundable(self) -> int:
        return self.quantity - self.refunded


@dataclass(frozen=True, slots=True)
class Gift:
    """Extra goods to pick that the wire names only inside `extras`."""

    code: str
    name: str
    quantity: int
    type: int


@dataclass(frozen=True, slots=True)
class RefundedGoods:
    line: Line
    quantity: int


@dataclass(slots=True)
class Refund:
    refund_id: int
    part: bool
    goods: tuple[RefundedGoods, ...]
    money_fen: int
    reason: str
    created_at: int
    by_merchant: bool = False
    appeal: bool = False
    """Customer service decides; the merchant cannot."""
    res_type: int = PENDING

    @property
    def open(self) -> bool:
        return self.res_type == PENDING


@dataclass(slots=True)
class Rider:
    name: str = ""
    mobile: str = ""
    status: int = DISPATCHED
    times: dict[int, int] = field(default_factory=dict)
    """logistics status → when it was reached, unix seconds."""


@dataclass(slots=True)
class Order:
    order_id: int
    shop: str
    shop_name: str
    day: int
    """Beijing date as a number, 20260101."""
    day_seq: int
    created_at: int
    lines: list[Line]
    recipient: Recipient
    gifts: tuple[Gift, ...] = ()
    caution: str = ""
    delivery_time: int = 0
    """0 is "now"; otherwise when a booked order is wanted, unix seconds."""
    arrival_time: int = 0
    tags: tuple[int, ...] = ()
    prescription_of: int = 0
    """Another order whose prescription the customer sent again."""
    self_pickup: bool = False
    invoice_title: str = ""
    taxpayer_id: str = ""
    shipping_fen: int = 400
    shipping_discount_fen: int = 400
    empty_extra: bool = False
    """`extras` ends with `{}`, as real data sometimes does."""
    status: int = PAID
    updated_at: int = 0
    received_at: int = 0
    confirmed_at: int = 0
    picked_at: int = 0
    cancelled_at: int = 0
    completed_at: int = 0
    rider: Rider = field(default_factory=Rider)
    refunds: list[Refund] = field(default_factory=list)
    push_answered: bool = False
    """The hub has answered the paid push at least once."""

    @property
    def needs_prescription(self) -> bool:
        return PRESCRIPTION_TAG in self.tags

    @property
    def goods_fen(self) -> int:
        return sum(line.price_fen * line.quantity for line in self.lines)

    @property
    def shelf_fen(self) -> int:
        return sum(line.shelf_fen * line.quantity for line in self.lines)

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.shipping_fen - self.shipping_discount_fen

    @property
    def open_refund(self) -> Refund | None:
        return next((refund for refund in self.refunds if refund.open), None)

    def receive(self, now: int) -> None:
        self.received_at = self.received_at or now

    def confirm(self, now: int) -> None:
        self._require(self.status == PAID, f"status is {self.status}, only 2 can be confirmed")
        self.status, self.confirmed_at, self.updated_at = CONFIRMED, now, now

    def pick(self, now: int) -> None:
        self._require(self.status == CONFIRMED, f"status is {self.status}, only 4 can be picked")
        self._require(not self.picked_at, "already picked")
        self.picked_at = self.updated_at = now

    def cancel(self, now: int) -> None:
        self._require(self.status in (PAID, CONFIRMED), f"status is {self.status}, the end was reached")
        self.status, self.cancelled_at, self.updated_at = CANCELLED, now, now

    def complete(self, now: int) -> None:
        self._require(self.status == CONFIRMED, f"status is {self.status}, only 4 can be completed")
        self.status, self.completed_at, self.updated_at = COMPLETED, now, now

    def ride(self, status: int, now: int) -> None:
        """Riders may come before picking is done; one who cancels may be followed by another."""
        self._require(self.status == CONFIRMED, f"status is {self.status}, no rider moves")
        again = self.rider.status == RIDER_CANCELLED and status == ASSIGNED
        self._require(self.rider.status != DELIVERED, "already delivered")
        self._require(again or status > self.rider.status, f"the rider is already at {self.rider.status}")
        self.rider.status = status
        self.rider.times[status] = self.updated_at = now

    def _require(self, allowed: bool, why: str) -> None:
        if not allowed:
            raise PlatformError(808, f"order {self.order_id}: {why}")
