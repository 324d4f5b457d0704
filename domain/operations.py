"""Everything a store tells the hub. A *fact* happened and is never refused; a *request* may be, with a reason.

An operation is written to the outbox in the transaction that did the work. Its key (UUIDv7) never changes, however
often it is sent; its number is dense per store and device, first in, first out per order (design.md §4).
"""

from typing import ClassVar

import msgspec

from domain.exceptions import Choice
from domain.picks import Binding
from domain.quantity import Quantity
from domain.slips import Evidence, SlipKind, SlipState, SlipStep
from domain.times import Millis


class OperationBody(msgspec.Struct, frozen=True):
    """What one kind of operation says."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    fact: ClassVar[bool] = True


class AcceptOrder(OperationBody, frozen=True):
    """The clerk pressed 接单."""

    kind: ClassVar[str] = "order.accept"
    fact: ClassVar[bool] = False
    order_id: str


class PickStarted(OperationBody, frozen=True):
    kind: ClassVar[str] = "pick.started"
    order_id: str


class PickCompleted(OperationBody, frozen=True):
    """What went into the bag, pack by pack."""

    kind: ClassVar[str] = "pick.completed"
    order_id: str
    bindings: tuple[Binding, ...]


class OrderHandedOver(OperationBody, frozen=True):
    """The rider or the customer has it."""

    kind: ClassVar[str] = "order.handed_over"
    order_id: str


class SlipChanged(OperationBody, frozen=True):
    """A slip came to rest, or is held and why. `steps` are all its changes since the last such word; `order_id` is
    empty for a slip of no order, `copy` above 0 for a reprint (补打)."""

    kind: ClassVar[str] = "slip.changed"
    order_id: str
    slip_id: str
    slip: SlipKind
    state: SlipState
    evidence: Evidence | None = None
    cause: str = ""
    printer: str = ""
    copy: int = 0
    steps: tuple[SlipStep, ...] = ()


class SaleLine(msgspec.Struct, frozen=True):
    sku: str
    quantity: Quantity
    codes: tuple[str, ...] = ()


class SaleRecorded(OperationBody, frozen=True):
    """Sold over the counter, whatever was promised to whom."""

    kind: ClassVar[str] = "sale.recorded"
    sale_id: str
    lines: tuple[SaleLine, ...]


class StockCounted(OperationBody, frozen=True):
    """Somebody looked: so much is on the shelf. Counted packs include those already bound to open picks."""

    kind: ClassVar[str] = "stock.counted"
    sku: str
    counted: Quantity
    reason: str
    seen: int
    """The last event of the store's log that the count knew of."""


class SettleException(OperationBody, frozen=True):
    """The clerk's choice. For FOUND, `found` says how much of each line is there (line id -> counted on the shelf)."""

    kind: ClassVar[str] = "exception.settle"
    fact: ClassVar[bool] = False
    exception_id: str
    order_id: str
    choice: Choice
    found: dict[int, Quantity] = {}


class AnswerRefund(OperationBody, frozen=True):
    kind: ClassVar[str] = "refund.answer"
    fact: ClassVar[bool] = False
    order_id: str
    refund_id: str
    agree: bool
    reason: str = ""


BODIES: dict[str, type[OperationBody]] = {body.kind: body for body in OperationBody.__subclasses__()}


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of an agent's outbox, as it travels. `at` is the store's clock and orders nothing."""

    key: str
    number: int
    kind: str
    v: int
    at: Millis
    body: msgspec.Raw
    order_id: str | None = None


class UnknownOperation(ValueError):
    """A kind or version this program was not built for."""


_encoder = msgspec.json.Encoder()
_decoders = {kind: msgspec.json.Decoder(body) for kind, body in BODIES.items()}


def encode_body(body: OperationBody) -> bytes:
    return _encoder.encode(body)


def decode_body(operation: Operation) -> OperationBody:
    """Raises `UnknownOperation` for what this program does not know, `msgspec.MsgspecError` for a broken body."""
    decoder = _decoders.get(operation.kind)
    if decoder is None or operation.v > BODIES[operation.kind].version:
        raise UnknownOperation(f"{operation.kind} v{operation.v}")
    return decoder.decode(operation.body)
