"""The copy of a prescription (处方联) prints by itself after its approval, where the chain wants it."""

import msgspec

from agent import slips
from agent.files import WorkFile
from domain.events import OrderChanged, SlipTemplatesSet
from domain.slips import SlipKind
from domain.templates import USUALLY, SlipTemplates
from tests.agent.core.hub import line, order
from tests.agent.documents.reading import document_of, on_paper, words
from tests.agent.prescriptions.conftest import PERSON, SECOND, Store, VirtualClock

BY_ITSELF = SlipTemplatesSet(SlipTemplates(automatic=(*USUALLY, SlipKind.PRESCRIPTION)))


def copies(work: WorkFile) -> list[str]:
    found = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PRESCRIPTION))
    return [words(*document_of(work, slip).blocks) for slip in found]


def test_it_says_who_approved_what_and_names_no_patient(store: Store, work: WorkFile) -> None:
    store.hub.tell(BY_ITSELF)
    store.place(number="CF-2026-77")
    assert copies(work) == []
    store.decide()
    [said] = copies(work)
    for expected in ("处方联", "CF-2026-77", "欧**", "黄药师", "王药师", "ZY1", "阿莫西林胶囊", "×1盒"):
        assert expected in said, expected
    for secret in (PERSON.patient, PERSON.diagnosis, PERSON.hospital):
        assert secret not in said
    slip = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PRESCRIPTION))[0]
    assert on_paper(document_of(work, slip)).text


def test_not_where_nobody_asked_for_it(store: Store, work: WorkFile) -> None:
    store.place()
    store.decide()
    assert copies(work) == []


def test_once_per_approval(store: Store, work: WorkFile, clock: VirtualClock) -> None:
    store.hub.tell(BY_ITSELF)
    store.place()
    store.decide()
    store.hub.tell(OrderChanged(order("o1", prescription=True, promised_at=None)))
    assert len(copies(work)) == 1
    store.hub.tell(OrderChanged(msgspec.structs.replace(order("o1", prescription=True), lines=(line(count=2),))))
    clock.advance(1)
    store.decide(by=SECOND)
    found = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PRESCRIPTION))
    assert len({slip.subject for slip in found}) == 2
    assert "李药师" in copies(work)[-1]
