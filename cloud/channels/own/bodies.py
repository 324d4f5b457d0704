"""The bodies of the API, checked while they are decoded. An unknown field is an error: a misspelt one would be lost."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from domain.money import LARGEST as MOST_MONEY
from domain.quantity import LARGEST as MOST_QUANTITY
from domain.quantity import ONE
from domain.refunds import RefundState

Id = Annotated[str, msgspec.Meta(pattern=r"^[!-.0-~]{1,64}$")]
"""Visible ASCII without a slash: it stands in paths."""
Name = Annotated[str, msgspec.Meta(max_length=200)]
Words = Annotated[str, msgspec.Meta(max_length=1000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=MOST_MONEY)]
Units = Annotated[int, msgspec.Meta(ge=1, le=MOST_QUANTITY // ONE)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    sku: Id
    name: Name
    quantity: Units
    price: Fen
    barcode: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,14}$")] = ""
    spec: Name = ""
    unit: Name = ""
    gift: bool = False


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Name = ""
    phone: Name = ""
    backup_phone: Name = ""
    address: Words = ""
    remark: Words = ""


class Patient(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Name = ""
    age: Name = ""
    sex: Name = ""
    diagnosis: Words = ""
    allergies: Words = ""
    identity_verified: bool = False
    """Who the patient is was verified (实名)."""


class Prescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`images` are whole pictures (JPEG, PNG, WebP, PDF) as base64; larger ones are sent after the order."""

    number: Name = ""
    provider: Name = ""
    issued_at: Instant | None = None
    patient: Patient = Patient()
    doctor: Name = ""
    hospital: Name = ""
    images: Annotated[tuple[bytes, ...], msgspec.Meta(max_length=10)] = ()


class NewOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A paid order. `promised_at` is when the customer was promised it; with `booked` it is wanted then, not before."""

    order_id: Id
    shop: Id
    placed_at: Instant
    total: Fen
    lines: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=500)]
    recipient: Who = Who()
    shown_id: Name = ""
    day_number: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    promised_at: Instant | None = None
    booked: bool = False
    prescription: bool | Prescription = False
    """True: one is needed, and its images come later."""
    pick_up: bool = False
    rider_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z-]{0,16}$")] = ""
    """What the rider must say to be given it."""
    insurance: bool = False
    """Paid by the national insurance (医保)."""


class By(StrEnum):
    CUSTOMER = "customer"
    STORE = "store"
    SERVICE = "service"
    SYSTEM = "system"


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    by: By = By.CUSTOMER
    reason: Words = ""


class RefundedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    sku: Id
    quantity: Units


class Refund(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Without `lines` it is the whole order's."""

    refund_id: Id
    state: RefundState = RefundState.ASKED
    amount: Fen | None = None
    lines: Annotated[tuple[RefundedItem, ...], msgspec.Meta(max_length=500)] = ()
    reason: Words = ""
    asked_at: Instant | None = None
    answer_by: Instant | None = None


class Urge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    urge_id: Id


class RiderStep(StrEnum):
    ASSIGNED = "assigned"
    AT_STORE = "at_store"
    TAKEN = "taken"
    DELIVERED = "delivered"
    LEFT = "left"


class Rider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    state: RiderStep
    at: Instant
    name: Name = ""
    phone: Name = ""
