"""Who may say yes, to what, and when."""

import msgspec
import pytest

from agent import announcements, personal, picks, prescriptions
from agent.announcements import Kind
from agent.errors import NotFound, NotNow, NotPermitted, WorkRefused
from agent.files import WorkFile
from agent.prescriptions import records, reviewing
from agent.staff import duty
from agent.transactions import Transaction
from domain.events import OrderAdvanced, OrderCancelled, OrderPlaced, PolicySet
from domain.orders import OrderState
from domain.picks import Binding
from domain.policy import ChainPolicy
from domain.prescriptions import REFUSALS, PrescriptionPerson
from domain.quantity import ONE
from domain.rules import Rule
from domain.staff import Role, Staff
from tests.agent.core.hub import order
from tests.agent.prescriptions.conftest import JPEG, PERSON, PHARMACIST, PICKER, SECOND, Store, decided, on_duty, rx


def refused(store: Store, why: str, kind: type[WorkRefused], *, by: Staff = PHARMACIST, id: str = "rx1") -> None:
    with pytest.raises(kind, match=why):
        store.decide(by=by, id=id)
    assert store.work.read(lambda reading: store.record().own) is None


def test_only_a_licensed_pharmacist_on_duty(store: Store, work: WorkFile) -> None:
    store.place()
    refused(store, "不是药师", NotPermitted, by=PICKER)
    refused(store, "注册证号", NotPermitted, by=msgspec.structs.replace(PHARMACIST, licence=""))
    store.hub.tell(on_duty(SECOND))
    refused(store, "不当班", NotPermitted)
    work.write(lambda tx: duty.change(tx, PHARMACIST, present=True))
    store.decide()
    assert store.gate().open


def test_not_the_one_who_picks(store: Store, work: WorkFile) -> None:
    store.hub.tell(OrderPlaced(order("o1")))
    binding = Binding(1, None, ONE, staff_id=SECOND.staff_id)
    work.write(lambda tx: picks.bind(tx, "o1", binding, scan_id=None))
    work.write(lambda tx: picks.release_last(tx, "o1", None))
    store.place()
    refused(store, "拣了本单", NotPermitted, by=SECOND)
    store.decide()


def test_not_before_there_is_something_to_look_at(store: Store) -> None:
    store.hub.tell(OrderPlaced(order("o1", prescription=True)))
    store.tell(rx(images=(), content=""))
    refused(store, "总部正在获取", NotNow)
    store.tell(rx())
    refused(store, "还有 1 张处方图片未到", NotNow)
    store.image_comes()
    store.decide()


def test_an_electronic_prescription_is_known_by_its_number(store: Store) -> None:
    store.place(images=(), number="E-2026-1")
    store.decide()
    assert store.gate().open


def test_whoever_sees_nothing_may_refuse(store: Store) -> None:
    store.hub.tell(OrderPlaced(order("o1", prescription=True)))
    store.tell(rx())
    store.decide(False, reason=REFUSALS[0])
    assert store.gate().rule is Rule.PRESCRIPTION_REFUSED


@pytest.mark.parametrize("reason", ["", "患者欧阳锋有糖尿病"])
def test_a_reason_is_chosen_not_typed(store: Store, reason: str) -> None:
    """What is typed would say something of the patient."""
    store.place()
    with pytest.raises(NotNow, match="请选择原因"):
        store.decide(False, reason=reason)


def test_not_twice_and_not_over_a_refusal(store: Store) -> None:
    store.place()
    store.decide()
    with pytest.raises(NotNow, match="已审核"):
        store.decide(by=SECOND)
    store.place("o2", "rx2", content="c2")
    store.decide(False, id="rx2", reason=REFUSALS[1])
    with pytest.raises(NotNow, match="已被拒绝"):
        store.decide(by=SECOND, id="rx2")


def test_not_when_the_order_is_over(store: Store) -> None:
    store.place()
    store.hub.tell(OrderCancelled("o1", "customer", False))
    refused(store, "订单已结束", NotNow)


def test_not_what_is_not_here(store: Store) -> None:
    with pytest.raises(NotFound):
        store.decide(id="rx9")


def test_one_prescription_serves_one_order(store: Store) -> None:
    store.place("o1", "rx1")
    store.place("o2", "rx2")
    store.decide(id="rx1")
    with pytest.raises(NotNow, match="已用于订单 270631100001"):
        store.decide(id="rx2")
    store.hub.tell(OrderCancelled("o1", "customer", False))
    store.decide(id="rx2")
    assert store.gate("o2").open, "one that was cancelled before it left has not used it"


def test_one_that_left_has_used_it_for_ever(store: Store) -> None:
    store.place("o1", "rx1")
    store.place("o2", "rx2")
    store.decide(id="rx1")
    store.hub.tell(OrderAdvanced("o1", OrderState.HANDED_OVER), OrderCancelled("o1", "customer", True))
    with pytest.raises(NotNow, match="已用于订单"):
        store.decide(id="rx2")


def test_what_another_store_used_headquarters_tells(store: Store) -> None:
    store.place(used_by="o-of-s2")
    refused(store, "o-of-s2", NotNow)
    assert store.gate().rule is Rule.PRESCRIPTION_USED


def test_the_patient_is_verified_first_where_the_chain_says_so(store: Store, work: WorkFile) -> None:
    store.hub.tell(PolicySet(ChainPolicy(patient_verified=True)))
    store.hub.tell(OrderPlaced(order("o1", prescription=True)))
    store.tell(rx(), PrescriptionPerson("欧阳锋"))
    store.image_comes()
    refused(store, "未实名", NotNow)
    store.tell(rx(number="1"), PERSON)
    store.decide()
    assert store.gate().open


def heard(store: Store) -> list[Kind]:
    return [one.kind for one in store.work.read(announcements.waiting) if one.kind is not Kind.NEW_ORDER]


def test_a_review_is_called_for_while_somebody_here_may_give_it(store: Store) -> None:
    store.hub.tell(OrderPlaced(order("o1", prescription=True)))
    store.tell(rx())
    assert heard(store) == [], "there is nothing to see yet"
    store.image_comes()
    assert heard(store) == [Kind.PRESCRIPTION]
    store.decide()
    assert heard(store) == []
    store.tell(decided(SECOND, approved=False, at=1))
    assert heard(store) == [Kind.PRESCRIPTION_REFUSED]
    store.hub.tell(OrderCancelled("o1", "customer", False))
    assert Kind.PRESCRIPTION_REFUSED not in heard(store)


def test_nobody_is_called_when_nobody_is_there(store: Store) -> None:
    store.hub.tell(on_duty())
    store.place()
    assert heard(store) == []
    store.hub.tell(on_duty(SECOND))
    assert heard(store) == [Kind.PRESCRIPTION], "whoever comes later hears what waits"


def test_the_queue_is_the_oldest_first_and_only_what_waits(store: Store, work: WorkFile) -> None:
    for number in (2, 1, 3):
        store.hub.tell(OrderPlaced(order(f"o{number}", prescription=True, placed_at=number)))
        store.tell(rx(f"rx{number}", f"o{number}", content=f"c{number}"))
        store.image_comes(f"o{number}")
    store.decide(id="rx1")
    waiting = work.read(reviewing.waiting)
    assert [each.told.prescription_id for each in waiting] == ["rx2", "rx3"]


def test_erased_nothing_is_known_of_the_patient(store: Store, work: WorkFile) -> None:
    store.place()
    assert work.read(lambda reading: records.person(reading, store.record().told)) == PERSON
    work.write(lambda tx: personal.erase(tx, "o1"))
    assert work.read(lambda reading: records.person(reading, store.record().told)) == PrescriptionPerson()
    work.close()
    stored = b"".join(path.read_bytes() for path in work.path.parent.iterdir())
    for secret in (PERSON.patient, PERSON.diagnosis, PERSON.doctor):
        assert secret.encode() not in stored
    assert JPEG not in stored


def test_an_image_of_an_order_that_is_not_here_disturbs_nobody(work: WorkFile) -> None:
    def step(tx: Transaction) -> None:
        prescriptions.image_arrived(tx, "o9", "ab" * 32)

    work.write(step)


def test_roles_are_those_of_now(store: Store) -> None:
    store.place()
    refused(store, "不是药师", NotPermitted, by=msgspec.structs.replace(PHARMACIST, roles=(Role.MANAGER,)))
