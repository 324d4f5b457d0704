"""The seam between the hub and a channel. A channel understands pushes, answers them, carries calls, and is swept.

`understand` is pure: no I/O, no clock, no database, so that thousands of pushes can be decoded off the writer's path
and any push can be understood again later from its raw row.
"""

from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

from domain.money import Fen
from domain.orders import OrderState, RiderState
from domain.personal import Recipient, Rider
from domain.prescriptions import PrescriptionPerson
from domain.quantity import Quantity
from domain.refunds import RefundState
from domain.times import Millis


class ChannelError(Exception):
    """Base of what goes wrong with a channel. `hint` tells the operator what to do."""

    retryable = False
    retry_after: float | None = None
    """Seconds, where the platform said so."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadSignature(ChannelError):
    """The push is not from the platform, or the registered URL or secret is wrong. Nothing of it is believed."""


class NotUnderstood(ChannelError):
    """Signed right, but it cannot be made sense of: the raw row is kept, the platform answered, a person needed."""


class Push(msgspec.Struct, frozen=True):
    """One request of a platform as it came in. `url` is the URL registered with the platform, never one derived
    from the request: behind a proxy they differ, and the signature is over the former."""

    channel: str
    topic: str
    method: str
    url: str
    query: bytes
    body: bytes
    headers: Mapping[str, str]


class ChannelLine(msgspec.Struct, frozen=True):
    channel_sku: str
    barcode: str
    name: str
    spec: str
    unit: str
    quantity: Quantity
    price: Fen
    gift: bool = False


class HeardPrescription(msgspec.Struct, frozen=True):
    """What a channel tells of an order's prescription beside the order. `images` are whole pictures; those that lie
    somewhere are told by `Channel.prescription_images`."""

    number: str = ""
    provider: str = ""
    """Who gave the number; the channel, where nothing is said."""
    issued_at: Millis | None = None
    person: PrescriptionPerson = PrescriptionPerson()
    images: tuple[bytes, ...] = ()


class ChannelOrder(msgspec.Struct, frozen=True):
    """An order in our words, before the hub knows store, products and stock. `shop` is the channel's id of the shop."""

    channel_order_id: str
    shown_id: str
    shop: str
    day_number: int
    placed_at: Millis
    promised_at: Millis | None
    booked: bool
    prescription: bool
    pick_up: bool
    total: Fen
    state: OrderState
    """What the platform says of it: placed, or already accepted, cancelled …"""
    lines: tuple[ChannelLine, ...]
    recipient: Recipient
    rider_code: str = ""
    """What the rider must say to be given it (取货码), where the channel has one."""
    insurance: bool = False
    """Paid by the national insurance (医保)."""
    heard_prescription: HeardPrescription | None = None


class Placed(msgspec.Struct, frozen=True, tag=True):
    order: ChannelOrder


class Changed(msgspec.Struct, frozen=True, tag=True):
    """The platform changed the order. `order` is None when it only says so: the hub asks for the detail."""

    channel_order_id: str
    order: ChannelOrder | None


class Advanced(msgspec.Struct, frozen=True, tag=True):
    """`order` is the whole order where the push carries it: it may be the first we hear of it."""

    channel_order_id: str
    state: OrderState
    order: ChannelOrder | None = None


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    channel_order_id: str
    by: str
    """customer, store, service, system."""
    reason: str


class Urged(msgspec.Struct, frozen=True, tag=True):
    channel_order_id: str


class RiderCame(msgspec.Struct, frozen=True, tag=True):
    channel_order_id: str
    state: RiderState
    rider: Rider


class RefundedLine(msgspec.Struct, frozen=True):
    channel_sku: str
    quantity: Quantity


class Refunded(msgspec.Struct, frozen=True, tag=True):
    """Something happened to a refund. `full` and `amount` are None where the push does not say."""

    channel_order_id: str
    refund_id: str
    state: RefundState
    full: bool | None
    amount: Fen | None
    lines: tuple[RefundedLine, ...]
    reason: str
    asked_at: Millis | None
    answer_by: Millis | None


# Tagged: a message that must wait for its order is kept as JSON, sealed, and applied later.
Message = Placed | Changed | Advanced | Cancelled | Urged | RiderCame | Refunded


class Understood(msgspec.Struct, frozen=True):
    """What a push means. The same `key` is the same happening, however often it is pushed; the same key with another
    `content` (a SHA-256 over what it says, without signature and time of sending) is flagged. No messages: a
    heartbeat, or something that needs nothing done; without a key it is answered and not even kept."""

    key: str | None
    content: bytes
    channel_order_id: str | None
    messages: tuple[Message, ...]


class CallKind(StrEnum):
    """What the hub tells a channel."""

    ACCEPT = "accept"
    PICKED = "picked"
    CANCEL = "cancel"
    AGREE_REFUND = "agree_refund"
    REFUSE_REFUND = "refuse_refund"
    PART_REFUND = "part_refund"
    STOCK = "stock"


class Call(msgspec.Struct, frozen=True):
    """One entry of the durable outbox to a channel; the fields that its kind needs are filled."""

    kind: CallKind
    shop: str
    channel_order_id: str = ""
    refund_id: str = ""
    reason: str = ""
    lines: tuple[RefundedLine, ...] = ()
    stock: tuple[tuple[str, int], ...] = ()
    """(channel_sku, whole units) pairs of a STOCK call."""


class CallState(StrEnum):
    DONE = "done"
    ALREADY = "already"
    """The platform was further than we thought: progress, not a failure."""
    LATER = "later"
    """Throttled, unreachable or unknown: the same call again, with back-off."""
    REFUSED = "refused"
    """It will never be taken; a person must look."""


class CallResult(msgspec.Struct, frozen=True):
    """`said` is the platform's own word, for the log and the exception. `no_push_follows`: our record of the order is
    the platform, so what it was told is so, and no push will say it again."""

    state: CallState
    said: str = ""
    retry_after: float | None = None
    no_push_follows: bool = False


class Channel(Protocol):
    """One platform. Instances are made once from the hub's configuration."""

    name: str
    label: str
    """What people in the store call it, e.g. 美团."""
    can_be_swept: bool
    """Somebody else knows its orders, and can be asked."""

    def understand(self, push: Push) -> Understood:
        """Pure. Raises `BadSignature` or `NotUnderstood`."""
        ...

    def answer(self) -> bytes:
        """The JSON body that tells the platform its push is safe with us."""
        ...

    async def call(self, call: Call) -> CallResult:
        """Carries one call; never raises for what a platform or a network can do."""
        ...

    def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        """Asks the platform what it has for a shop, order by order, so that nothing hangs on a push."""
        ...

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        """Asks for one order as it reads now; None when the platform does not know it."""
        ...

    async def prescription_images(self, shop: str, channel_order_id: str) -> tuple[str, ...] | None:
        """Where the images of an order's prescription lie: none yet is (), None means that they come by themselves.

        Raises a `ChannelError`, retryable where asking again may help.
        """
        ...

    async def picture(self, reference: str) -> bytes:
        """One of those images. Raises a `ChannelError`, retryable where asking again may help."""
        ...

    async def close(self) -> None:
        """Lets go of connections; nothing is asked of it after this."""
        ...
