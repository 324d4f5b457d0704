"""Everything a store tells the hub. A *fact* happened and is never refused; a *request* may be, with a reason.

An operation is written to the outbox in the transaction that did the work. Its key (UUIDv7) never changes, however
often it is sent; its number is dense per store and device, first in, first out per order (design.md §4).
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

import msgspec

from domain import casting
from domain.erp import DocumentState, ErpCount, ErpDocument, ErpReceipt, ErpSale
from domain.exceptions import Choice
from domain.lots import LotSource
from domain.picks import Binding
from domain.prescriptions import Decision
from domain.quantity import Quantity
from domain.slips import Evidence, SlipKind, SlipState, SlipStep
from domain.times import Millis
from domain.trail import Step


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


class TrailGrown(OperationBody, frozen=True):
    """Steps of one order that headquarters has not heard of, in their order."""

    kind: ClassVar[str] = "trail.grown"
    order_id: str
    steps: tuple[Step, ...]


class PrescriptionDecided(OperationBody, frozen=True):
    """A pharmacist in the store approved or refused: a fact, made with the line cut as well."""

    kind: ClassVar[str] = "prescription.decided"
    order_id: str
    prescription_id: str
    decision: Decision


class ShortChoice(StrEnum):
    """What becomes of what the shelf does not have."""

    SUBSTITUTE = "substitute"
    PART_REFUND = "part_refund"
    GIVE_BACK = "give_back"
    """The whole order."""


class ReportShort(OperationBody, frozen=True):
    """The picker found less than the line wants. `missing` of it is not there; a substitute is one of the product's
    own, agreed with the customer, never for a 医保 order."""

    kind: ClassVar[str] = "order.short"
    fact: ClassVar[bool] = False
    order_id: str
    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str = ""
    reason: str = ""


class GoodsReturned(OperationBody, frozen=True):
    """Packs of an order came back: into quarantine, never to be sold again (facts/compliance.md R13)."""

    kind: ClassVar[str] = "goods.returned"
    order_id: str
    return_id: str
    bindings: tuple[Binding, ...]
    staff_id: str = ""


class GoodsExchanged(OperationBody, frozen=True):
    """Packs of an order came back and others of the same lines were given for them (换货): one act, one document.
    What came back lies in quarantine as after `goods.returned`."""

    kind: ClassVar[str] = "goods.exchanged"
    order_id: str
    exchange_id: str
    back: tuple[Binding, ...]
    given: tuple[Binding, ...]
    staff_id: str = ""


class PrefixLearned(OperationBody, frozen=True):
    """Trace codes with this prefix are this product, as its retail barcode or a second person showed."""

    kind: ClassVar[str] = "prefix.learned"
    prefix: str
    sku: str
    barcode: str
    staff_id: str
    order_id: str = ""


class ReceivedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    sku: str
    lot: str
    expiry: date
    quantity: Quantity
    produced: date | None = None
    month_only: bool = False
    codes: tuple[str, ...] = ()
    source: LotSource = LotSource.RECEIVED


class GoodsReceived(OperationBody, frozen=True):
    """Goods came into the store (收货), as counted here."""

    kind: ClassVar[str] = "goods.received"
    receipt_id: str
    supplier: str
    bill: str
    lines: tuple[ReceivedLine, ...]
    staff_id: str = ""


class MoveKind(StrEnum):
    """Why stock of a lot changed; `domain.rules` says which of these expired or recalled stock may still do."""

    COUNT = "count"
    DAMAGE = "damage"
    DESTROY = "destroy"
    RETURN_TO_SUPPLIER = "return_to_supplier"
    QUARANTINE = "quarantine"
    """Out of what may be sold; the store still has it."""
    RELEASE = "release"
    """Out of quarantine, back to what may be sold."""
    USE = "use"


class LotMoved(OperationBody, frozen=True):
    """Somebody counted or moved stock of one lot. `delta` is what the store has more or less of what may be sold,
    `quarantined` of what may not; `seen` is the last event of the store's log that they knew of."""

    kind: ClassVar[str] = "lot.moved"
    move_id: str
    move: MoveKind
    sku: str
    lot: str
    expiry: date
    delta: Quantity
    reason: str
    seen: int
    quarantined: Quantity = 0
    staff_id: str = ""


class OnDutyChanged(OperationBody, frozen=True):
    """A pharmacist came on duty in the store, or went."""

    kind: ClassVar[str] = "duty.changed"
    staff_id: str
    name: str
    on: bool


class PinChanged(OperationBody, frozen=True):
    """A colleague chose another PIN; `pin` is its argon2id hash."""

    kind: ClassVar[str] = "pin.changed"
    staff_id: str
    pin: str


class ErpSold(OperationBody, frozen=True):
    """The store's ERP sold something over its counter. Its document id is the sale's identity, beside this key."""

    kind: ClassVar[str] = "erp.sold"
    sale: ErpSale


class ErpCounted(OperationBody, frozen=True):
    """The store's ERP says what it has, or a `part` of a long count. `written` is the highest number of a document that
    the store had written: a hub that has not heard of it yet lets the count lower only."""

    kind: ClassVar[str] = "erp.counted"
    count: ErpCount
    part: int = 0
    written: int = 0


class ErpReceived(OperationBody, frozen=True):
    """The store's ERP booked goods that came in."""

    kind: ClassVar[str] = "erp.received"
    receipt: ErpReceipt


class ErpDocumented(OperationBody, frozen=True):
    """A document for the ERP was written in the store, or numbered anew to be handed over again."""

    kind: ClassVar[str] = "erp.documented"
    document: ErpDocument


class ErpAnswered(OperationBody, frozen=True):
    """The ERP booked a document or refused it, or a person settled it. `reference` is the ERP's own number for it."""

    kind: ClassVar[str] = "erp.answered"
    document_id: str
    number: int
    state: DocumentState
    reason: str = ""
    reference: str = ""


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
    """Raises `UnknownOperation` for what this program does not know, `msgspec.MsgspecError` for a broken body. What an
    older agent wrote is read as this program has it."""
    known = BODIES.get(operation.kind)
    if known is None or operation.v > known.version:
        raise UnknownOperation(f"{operation.kind} v{operation.v}")
    body = casting.OPERATIONS.cast(operation.kind, operation.v, operation.body, known.version)
    if body is None:
        raise UnknownOperation(f"{operation.kind} v{operation.v}")
    return _decoders[operation.kind].decode(body)
