"""The pharmacist's word, given in the store. It counts at once, with the line cut as well; headquarters is told."""

from agent import orders, outbox, picks, policy, store
from agent.errors import NotNow, NotPermitted
from agent.prescriptions import gating, records, reviewing
from agent.prescriptions.following import follow
from agent.prescriptions.records import Record
from agent.prescriptions.tracing import record_decision, record_verified
from agent.staff import duty
from agent.transactions import Reading, Transaction
from domain.operations import PrescriptionDecided
from domain.orders import OPEN, Order
from domain.picks import PickState
from domain.prescriptions import REFUSALS, Decision, PrescriptionState, coverage
from domain.staff import Actor, Role, Staff


def decide(tx: Transaction, prescription_id: str, staff: Staff, station: str, *, approve: bool, reason: str) -> None:
    """`staff` proved just now who they are. Raises NotFound, NotPermitted and NotNow."""
    record = records.get(tx, prescription_id)
    order = orders.get(tx, record.told.order_id)
    _refuse_the_wrong_person(tx, order, staff)
    _refuse_the_wrong_time(tx, record, order)
    if approve:
        _refuse_to_approve(tx, record, order)
    elif reason not in REFUSALS:
        raise NotNow("拒绝请选择原因")
    decision = Decision(
        approved=approve, staff_id=staff.staff_id, name=staff.name, licence=staff.licence, at=tx.now,
        covers=coverage(order.lines), store=store.identity(tx).store, reason="" if approve else reason,
    )  # fmt: skip
    key = outbox.put(tx, PrescriptionDecided(order.order_id, prescription_id, decision), order.order_id)
    records.put_own(tx, prescription_id, decision, key)
    if approve:
        records.note_approval(tx, prescription_id)
    record_decision(tx, record.told, decision, Actor(station, staff.staff_id, staff.name, staff.roles))
    follow(tx, order.order_id)


def _refuse_the_wrong_person(tx: Transaction, order: Order, staff: Staff) -> None:
    """Licensed, on duty now, and not the one who picks (R10)."""
    if not staff.may(Role.PHARMACIST):
        raise NotPermitted(f"{staff.name} 不是药师，不能审方", hint="请药师操作")
    if not staff.licence:
        raise NotPermitted(f"{staff.name} 没有登记注册证号，不能审方", hint="请总部在员工资料里补上")
    if not duty.is_on_duty(tx, staff.staff_id):
        raise NotPermitted(f"{staff.name} 现在不当班，不能审方", hint="请先上班登记")
    if staff.staff_id in gating.pickers(tx, order.order_id):
        raise NotPermitted(f"{staff.name} 拣了本单的货，不能审方", hint="请另一位药师审核")


def _refuse_the_wrong_time(tx: Transaction, record: Record, order: Order) -> None:
    if order.state not in OPEN or picks.load(tx, order.order_id).state is PickState.STOPPED:
        raise NotNow("订单已结束，不用审方")
    if record.now.state is PrescriptionState.REFUSED:
        raise NotNow("这张处方已被拒绝", hint="如需更改请联系总部药师")
    if not reviewing.wants_review(tx, record):
        raise NotNow("这张处方已审核")


def _refuse_to_approve(tx: Transaction, record: Record, order: Order) -> None:
    if why := reviewing.why_unseen(tx, record):
        raise NotNow(f"{why}，不能通过")
    if used_by := record.told.used_by or reviewing.used_by(tx, record):
        raise NotNow(f"这张处方已用于订单 {called(tx, used_by)}，不能再次使用")
    if policy.in_force(tx).patient_verified and not gating.is_verified(tx, record):
        raise NotNow("用药人未实名，请先核实身份")
    if gating.too_late(tx, order.order_id, records.of_order(tx, order.order_id)):
        raise NotNow("已有药品拣出，请先全部放回，再审方")


def called(reading: Reading, order_id: str) -> str:
    """An order as people here know it; one of another store by its id."""
    order = orders.find(reading, order_id)
    return order_id if order is None else order.shown_id


def verify_patient(tx: Transaction, prescription_id: str, staff: Staff, station: str) -> None:
    """A colleague saw who the patient is (实名)."""
    record = records.get(tx, prescription_id)
    if not gating.is_verified(tx, record):
        records.put_verified(tx, prescription_id, staff.staff_id)
        record_verified(tx, record.told, Actor(station, staff.staff_id, staff.name, staff.roles))
        follow(tx, record.told.order_id)
