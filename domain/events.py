"""Everything the hub tells a store. One class per kind; with `domain.operations` this is their whole conversation.

Events stand in named logs, dense from 1 (design.md §4). Kinds have a version: within one, fields are only added.
No event carries anything about a person; an event that needs it is accompanied by `Personal` records in its frame.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from domain import casting
from domain.code_lists import CodeList, ListedCode
from domain.erp import DocumentState, ErpDocument
from domain.exceptions import OrderException
from domain.lots import Lot
from domain.modes import Mode
from domain.money import Fen
from domain.operations import Operation
from domain.orders import AcceptRule, Order, OrderState, RiderState
from domain.personal import Personal
from domain.picks import Binding
from domain.policy import ChainPolicy
from domain.prescriptions import Prescription
from domain.products import Product
from domain.quantity import Quantity
from domain.recalls import Recall
from domain.refunds import Refund
from domain.staff import OnDuty, Staff
from domain.templates import SlipTemplates
from domain.times import Millis

CATALOGUE, PRICES, CODES = "catalogue", "prices", "codes"
"""The chain's logs: products and recalls, prices, lists of pack codes; `CHAIN_LOGS` says what stands in each."""


STORE_LOGS = "store:"
"""Where the name of every store's own log begins."""


def store_log(store: str) -> str:
    """The name of the log of one store."""
    return f"{STORE_LOGS}{store}"


class EventBody(msgspec.Struct, frozen=True):
    """What one kind of event says."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    must_understand: ClassVar[bool] = False
    """An agent that does not know it stops its log and alarms, rather than go on without."""


class DoneInStore(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a store did with an order, as it told: for a computer of that store that knows nothing of it, or less."""

    printed_at: Millis | None = None
    """Since when its picking slip lies on paper."""
    trail_seq: int = 0
    trail_hash: str = ""
    """The last step of its trail, which the next one follows (domain.trail)."""
    bindings: tuple[Binding, ...] = ()
    """What went into the bag and was not put back."""


class OrderPlaced(EventBody, frozen=True, omit_defaults=True):
    """A new order; its stock is reserved except where a line says `short`. In a snapshot it reads as it does now, and
    says what the store had `done` with it."""

    kind: ClassVar[str] = "order.placed"
    order: Order
    done: DoneInStore | None = None


class OrderChanged(EventBody, frozen=True):
    """The platform changed the order (address, time, lines): this is how it reads now."""

    kind: ClassVar[str] = "order.changed"
    order: Order


class OrderAdvanced(EventBody, frozen=True):
    """The order came further: accepted here or there, picked or handed over in the platform's own app, completed."""

    kind: ClassVar[str] = "order.advanced"
    order_id: str
    state: OrderState


class OrderCancelled(EventBody, frozen=True):
    """Nothing more is to be done for it. With `taken` the rider already has the goods: nothing to put back."""

    kind: ClassVar[str] = "order.cancelled"
    order_id: str
    by: str
    """customer, store, service, system."""
    taken: bool


class OrderUrged(EventBody, frozen=True):
    """催单."""

    kind: ClassVar[str] = "order.urged"
    order_id: str
    urged_at: Millis


class RiderMoved(EventBody, frozen=True):
    kind: ClassVar[str] = "rider.moved"
    order_id: str
    rider: RiderState


class RefundChanged(EventBody, frozen=True):
    """A refund was asked for, answered, withdrawn or paid. Picking pauses while one waits for an answer.

    `struck` says what is off each line in sum, over all granted part refunds.
    """

    kind: ClassVar[str] = "refund.changed"
    refund: Refund
    struck: dict[int, Quantity] = {}


class ExceptionOpened(EventBody, frozen=True):
    kind: ClassVar[str] = "exception.opened"
    exception: OrderException


class ExceptionClosed(EventBody, frozen=True):
    """`lines` tells what is still short of each line it was about."""

    kind: ClassVar[str] = "exception.closed"
    exception_id: str
    order_id: str
    lines: dict[int, Quantity] = {}


class StockSet(EventBody, frozen=True):
    """What the store has of one product, where it lies, and its lots, nearest expiry first."""

    kind: ClassVar[str] = "stock.set"
    sku: str
    on_hand: Quantity
    shelf: str
    lots: tuple[Lot, ...] = ()
    quarantine: dict[str, Quantity] = {}
    """In a snapshot: what of each lot lies in quarantine besides, as the store told."""
    heard: dict[str, int] | None = None
    """What it contains: the newest operation of each life (incarnation) of the store's data. None in a snapshot, whose
    header says it, and from a hub that does not say it."""
    left_out: dict[str, tuple[int, ...]] = {}
    """Of those, what headquarters has set aside: it is not in the level."""


class StoreConfigured(EventBody, frozen=True):
    """`lead` is how long before the promised time a booked order is printed. In `mode` SHADOW no channel is told what
    the store does."""

    kind: ClassVar[str] = "store.configured"
    name: str
    accept: AcceptRule
    lead: Millis
    mode: Mode = Mode.LIVE


class SlipTemplatesSet(EventBody, frozen=True):
    """How the chain wants its slips; None leaves it to the store."""

    kind: ClassVar[str] = "slips.templates"
    templates: SlipTemplates | None = None


class PolicySet(EventBody, frozen=True):
    """How the chain wants its stores to work; it replaces what was in force."""

    kind: ClassVar[str] = "policy.set"
    policy: ChainPolicy


class StaffSet(EventBody, frozen=True):
    """Everybody who may sign in at this store; who is not named any more, may not."""

    kind: ClassVar[str] = "staff.set"
    staff: tuple[Staff, ...]


class RosterSet(EventBody, frozen=True):
    """The pharmacists' times of duty that count for this store, headquarters' own among them; it replaces the last."""

    kind: ClassVar[str] = "roster.set"
    on_duty: tuple[OnDuty, ...]


class PrescriptionChanged(EventBody, frozen=True):
    """A prescription of an order as headquarters knows it now. Who the patient is travels beside it."""

    kind: ClassVar[str] = "prescription.changed"
    prescription: Prescription


class RecallPut(EventBody, frozen=True):
    """In the catalogue's log: a recall or stop-sale begins, changes or ends."""

    kind: ClassVar[str] = "recall.put"
    must_understand: ClassVar[bool] = True
    recall: Recall


class ErpDocumentKept(EventBody, frozen=True):
    """In a store's snapshot: a document for the ERP that this store wrote, as headquarters knows it. A store that has
    it knows better; one whose data file was lost hands it over after all."""

    kind: ClassVar[str] = "erp.document_kept"
    document: ErpDocument
    state: DocumentState
    reason: str
    reference: str
    written_at: Millis


class OperationKept(EventBody, frozen=True):
    """In a store's snapshot: what this store told and headquarters has yet to take, raw as it came. A store that was
    put back to before it has done it all the same."""

    kind: ClassVar[str] = "operation.kept"
    operation: Operation


class DiagnosisWanted(EventBody, frozen=True):
    """Headquarters wants the agent to examine itself and to report at once."""

    kind: ClassVar[str] = "diagnosis.wanted"


class ProductPut(EventBody, frozen=True):
    """A product of the catalogue, new or changed."""

    kind: ClassVar[str] = "product.put"
    product: Product


class PricePut(EventBody, frozen=True, omit_defaults=True):
    """What one sales unit costs over the counter; of a `store`, where it has a price of its own."""

    kind: ClassVar[str] = "price.put"
    sku: str
    fen: Fen
    store: str = ""


class CodesListed(EventBody, frozen=True, omit_defaults=True):
    """These codes are on the list from now on. `names`: of stores that are named here, or whose name changed."""

    kind: ClassVar[str] = "codes.listed"
    must_understand: ClassVar[bool] = True
    list: CodeList
    codes: tuple[ListedCode, ...] = ()
    names: dict[str, str] = {}


class CodesUnlisted(EventBody, frozen=True):
    """They are on it no more: a sale was cancelled before it left the store, a recall is over."""

    kind: ClassVar[str] = "codes.unlisted"
    list: CodeList
    codes: tuple[str, ...]


CHAIN_LOGS: dict[str, tuple[type[EventBody], ...]] = {
    CATALOGUE: (ProductPut, RecallPut),
    PRICES: (PricePut,),
    CODES: (CodesListed, CodesUnlisted),
}
"""Every store follows those of which its program knows something."""

BODIES: dict[str, type[EventBody]] = {body.kind: body for body in EventBody.__subclasses__()}


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of a log, as it travels. `body` stays raw until its kind is known: an unknown one is kept and reported.

    `personal` is looked up when the event is sent and is no part of the log; `must_understand` is the
    kind's, said beside it for those who do not know the kind.
    """

    log: str
    seq: int
    kind: str
    v: int
    at: Millis
    body: msgspec.Raw
    order_id: str | None = None
    personal: tuple[Personal, ...] = ()
    must_understand: bool = False


def must_understand(event: Event) -> bool:
    """Its kind says so, here or where it was made."""
    kind = BODIES.get(event.kind)
    return event.must_understand or (kind is not None and kind.must_understand)


class UnknownKind(ValueError):
    """A kind or version this program was not built for."""


_encoder = msgspec.json.Encoder()
_decoders = {kind: msgspec.json.Decoder(body) for kind, body in BODIES.items()}


def encode_body(body: EventBody) -> bytes:
    return _encoder.encode(body)


def decode_body(event: Event) -> EventBody:
    """Raises `UnknownKind` for what this program does not know, `msgspec.MsgspecError` for a broken body."""
    known = BODIES.get(event.kind)
    if known is None or event.v > known.version:
        raise UnknownKind(f"{event.kind} v{event.v}")
    body = casting.EVENTS.cast(event.kind, event.v, event.body, known.version)
    if body is None:
        raise UnknownKind(f"{event.kind} v{event.v}")
    return _decoders[event.kind].decode(body)


def lowered(event: Event, accepts: Mapping[str, int]) -> Event:
    """As an agent that accepts these versions reads it. What cannot be cast goes as it is: the agent sets it aside."""
    wanted = casting.accepted(event.kind, event.v, accepts)
    if wanted == event.v:
        return event
    try:
        body = casting.EVENTS.cast(event.kind, event.v, event.body, wanted)
    except msgspec.MsgspecError:
        return event
    return event if body is None else msgspec.structs.replace(event, v=wanted, body=body)
