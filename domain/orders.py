"""One order as both sides see it, and how its state may move (facts/channels.md §7).

An order carries nothing about a person: who bought it travels beside it as `domain.personal.Recipient`.
"""

from enum import StrEnum

import msgspec

from domain.money import Fen
from domain.quantity import Quantity
from domain.times import Millis


class OrderState(StrEnum):
    """How far the store has come with an order."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    PICKED = "picked"
    HANDED_OVER = "handed_over"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class RiderState(StrEnum):
    """Where the rider is; independent of the order's own state, a rider may come before the pick is done."""

    NONE = "none"
    ASSIGNED = "assigned"
    AT_STORE = "at_store"
    TAKEN = "taken"
    DELIVERED = "delivered"
    LEFT = "left"


class AcceptRule(StrEnum):
    """Who accepts (接单) the orders of a store."""

    HUB = "hub"
    CLERK = "clerk"
    PLATFORM = "platform"


MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.ACCEPTED, OrderState.CANCELLED}),
    OrderState.ACCEPTED: frozenset({OrderState.PICKED, OrderState.CANCELLED}),
    OrderState.PICKED: frozenset({OrderState.HANDED_OVER, OrderState.CANCELLED}),
    OrderState.HANDED_OVER: frozenset({OrderState.COMPLETED, OrderState.CANCELLED}),
    OrderState.COMPLETED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}
"""What our own people and programs may do, one step at a time."""

STAGE = {state: stage for stage, state in enumerate(MOVES)}
OPEN = frozenset({OrderState.PLACED, OrderState.ACCEPTED, OrderState.PICKED})
"""The store still has something to do."""


class IllegalMove(ValueError):
    """Somebody asked for a step that the table does not have."""

    def __init__(self, current: OrderState, wanted: OrderState) -> None:
        super().__init__(f"an order that is {current} cannot become {wanted}")
        self.current, self.wanted = current, wanted


def move(current: OrderState, wanted: OrderState) -> OrderState:
    """One of our own steps; raises `IllegalMove`."""
    if wanted not in MOVES[current]:
        raise IllegalMove(current, wanted)
    return wanted


def progress(current: OrderState, reported: OrderState) -> OrderState:
    """What a platform reports happened there, whatever we thought: forward only, in any number of steps.

    Pushes come late and out of order, so an earlier stage changes nothing; a cancellation beats all but completion.
    """
    if MOVES[current] and STAGE[reported] > STAGE[current]:
        return reported
    return current


def called(day_number: int, shown_id: str) -> str:
    """What people call an order: #12. Where its channel tells no day number (0), the last digits of what they see."""
    return f"#{day_number}" if day_number else f"…{shown_id[-4:]}"


class OrderLine(msgspec.Struct, frozen=True):
    """One product of an order. What is left to pick is `quantity - struck`."""

    line_id: int
    channel_sku: str
    sku: str | None
    """None: a product this chain does not know (商品未建档)."""
    name: str
    spec: str
    unit: str
    quantity: Quantity
    price: Fen
    """Of one unit, after the platform's item discount; nothing for a gift."""
    gift: bool = False
    short: Quantity = 0
    """What could not be reserved (库存不足)."""
    struck: Quantity = 0
    """What part refunds took off."""
    maker: str = ""
    """As the chain's catalogue knew it when the order came; the sale voucher names it (facts/compliance.md §4)."""
    prescription: bool = False
    """A prescription medicine, as the catalogue had it when the order came."""
    instead_of: str = ""
    """The SKU that was ordered, where the customer agreed to another product."""

    @property
    def wanted(self) -> Quantity:
        return max(self.quantity - self.struck, 0)


class Order(msgspec.Struct, frozen=True):
    """`channel` and `day_number` are what riders shout (美团 12 号); `code` is what the slip carries."""

    order_id: str
    channel: str
    channel_order_id: str
    shown_id: str
    """The number the platform shows to people."""
    day_number: int
    store: str
    code: str
    state: OrderState
    rider: RiderState
    placed_at: Millis
    promised_at: Millis | None
    """When the customer was promised it; None when the platform did not say."""
    booked: bool
    """预约单: wanted at `promised_at`, not at once."""
    prescription: bool
    """Its channel says so, or one of its lines is a prescription medicine: nothing is picked before a pharmacist
    approved (facts/compliance.md R10)."""
    pick_up: bool
    """The customer comes for it; no rider."""
    total: Fen
    lines: tuple[OrderLine, ...]
    rider_code: str = ""
    """What the rider must say to get it (取货码), where the channel gave one."""
    insurance: bool = False
    """Paid by the national insurance (医保): no substitution, no waiver."""

    @property
    def in_doubt(self) -> bool:
        """A person must look before it can be picked whole."""
        return any(line.short > 0 or line.sku is None for line in self.lines)
