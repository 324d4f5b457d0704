"""What pages show of the prescriptions of an order."""

import msgspec

from agent import blobs, orders, policy
from agent.blobs.pictures import EXTENSIONS, ending_of
from agent.personal import MaskedPerson
from agent.prescriptions import gating, giving_back, records, reviewing
from agent.prescriptions.attendance import Attendance, attendance
from agent.prescriptions.deciding import called
from agent.prescriptions.gating import Stand
from agent.prescriptions.records import Record
from agent.staff import colleagues, duty
from agent.transactions import Reading
from domain.blobs import Blob
from domain.orders import Order
from domain.prescriptions import Decision, PrescriptionPerson, PrescriptionState
from domain.rules import Gate
from domain.staff import OnDuty, Role
from domain.times import Millis


class ImageView(msgspec.Struct, frozen=True):
    """`shown`: a picture that a page can show; anything else is offered for download. While it is not here, `attempts`
    to fetch it have failed."""

    digest: str
    url: str
    here: bool
    shown: bool
    attempts: int


class PrescriptionView(msgspec.Struct, frozen=True):
    """`unseen` says what a pharmacist cannot see yet. `review`: a pharmacist's word is wanted; `verify`:
    somebody must first see who the patient is. `patient` is masked for
    pages that need no more."""

    prescription_id: str
    state: PrescriptionState
    decision: Decision | None
    images: tuple[ImageView, ...]
    unseen: str
    number: str
    issued_at: Millis | None
    used_by: str
    review: bool
    verify: bool
    patient: PrescriptionPerson


class Reviewer(msgspec.Struct, frozen=True):
    """A pharmacist who may sign with a PIN."""

    staff_id: str
    name: str
    pin: bool = True


class PrescriptionPanel(msgspec.Struct, frozen=True):
    """`give_back` is the reason for which the order may be given back, `given_back` that this was asked for."""

    order_id: str
    gate: Gate
    stand: Stand
    prescriptions: tuple[PrescriptionView, ...]
    reviewers: tuple[Reviewer, ...]
    on_duty: tuple[OnDuty, ...]
    give_back: str
    given_back: bool
    attendance: Attendance

    @property
    def review(self) -> bool:
        return any(each.review for each in self.prescriptions)


class Queued(msgspec.Struct, frozen=True):
    """One that waits. `unseen` as in `PrescriptionView`."""

    prescription_id: str
    order_id: str
    channel: str
    day_number: int
    shown_id: str
    placed_at: Millis
    promised_at: Millis | None
    again: bool
    unseen: str


def panel(reading: Reading, order_id: str, *, whole: bool = False) -> PrescriptionPanel | None:
    """None for an order that needs none. With `whole`, the patient unmasked. Raises NotFound."""
    order, known = orders.get(reading, order_id), records.of_order(reading, order_id)
    if not gating.needed(order, known):
        return None
    present = duty.on_duty(reading)
    gate = gating.gate(reading, order_id)
    return PrescriptionPanel(
        order_id=order_id,
        gate=gate,
        stand=gating.stand(gate),
        prescriptions=tuple(_view(reading, each, whole) for each in known),
        reviewers=_reviewers(reading, order, present),
        on_duty=present,
        give_back=giving_back.why(reading, order_id),
        given_back=giving_back.is_asked(reading, order_id),
        attendance=attendance(reading),
    )


def queue(reading: Reading) -> tuple[Queued, ...]:
    """The oldest first."""
    return tuple(_queued(reading, each) for each in reviewing.waiting(reading))


def image(reading: Reading, prescription_id: str, digest: str) -> tuple[str, bytes] | None:
    """Its file name and its bytes; None while it is not here. Raises NotFound for what is no image of this one."""
    told = records.get(reading, prescription_id).told
    place = next((place for place, each in enumerate(told.images, 1) if each.digest == digest), None)
    content = None if place is None else blobs.content(reading, told.order_id, digest)
    if content is None:
        return None
    return f"prescription-{place}.{ending_of(content)}", content


def _view(reading: Reading, record: Record, whole: bool) -> PrescriptionView:
    now, person = record.now, records.person(reading, record.told)
    used_by = now.used_by or reviewing.used_by(reading, record)
    return PrescriptionView(
        prescription_id=now.prescription_id,
        state=now.state,
        decision=now.decision,
        images=tuple(_image(reading, record, each) for each in now.images),
        unseen=reviewing.why_unseen(reading, record),
        number=now.number,
        issued_at=now.issued_at,
        used_by=called(reading, used_by) if used_by else "",
        review=reviewing.wants_review(reading, record),
        verify=policy.in_force(reading).patient_verified and not gating.is_verified(reading, record),
        patient=person if whole else _masked(person),
    )


def _masked(person: PrescriptionPerson) -> PrescriptionPerson:
    """Enough to give the right bag to the right person."""
    return PrescriptionPerson(patient=MaskedPerson(person.patient).name, age=person.age, sex=person.sex)


def _image(reading: Reading, record: Record, image: Blob) -> ImageView:
    told = record.told
    kept = blobs.find(reading, told.order_id, image.digest)
    return ImageView(
        digest=image.digest,
        url=f"/api/prescriptions/{told.prescription_id}/images/{image.digest}",
        here=kept is not None and kept.is_here,
        shown=image.media_type in EXTENSIONS,
        attempts=0 if kept is None else kept.attempts,
    )


def _reviewers(reading: Reading, order: Order, present: tuple[OnDuty, ...]) -> tuple[Reviewer, ...]:
    """Those on duty who do not pick it."""
    here = {each.staff_id for each in present} - gating.pickers(reading, order.order_id)
    return tuple(
        Reviewer(each.staff_id, each.name, bool(each.pin))
        for each in colleagues.everybody(reading)
        if each.may(Role.PHARMACIST) and each.staff_id in here
    )


def _queued(reading: Reading, record: Record) -> Queued:
    order = orders.get(reading, record.told.order_id)
    return Queued(
        prescription_id=record.told.prescription_id,
        order_id=order.order_id,
        channel=order.channel,
        day_number=order.day_number,
        shown_id=order.shown_id,
        placed_at=order.placed_at,
        promised_at=order.promised_at,
        again=record.now.decision is not None,
        unseen=reviewing.why_unseen(reading, record),
    )
