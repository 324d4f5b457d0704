"""A pharmacist's word: a fact where it was given in a store, judged first where it is given here (compliance.md R10).

Nobody's word is ever lost: each is a row, whether it stands or not (`standing.stands`).
"""

import hashlib

import msgspec

from cloud import audit, orders
from cloud.agents import Agent
from cloud.errors import DecisionRefused, UnknownOrder
from cloud.orders import Known
from cloud.prescriptions import records, standing
from cloud.prescriptions.records import Record
from cloud.statements import Sql, insert
from cloud.tables import prescription_decisions
from cloud.transaction import Transaction
from domain.operations import PrescriptionDecided
from domain.orders import OrderLine
from domain.prescriptions import REFUSALS, Decision, Prescription, PrescriptionState, coverage
from domain.staff import Staff
from domain.trail import StepKind

_NEW = insert(
    prescription_decisions,
    "chain", "prescription_id", "place", "approved", "staff_id", "name", "licence", "at", "covers", "store", "reason",
    "counts", "received_at",
)  # fmt: skip
_STEPS = Sql("SELECT kind, staff_id FROM trail WHERE chain = ? AND order_id = ?")
_BEGUN = Sql("SELECT 1 FROM audit WHERE chain = ? AND subject = ? AND action = 'pick.started'")
_HANDS = {StepKind.STARTED, StepKind.TAKEN_OVER, StepKind.SCANNED, StepKind.WAIVED, StepKind.TAKEN_BY_HAND}
"""Steps of whoever picks."""


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seen` is the `as_seen` of what the pharmacist had before them."""

    approve: bool
    seen: str
    reason: str = ""


def decided(tx: Transaction, agent: Agent, fact: PrescriptionDecided) -> None:
    """In a store: recorded whatever was known here. Raises `UnknownOrder` for one that is not the store's."""
    known = orders.load_of_store(tx, agent.store, fact.order_id)
    record = records.of_order(tx, fact.order_id)
    if record is None or record.prescription_id != fact.prescription_id:
        raise UnknownOrder(f"no prescription {fact.prescription_id} of order {fact.order_id}")
    decision = msgspec.structs.replace(fact.decision, store=agent.store)
    _keep(tx, record, decision, agent.device)
    state = PrescriptionState.APPROVED if decision.approved else PrescriptionState.REFUSED
    believed = msgspec.structs.replace(record.prescription, state=state, decision=decision)
    standing.review(tx, known, believed=believed)


def decide(tx: Transaction, prescription_id: str, by: Staff, verdict: Verdict, *, actor: str) -> None:
    """At headquarters, by a pharmacist who proved who they are. Raises `DecisionRefused`."""
    known, record = records.locked(tx, prescription_id)
    _refuse_if_not_now(known, record, verdict)
    _refuse_if_not_them(tx, known, by)
    if verdict.approve:
        _refuse_if_not_approvable(tx, known, record, by)
    elif verdict.reason not in REFUSALS:
        raise DecisionRefused("请选择不通过的原因 / choose why it is refused", hint="；".join(REFUSALS))
    goods = coverage(known.order.lines)
    reason = "" if verdict.approve else verdict.reason
    decision = Decision(verdict.approve, by.staff_id, by.name, by.licence, tx.now, goods, "", reason)
    _keep(tx, record, decision, actor)
    standing.review(tx, known)


def look_again(tx: Transaction, prescription_id: str, *, actor: str) -> None:
    """What was decided counts no more: a refusal was a mistake, say. Raises `DecisionRefused`."""
    known, record = records.locked(tx, prescription_id)
    if known.picked_at is not None or not known.open:
        raise DecisionRefused("订单已拣货或已结束 / the order is picked or over")
    records.discount(tx, prescription_id)
    audit.append(tx, record.store, actor, "prescription.look_again", known.order.order_id, prescription_id)
    standing.review(tx, known)


def as_seen(prescription: Prescription, lines: tuple[OrderLine, ...]) -> str:
    """Equal as long as goods, images and number are what they were."""
    said = (coverage(lines), [image.digest for image in prescription.images], prescription.number)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _keep(tx: Transaction, record: Record, decision: Decision, actor: str) -> None:
    """The same word again, under another key, is the same word."""
    if any(given.decision == decision for given in record.decisions):
        return
    row = (
        tx.chain, record.prescription_id, len(record.decisions) + 1, int(decision.approved), decision.staff_id,
        decision.name, decision.licence, decision.at, decision.covers, decision.store, decision.reason, 1, tx.now,
    )  # fmt: skip
    _NEW.run(tx.connection, [row])
    word = "approved" if decision.approved else f"refused ({decision.reason})"
    now = record.prescription
    said = f"{now.prescription_id} {word} by {decision.staff_id} {decision.licence}, content {now.content or '-'}"
    audit.append(tx, record.store, actor, "prescription.decided", now.order_id, said)


def _refuse_if_not_now(known: Known, record: Record, verdict: Verdict) -> None:
    if not known.open:
        raise DecisionRefused("订单已结束 / the order is over")
    if record.prescription.state is not PrescriptionState.WAITING:
        raise DecisionRefused("处方已审核 / it was decided already")
    if verdict.seen != as_seen(record.prescription, known.order.lines):
        raise DecisionRefused("处方或订单刚刚有变化，请重新核对 / it changed meanwhile: look at it again")


def _refuse_if_not_them(tx: Transaction, known: Known, by: Staff) -> None:
    """Four eyes: who reviews does not pick. As far as the store has told."""
    steps = _STEPS.rows(tx.connection, tx.chain, known.order.order_id)
    if by.staff_id in {staff_id for kind, staff_id in steps if kind in _HANDS}:
        raise DecisionRefused("审方药师不能是拣货人 / whoever picks an order cannot review it")


def _refuse_if_not_approvable(tx: Transaction, known: Known, record: Record, by: Staff) -> None:
    now = record.prescription
    if not by.licence:
        raise DecisionRefused("没有登记执业药师注册证号 / no pharmacist's licence is on record", hint="/staff")
    if now.used_by:
        raise DecisionRefused("该处方已被另一订单使用 / another order used this prescription", hint=now.used_by)
    if not now.images and not now.number:
        raise DecisionRefused("处方图片未到，不能通过 / there is nothing to look at yet")
    if not any(given.decision.approved for given in record.decisions) and _begun(tx, known):
        raise DecisionRefused("门店已开始拣货，请先让门店退回 / picking began: the store must give it back first")


def _begun(tx: Transaction, known: Known) -> bool:
    """As far as the store has told; a pick that was given back begins anew."""
    order_id = known.order.order_id
    started = bool(_BEGUN.rows(tx.connection, tx.chain, order_id))
    steps = {kind for kind, _ in _STEPS.rows(tx.connection, tx.chain, order_id)}
    return known.picked_at is not None or (started and StepKind.GIVEN_BACK.value not in steps)
