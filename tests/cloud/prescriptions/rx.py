"""A chain that sells prescription medicine: words and steps that its tests share."""

import hashlib

import msgspec

from cloud import chain, orders
from cloud.channels.base import ChannelOrder, HeardPrescription, Placed
from cloud.prescriptions import deciding, records
from cloud.prescriptions.deciding import Verdict
from cloud.prescriptions.records import Record
from domain.events import PrescriptionChanged
from domain.operations import PrescriptionDecided
from domain.prescriptions import REFUSALS, Decision, Prescription, PrescriptionPerson, coverage
from domain.products import Product
from domain.protocol import OutcomeState
from domain.staff import Role, Staff
from tests.cloud.hub import STORE, Hub, channel_order, pushed

PATIENT = PrescriptionPerson(
    "李小花", "34", "女", "上呼吸道感染", "青霉素", "张医生", "示例医院", identity_verified=True
)
PHARMACIST = Staff("P1", "陈药师", (Role.PHARMACIST,), licence="ZY2201")


def picture(text: str) -> bytes:
    """As much of a PNG as anybody here looks at."""
    return b"\x89PNG\r\n\x1a\n" + text.encode()


def sells_medicine(hub: Hub) -> Hub:
    with hub.transaction() as tx:
        chain.put_product(tx, Product("sku1", "阿莫西林胶囊", "0.25g*24粒", "盒", prescription=True))
    return hub


def medicine(number: int, *lines: tuple[str, int], heard: HeardPrescription | None = None) -> ChannelOrder:
    return msgspec.structs.replace(channel_order(number, *(lines or [("sku1", 1)])), heard_prescription=heard)


def ordered(hub: Hub, number: int, *lines: tuple[str, int], images: tuple[bytes, ...] = (), rx: str = "") -> str:
    heard = HeardPrescription(rx, "示例互联网医院", person=PATIENT, images=images)
    (accepted,) = hub.accept(pushed(number, Placed(medicine(number, *lines, heard=heard)), f"paid:{number}"))
    assert accepted.order_id is not None, accepted
    return accepted.order_id


def record(hub: Hub, order_id: str) -> Record:
    with hub.transaction() as tx:
        found = records.of_order(tx, order_id)
    assert found is not None
    return found


def now(hub: Hub, order_id: str) -> Prescription:
    return record(hub, order_id).prescription


def told(hub: Hub, order_id: str, store: str = STORE) -> list[Prescription]:
    bodies = [one for one in hub.told(PrescriptionChanged, store=store) if isinstance(one, PrescriptionChanged)]
    return [one.prescription for one in bodies if one.prescription.order_id == order_id]


def goods(hub: Hub, order_id: str) -> str:
    with hub.transaction() as tx:
        return coverage(orders.load(tx, order_id).order.lines)


def by_store(
    hub: Hub, order_id: str, approved: bool, *, covers: str = "", at: int = 0, staff_id: str = "S1"
) -> Decision:
    """A pharmacist of the store decided."""
    covers, reason = covers or goods(hub, order_id), "" if approved else REFUSALS[0]
    decision = Decision(approved, staff_id, "店药师", "ZY1", at or hub.now, covers, STORE, reason)
    outcome = hub.do(PrescriptionDecided(order_id, now(hub, order_id).prescription_id, decision))
    assert outcome.state is OutcomeState.DONE, outcome
    return decision


def by_headquarters(hub: Hub, order_id: str, approve: bool = True, *, reason: str = REFUSALS[0]) -> None:
    prescription_id = now(hub, order_id).prescription_id
    with hub.transaction() as tx:
        known, found = records.locked(tx, prescription_id)
        seen = deciding.as_seen(found.prescription, known.order.lines)
        verdict = Verdict(approve, seen, "" if approve else reason)
        deciding.decide(tx, found.prescription_id, PHARMACIST, verdict, actor="operator")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
