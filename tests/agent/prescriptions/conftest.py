"""A store with two pharmacists on duty, prescription orders, and what headquarters tells of them."""

import msgspec
import pytest

from agent import blobs, prescriptions
from agent import store as this_store
from agent.blobs import errands
from agent.files import WorkFile
from agent.prescriptions import deciding, records
from agent.transactions import Transaction
from domain.blobs import Blob, digest
from domain.events import OrderPlaced, PrescriptionChanged, RosterSet, StaffSet
from domain.personal import Personal
from domain.prescriptions import (
    Decision,
    Prescription,
    PrescriptionPerson,
    PrescriptionState,
    coverage,
    prescription_record,
)
from domain.rules import Gate
from domain.staff import OnDuty, Role, Staff
from domain.times import HOUR
from tests.agent.core.conftest import VirtualClock, cache, clock, hub, lookup, work
from tests.agent.core.hub import NOON, STORE, Hub, line, order

__all__ = ["VirtualClock", "cache", "clock", "hub", "lookup", "work"]

JPEG = b"\xff\xd8\xff\xe0 a prescription"
IMAGE = Blob(digest(JPEG), len(JPEG), "image/jpeg")
PHARMACIST = Staff("p1", "王药师", (Role.PHARMACIST,), licence="ZY1")
SECOND = Staff("p2", "李药师", (Role.PHARMACIST, Role.PICKER), licence="ZY2")
PICKER = Staff("k1", "小张", (Role.PICKER,))
PERSON = PrescriptionPerson("欧阳锋", "61", "男", "蛇毒后遗症", "青霉素", "黄药师", "桃花岛医院", True)
_WAITING = Prescription("rx1", "o1", PrescriptionState.WAITING, (IMAGE,), content="c1")


def rx(prescription_id: str = "rx1", order_id: str = "o1", **fields: object) -> Prescription:
    return msgspec.structs.replace(_WAITING, prescription_id=prescription_id, order_id=order_id, **fields)


def decided(staff: Staff = PHARMACIST, *, approved: bool = True, **fields: object) -> Prescription:
    """By headquarters, about the order as `place` places it."""
    made = Decision(approved, staff.staff_id, staff.name, staff.licence, NOON, coverage([line()]), store="")
    state = PrescriptionState.APPROVED if approved else PrescriptionState.REFUSED
    return rx(state=state, decision=msgspec.structs.replace(made, **fields))


def on_duty(*staff: Staff) -> RosterSet:
    return RosterSet(tuple(OnDuty(one.staff_id, one.name, NOON - HOUR, NOON + 8 * HOUR, STORE) for one in staff))


class Store:
    """What happens in it and to it, one line each."""

    def __init__(self, work: WorkFile, hub: Hub) -> None:
        self.work, self.hub = work, hub

    def place(self, order_id: str = "o1", prescription_id: str = "rx1", **fields: object) -> None:
        """An order of one box, its prescription, and the image of that."""
        self.hub.tell(OrderPlaced(order(order_id, prescription=True)))
        self.tell(rx(prescription_id, order_id, **fields))
        self.image_comes(order_id)

    def tell(self, told: Prescription, person: PrescriptionPerson = PERSON) -> None:
        name, body = prescription_record(told.prescription_id), msgspec.Raw(msgspec.json.encode(person))
        applied = self.hub.tell(PrescriptionChanged(told), personal=(Personal(told.order_id, name, body),))
        assert applied.applied == 1

    def image_comes(self, order_id: str = "o1", content: bytes = JPEG) -> None:
        def come(tx: Transaction) -> None:
            kept = blobs.find(tx, order_id, digest(content))
            if kept is not None and not kept.is_here:
                errand = errands.Errand(kept, 0)
                assert errands.add_piece(tx, errand, 0, content)
                errands.arrived(tx, errand)
                prescriptions.image_arrived(tx, order_id, kept.digest)

        self.work.write(come)

    def gate(self, order_id: str = "o1", picker: str = "") -> Gate:
        return self.work.read(lambda reading: prescriptions.gate(reading, order_id, picker))

    def decide(self, approve: bool = True, *, by: Staff = PHARMACIST, id: str = "rx1", reason: str = "") -> None:
        self.work.write(lambda tx: deciding.decide(tx, id, by, "page:1", approve=approve, reason=reason))

    def record(self, prescription_id: str = "rx1") -> records.Record:
        return self.work.read(lambda reading: records.get(reading, prescription_id))


@pytest.fixture
def store(work: WorkFile, hub: Hub) -> Store:
    work.write(lambda tx: this_store.put(tx, store=STORE))
    hub.tell(StaffSet((PHARMACIST, SECOND, PICKER)), on_duty(PHARMACIST, SECOND))
    return Store(work, hub)
