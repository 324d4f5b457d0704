"""The audit file of one order (质管档案): what an inspector asks, in one record that proves itself.

It holds nothing about the customer. What is known of persons stands in it as salted commitments; the same file made for
a reader who may see them has the values beside, and both are held against the same commitments (facts/compliance.md
R15). `cloud.sealed_file` makes a file of it in which every changed byte is found.
"""

import base64
import hashlib
from collections.abc import Iterator

import msgspec

from domain.orders import Order
from domain.picks import Binding
from domain.prescriptions import Decision, Prescription
from domain.refunds import Refund
from domain.slips import SlipStep
from domain.times import Millis
from domain.trail import Step
from domain.trail import flaws as broken_steps

FORMAT = "yaolink.dossier/1"


class Pack(msgspec.Struct, frozen=True):
    """One pack that went into the bag; `released_at` where it was put back before it left the store."""

    binding: Binding
    at: Millis
    released_at: Millis | None = None


class PaperSlip(msgspec.Struct, frozen=True):
    """`evidence` is what the printer could prove (`domain.slips.Evidence`), `copy` above 0 a marked reprint."""

    slip_id: str
    kind: str
    copy: int
    state: str
    evidence: str | None
    cause: str
    printer: str
    steps: tuple[SlipStep, ...]


class Told(msgspec.Struct, frozen=True):
    """What the channel was told, and what it answered."""

    kind: str
    state: str
    attempts: int
    said: str
    at: Millis


class AuditLine(msgspec.Struct, frozen=True):
    """One entry of the hub's audit about this order, with the hash it follows: `hash` can be worked out anew."""

    store: str
    seq: int
    at: Millis
    actor: str
    action: str
    subject: str
    detail: str
    before: str
    hash: str


class Commitment(msgspec.Struct, frozen=True):
    """SHA-256 over salt and value of one record about a person. `erased`: the record was destroyed; nothing is left."""

    name: str
    digest: str
    erased: bool = False


class Opened(msgspec.Struct, frozen=True):
    """A record for a reader who may see it: salt in hexadecimal, value in base 64."""

    name: str
    salt: str
    value: str


class Dossier(msgspec.Struct, frozen=True):
    """`order` is as headquarters knows it, `steps` as the store chained them. `reason` is why the file was made."""

    chain: str
    store: str
    store_name: str
    made_at: Millis
    made_by: str
    reason: str
    order: Order
    steps: tuple[Step, ...]
    packs: tuple[Pack, ...]
    prescription: Prescription | None
    decisions: tuple[Decision, ...]
    slips: tuple[PaperSlip, ...]
    refunds: tuple[Refund, ...]
    told: tuple[Told, ...]
    audit: tuple[AuditLine, ...]
    persons: tuple[Commitment, ...]
    opened: tuple[Opened, ...] = ()
    format: str = FORMAT


def audit_hash(before: bytes, chain: str, columns: tuple[str, int, Millis, str, str, str, str]) -> bytes:
    """The hash of an entry of the hub's audit: over the one before it and its store, number, time, actor, action,
    subject and detail."""
    store, seq, *rest = columns
    return hashlib.sha256(before + msgspec.json.encode((chain, store, seq, *rest))).digest()


def commitment(salt: bytes, value: bytes) -> str:
    return hashlib.sha256(salt + value).hexdigest()


def image_name(digest: str) -> str:
    """An image is its own commitment: the prescription names it by its hash."""
    return f"image:{digest}"


def flaws(dossier: Dossier) -> list[str]:
    """What in it contradicts itself, in English; empty when nothing does. Who vouches for it, the seal says."""
    return [*_of_format(dossier), *_of_steps(dossier), *_of_audit(dossier), *_of_persons(dossier)]


def _of_format(dossier: Dossier) -> Iterator[str]:
    if dossier.format != FORMAT:
        yield f"the format is {dossier.format}, not {FORMAT}"


def _of_steps(dossier: Dossier) -> Iterator[str]:
    for flaw in broken_steps(dossier.steps):
        yield f"step {flaw.seq} of the store: {flaw.what}"
    for step in dossier.steps:
        if step.order_id != dossier.order.order_id:
            yield f"step {step.seq} of the store is of another order"
    by_seq = {step.seq: step.hash for step in dossier.steps}
    for line in dossier.audit:
        if line.action == "trail.grown":
            count, _, last = line.detail.partition(" steps, ")
            if by_seq.get(int(count)) != last:
                yield f"step {count} of the store is not the one that audit entry {line.seq} names"


def _of_audit(dossier: Dossier) -> Iterator[str]:
    for line in dossier.audit:
        columns = (line.store, line.seq, line.at, line.actor, line.action, line.subject, line.detail)
        if audit_hash(bytes.fromhex(line.before), dossier.chain, columns).hex() != line.hash:
            yield f"audit entry {line.seq} or its hash was changed"


def _of_persons(dossier: Dossier) -> Iterator[str]:
    committed = {each.name: each.digest for each in dossier.persons}
    for image in dossier.prescription.images if dossier.prescription is not None else ():
        committed[image_name(image.digest)] = image.digest
    for record in dossier.opened:
        value = base64.b64decode(record.value)
        if commitment(bytes.fromhex(record.salt), value) != committed.get(record.name):
            yield f"{record.name} is not what was committed to"
