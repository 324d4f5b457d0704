"""No real name, number or address of anybody reaches paper, picture, kept document or log, wherever it was written
(facts/compliance.md R16). A platform's privacy number may."""

import logging
import re

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agent import personal
from agent.documents import papers
from agent.files import WorkFile
from agent.personal import MaskedPerson, MaskedRecipient, MaskedWords
from domain import masking
from domain.events import OrderPlaced, OrderUrged, RefundChanged
from domain.personal import Personal, Recipient, Rider, Words, refund_reason
from domain.refunds import Refund, RefundState
from domain.slips import SlipKind
from domain.templates import SlipTemplate, SlipTemplates
from tests.agent.core.hub import NOON, Hub, line, order, person
from tests.agent.documents.reading import as_kind, document_of, shown

KINDS = {
    SlipKind.PICKING: "", SlipKind.CUSTOMER: "", SlipKind.STOP: "", SlipKind.PRESCRIPTION: "",
    SlipKind.REFUND: "r1", SlipKind.SHIFT: f"{NOON - 1}-{NOON + 1}",
}  # fmt: skip
"""With the subject of each."""
OPEN = SlipTemplates(customer=SlipTemplate(discreet=False))
"""Nothing left out."""

NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.from_regex(r"(0[0-9]{2,3}-)?[2-8][0-9]{6,7}", fullmatch=True)
NUMBERS = st.one_of(MOBILES, LANDLINES)
SPREAD = st.sampled_from(["", " ", "-", ".", " - ", "–", "/", " / ", "--"])
SIGNED = st.sampled_from(["{}", "{}先生", "{}女士", "{}(女士)", " {} "])
PARTS = st.lists(
    st.sampled_from(["NAME", "PHONE", "BACKUP", "OTHER", "谢谢", "，", " ", "放门口", "138", "楼下"]), max_size=7
)


def spread(number: str, between: str) -> str:
    plain = re.sub(r"\D", "", number)
    return between.join((plain[:3], plain[3:7], plain[7:])) if between else number


@pytest.fixture
def placed(hub: Hub, work: WorkFile) -> Hub:
    refund = Refund("r1", "o1", False, RefundState.AGREED, 500, NOON)
    hub.tell(OrderPlaced(order("o1", line(1, count=2))), RefundChanged(refund))
    return hub


@pytest.fixture
def always(placed: Hub, work: WorkFile) -> str:
    """What these slips say of nobody."""
    return "\n".join(shown(document_of(work, as_kind(work, kind, subject=of), OPEN)) for kind, of in KINDS.items())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=NAMES, signed=SIGNED, phone=NUMBERS, backup=NUMBERS, other=NUMBERS, rider=st.tuples(NAMES, MOBILES),
    between=SPREAD, parts=PARTS, at=st.integers(1, 10**9),
)  # fmt: skip
def test_nothing_of_a_person_is_on_any_slip(
    placed: Hub, work: WorkFile, always: str, caplog: pytest.LogCaptureFixture, name: str, signed: str, phone: str,
    backup: str, other: str, rider: tuple[str, str], between: str, parts: list[str], at: int,
) -> None:  # fmt: skip
    numbers = [re.sub(r"\D", "", number) for number in (phone, backup, other, rider[1])]
    assume(not any(secret in always for secret in (name, rider[0])))
    assume(not any(number in re.sub(r"\D", "", always) for number in numbers))
    spoken = {"NAME": signed.format(name), "PHONE": spread(phone, between), "BACKUP": spread(backup, between)}
    spoken["OTHER"] = spread(other, between)
    text = "，".join(spoken.get(part, part) for part in parts)
    records = (
        person("o1", Recipient(signed.format(name), phone, backup, f"{name}路一百零八号三幢", text)),
        Personal("o1", "rider", msgspec.Raw(msgspec.json.encode(Rider(*rider)))),
        Personal("o1", refund_reason("r1"), msgspec.Raw(msgspec.json.encode(Words(text)))),
    )
    with caplog.at_level(logging.DEBUG):
        placed.tell(OrderUrged("o1", at), personal=records)
        said = "\n".join(shown(document_of(work, as_kind(work, kind, subject=of), OPEN)) for kind, of in KINDS.items())
    for row in (said + caplog.text).split("\n"):
        assert not any(secret in row for secret in (name, rider[0], "一百零八号"))
        together = re.sub(r"[\s\-–—.·/()（）]", "", row)
        assert not any(number in together for number in numbers)
    caplog.clear()


def test_a_platforms_privacy_number_may_stand(placed: Hub, work: WorkFile) -> None:
    """The control: what is looked for above would be found."""
    record = person("o1", Recipient("张三丰", "13800000000_1234", remark="打 13800000000_1234"))
    placed.tell(OrderUrged("o1", 1), personal=(record,))
    said = shown(document_of(work, as_kind(work, SlipKind.CUSTOMER), OPEN))
    assert said.count("13800000000转1234") >= 2 and "张**" in said


@given(st.text(), NUMBERS, st.text())
def test_making_a_masked_type_is_the_masking(name: str, phone: str, remark: str) -> None:
    for made in (
        MaskedRecipient(name, phone, f"{remark} {phone}"),
        MaskedPerson(name, phone),
        MaskedWords(f"{remark} {phone}"),
    ):
        said = " ".join(msgspec.structs.astuple(made))
        assert phone not in said
        assert msgspec.convert(msgspec.to_builtins(made), type(made)) == made, "masked twice is masked once"


@given(st.text("0123456789 -*_转./12", max_size=60))
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = masking.text(text)
    assert masking.text(once) == once


@pytest.mark.parametrize(
    ("said", "shown_as"),
    [
        ("电话0571-88886666谢谢", "电话057****6666谢谢"),
        ("座机 8888 6666", "座机 ****66"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("2026-11-22 12:30 送到", "2026-11-22 12:30 送到"),
        ("0.25g*24粒 2盒", "0.25g*24粒 2盒"),
        ("138.1234.5678", "138****5678"),
        ("180 - 0928 - 5301", "180****5301"),
        ("+86 138-1234-5678", "+861****5678"),
    ],
)
def test_numbers_are_masked_and_words_are_not(said: str, shown_as: str) -> None:
    assert masking.text(said) == shown_as


def test_a_kept_paper_holds_no_person_in_clear_and_goes_with_its_key(placed: Hub, work: WorkFile) -> None:
    placed.tell(OrderUrged("o1", 1), personal=(person("o1", Recipient("张三丰", "13812345678", remark="放鞋柜上")),))
    slip = as_kind(work, SlipKind.PICKING)
    document = document_of(work, slip)
    assert "放鞋柜上" in shown(document)
    work.write(lambda tx: papers.keep(tx, slip, document))
    assert work.read(lambda reading: papers.of(reading, slip)) == document
    for path in work.path.parent.iterdir():
        assert "放鞋柜上".encode() not in path.read_bytes(), path
    work.write(lambda tx: personal.erase(tx, "o1"))
    assert work.read(lambda reading: papers.of(reading, slip)) is None
