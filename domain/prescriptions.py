"""Prescriptions: what a pharmacist must approve before anything of the order is picked (先方后药; 总局令58号, facts/
compliance.md §4, R10). What is known of the patient travels beside it, sealed (`prescription_record`)."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.blobs import Blob
from domain.orders import OrderLine
from domain.quantity import Quantity
from domain.times import Millis

REFUSALS = (
    "处方图片不清",
    "处方与所购药品不符",
    "用法用量不当",
    "配伍禁忌或过敏",
    "处方过期",
    "患者信息不符",
    "疑似伪造或重复使用",
)
"""Why a pharmacist refuses. Chosen, not typed: typed words about a prescription would say something of its patient."""

REFUSED_HERE, NOBODY_HERE = "处方审核未通过", "无当班药师"
"""Why a store gives an order back to the customer; the channel is told in these words."""
_UNKNOWN = "channel:"
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(dict[str, int])


class PrescriptionState(StrEnum):
    WAITING = "waiting"
    """For its image, or for a pharmacist."""
    APPROVED = "approved"
    REFUSED = "refused"


class Decision(msgspec.Struct, frozen=True):
    """One pharmacist's word. `covers` is the `coverage` of the lines that were looked at; whether it still holds for
    the lines as they are now, `covered` says. A refusal's `reason` is one of `REFUSALS`."""

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
    return _encoder.encode(_wanted(lines)).decode()


def covered(covers: str, lines: Iterable[OrderLine]) -> bool:
    """Whether an approval of `covers` holds for the lines as they are now: less of the same needs no second look (a
    part refund, a line struck), another product or more of one does (R10: items and quantities ⊆ prescription).
    What cannot be read covers nothing."""
    try:
        approved = _decoder.decode(covers)
    except msgspec.DecodeError:
        return False
    return all(quantity <= approved.get(product, 0) for product, quantity in _wanted(lines).items())


def _wanted(lines: Iterable[OrderLine]) -> dict[str, Quantity]:
    """By product. One that the chain does not know goes by its channel's number."""
    wanted: dict[str, Quantity] = {}
    for line in lines:
        if line.wanted:
            product = line.sku or f"{_UNKNOWN}{line.channel_sku}"
            wanted[product] = wanted.get(product, 0) + line.wanted
    return wanted


def fingerprint(images: Iterable[Blob], provider: str, number: str) -> str:
    """Equal for the same prescription wherever it turns up again (R10: hash of image, provider and number)."""
    if number:
        return hashlib.sha256(f"{provider}\0{number}".encode()).hexdigest()
    digests = sorted(image.digest for image in images)
    return hashlib.sha256("\0".join(digests).encode()).hexdigest() if digests else ""
