"""Prescriptions: what a pharmacist must approve before anything of the order is picked (先方后药; 总局令58号, facts/
compliance.md §4, R10). What is known of the patient travels beside it, sealed (`prescription_record`)."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.blobs import Blob
from domain.orders import OrderLine
from domain.times import Millis


class PrescriptionState(StrEnum):
    WAITING = "waiting"
    """For its image, or for a pharmacist."""
    APPROVED = "approved"
    REFUSED = "refused"


class Decision(msgspec.Struct, frozen=True):
    """One pharmacist's word. `covers` is the `coverage` of the lines that were looked at: another coverage now means
    that it must be looked at again."""

    approved: bool
    staff_id: str
    name: str
    licence: str
    at: Millis
    covers: str
    store: str
    """Where the pharmacist was; empty: at headquarters."""
    reason: str = ""


class Prescription(msgspec.Struct, frozen=True):
    """`images` may still be on their way here; `content` is the hash that no second order may use again
    (`fingerprint`), empty until an image or number is known."""

    prescription_id: str
    order_id: str
    state: PrescriptionState
    images: tuple[Blob, ...] = ()
    number: str = ""
    issued_at: Millis | None = None
    content: str = ""
    decision: Decision | None = None
    used_by: str = ""
    """Another order that used the same prescription: it cannot be approved."""


class PrescriptionPerson(msgspec.Struct, frozen=True):
    """Personal: sealed at both sides, shown to the pharmacist."""

    patient: str = ""
    age: str = ""
    sex: str = ""
    diagnosis: str = ""
    allergies: str = ""
    doctor: str = ""
    hospital: str = ""
    identity_verified: bool = False
    """The platform or a colleague saw who the patient is (实名)."""


def prescription_record(prescription_id: str) -> str:
    """The name of its personal record (`domain.personal.Personal`)."""
    return f"prescription:{prescription_id}"


def coverage(lines: Iterable[OrderLine]) -> str:
    """What an approval is about: every product still wanted, and how much. The same text for the same goods."""
    wanted = sorted((line.line_id, line.sku or line.channel_sku, line.wanted) for line in lines if line.wanted)
    return hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()


def fingerprint(images: Iterable[Blob], provider: str, number: str) -> str:
    """Equal for the same prescription wherever it turns up again (R10: hash of image, provider and number)."""
    if number:
        return hashlib.sha256(f"{provider}\0{number}".encode()).hexdigest()
    digests = sorted(image.digest for image in images)
    return hashlib.sha256("\0".join(digests).encode()).hexdigest() if digests else ""
