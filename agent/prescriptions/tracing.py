"""Steps of prescriptions in the trail of their order: what an auditor asks, and nothing about the patient."""

from agent import trail
from agent.transactions import Transaction
from domain.prescriptions import Decision, Prescription
from domain.rules.ids import Rule
from domain.rules.version import VERSION
from domain.staff import Actor
from domain.trail import StepKind


def record_came(tx: Transaction, prescription: Prescription) -> None:
    _record(tx, prescription, "came", trail.NOBODY, images=_images(prescription), content=prescription.content)


def record_image(tx: Transaction, prescription: Prescription, digest: str) -> None:
    """It is here, whole and verified."""
    _record(tx, prescription, "image", trail.NOBODY, image=digest)


def record_decision(tx: Transaction, prescription: Prescription, decision: Decision, actor: Actor) -> None:
    """Who approved or refused what, seeing which images."""
    _record(
        tx, prescription, "approved" if decision.approved else "refused", actor,
        images=_images(prescription), content=prescription.content, covers=decision.covers, licence=decision.licence,
        store=decision.store, decided_at=decision.at, reason=decision.reason,
    )  # fmt: skip


def record_verified(tx: Transaction, prescription: Prescription, actor: Actor) -> None:
    _record(tx, prescription, "verified", actor)


def record_again(tx: Transaction, order_id: str, rule: Rule) -> None:
    """Approved, and to be looked at again all the same."""
    trail.record(tx, order_id, StepKind.PRESCRIPTION, rules=VERSION, state="again", rule=rule)


def _record(tx: Transaction, prescription: Prescription, state: str, actor: Actor, **detail: object) -> None:
    trail.record(
        tx, prescription.order_id, StepKind.PRESCRIPTION, actor, rules="", state=state,
        prescription=prescription.prescription_id, **detail,
    )  # fmt: skip


def _images(prescription: Prescription) -> list[str]:
    return [image.digest for image in prescription.images]
