"""Slips: what they say, and what they can never say."""

import re
from datetime import date

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent import store
from agent.documents.content import SlipContent, SlipLine, gather
from agent.documents.picking import picking_slip
from agent.documents.rendering import rendered
from agent.documents.stop import stop_slip
from agent.files import WorkFile
from agent.personal import MaskedRecipient, masked
from agent.slips import of_order
from agent.stock import Shelf
from domain.events import OrderChanged, OrderPlaced, StockSet, StoreConfigured
from domain.lots import Lot
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.personal import Recipient
from domain.quantity import units
from domain.slips import SlipKind
from domain.templates import SlipTemplates
from domain.times import MINUTE
from drivers.printers.charset import cells
from drivers.printers.document import PAPER_58, PAPER_80, Code128, Document, Pair, Paper, QrCode, Text
from drivers.printers.layout import Line, lay_out
from tests.agent.core.hub import IBUPROFEN, NOON, Hub, line, order, person

PAPERS = [PAPER_58, PAPER_80]
SLIP = SlipContent(order(), "美团", "人民路店", 1, 1, NOON, MaskedRecipient(), (SlipLine(line(), Shelf("A-01")),))


def words(document: Document) -> str:
    """Everything a reader of the slip sees, paragraph by paragraph."""
    return "\n".join(
        f"{block.left} {block.right}" if isinstance(block, Pair) else block.text
        for block in document.blocks
        if isinstance(block, Text | Pair)
    )


def of_kind(work: WorkFile, kind: SlipKind, copy: int = 0) -> Document:
    """As if the order's slip were of this kind."""
    slip = work.read(lambda reading: of_order(reading, "o1")[0])
    slip = msgspec.structs.replace(slip, kind=kind, copy=copy)
    return work.read(lambda reading: rendered(reading, slip)).document


def content(work: WorkFile, order_id: str = "o1") -> SlipContent:
    return work.read(lambda reading: gather(reading, of_order(reading, order_id)[-1], SlipTemplates()))


def test_without_a_day_number_the_last_digits_are_large() -> None:
    """Not every merchant subscribed to it, and the own channel may have none: all slips would read #0."""
    unnumbered = msgspec.structs.replace(order(), day_number=0, shown_id="900000000000004711")
    content = msgspec.structs.replace(SLIP, order=unnumbered)
    for document in (picking_slip(content), stop_slip(content)):
        assert "美团 …4711" in words(document)
        assert "#0" not in words(document)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("fact", "mark"), [({"training": "yes"}, "练习"), ({"mode": Mode.SHADOW}, "试运行")])
def test_a_slip_that_does_not_count_says_so_above_everything(
    hub: Hub, work: WorkFile, fact: dict[str, str], mark: str, paper: Paper
) -> None:
    hub.tell(OrderPlaced(order("o1")))
    kinds = (SlipKind.PICKING, SlipKind.STOP, SlipKind.CUSTOMER, SlipKind.PRESCRIPTION)
    assert not any(mark in words(of_kind(work, kind)) for kind in kinds)
    work.write(lambda tx: store.put(tx, **fact))
    for kind in kinds:
        first = lay_out(of_kind(work, kind), paper)[0]
        assert isinstance(first, Line) and first.text == f"【{mark}】" and first.height == 4


@pytest.mark.parametrize("kind", [SlipKind.PICKING, SlipKind.STOP, SlipKind.CUSTOMER, SlipKind.PRESCRIPTION])
def test_a_reprint_says_so_and_which_it_is_in_large_type(hub: Hub, work: WorkFile, kind: SlipKind) -> None:
    hub.tell(OrderPlaced(order("o1")))
    first = of_kind(work, kind, copy=3).blocks[0]
    assert isinstance(first, Text) and first.text == "补打 第3次" and first.height == 3 and first.width == 2
    assert "补打" not in words(of_kind(work, kind))


def test_everything_a_picker_needs(hub: Hub, work: WorkFile) -> None:
    lines = (line(1, count=2), line(2, IBUPROFEN, short=units(1)), line(3, sku=None, name="神秘商品", gift=True))
    hub.tell(
        StoreConfigured("人民路店", AcceptRule.HUB, 40 * MINUTE),
        StockSet(
            "AMX", units(9), "B-02", (Lot("B2", date(2028, 1, 1), units(5)), Lot("B1", date(2027, 5, 1), units(4)))
        ),
        StockSet("IBU", 0, "A-01"),
        OrderPlaced(order("o12", *lines, booked=True, prescription=True)),
        personal=(person("o12", Recipient("张三丰", "13800000000_1234", remark="多放一个袋子")),),
    )
    document = picking_slip(content(work, "o12"))
    said = words(document)
    for expected in (
        "美团 #12",
        "【预约】",
        "【处方】",
        "库存不足请核实",
        "商品未建档",
        "人民路店",
        "送达 11-21 13:00",
        "赠品",
        "多放一个袋子",
        "张**",
        "13800000000转1234",
        "建议批号 B1 至 2027-05-01",
        "×2盒",
    ):
        assert expected in said
    assert said.index("布洛芬") < said.index("阿莫西林") < said.index("神秘商品"), "by shelf, unknown places last"
    code = "YO000000000012"
    assert Code128(code) in document.blocks and QrCode(code) in document.blocks
    shout = document.blocks[0]
    assert isinstance(shout, Text) and shout.height == 3 and shout.bold
    bold = {block.left: block.bold for block in document.blocks if isinstance(block, Pair)}
    assert bold["阿莫西林胶囊"] and not bold["缺货? 布洛芬缓释胶囊"]


def test_nothing_to_warn_of(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2, struck=units(2)), line(2, IBUPROFEN))))
    said = words(picking_slip(content(work)))
    assert not any(mark in said for mark in ("库存不足", "未建档", "预约", "处方", "变更", "阿莫西林"))


def test_a_changed_order_says_that_it_replaces(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    changed = msgspec.structs.replace(content(work), issue=2)
    assert "订单有变更 第2次" in words(picking_slip(changed))


def test_a_late_change_is_read_when_the_slip_is_rendered(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderChanged(order("o1", line(count=5))))
    assert "×5盒" in words(picking_slip(content(work)))


def test_the_stop_slip_lists_what_goes_back_unless_the_rider_has_it(hub: Hub, work: WorkFile) -> None:
    hub.tell(StockSet("AMX", units(9), "B-02"), OrderPlaced(order()))
    said = words(stop_slip(content(work)))
    assert "停止拣货" in said and "美团 #1" in said and "B-02" in said
    assert "B-02" not in words(stop_slip(msgspec.structs.replace(content(work), taken=True)))


NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ALWAYS_THERE = words(picking_slip(SLIP)) + words(stop_slip(SLIP))
REMARKS = st.lists(
    st.sampled_from(["NAME", "PHONE", "BACKUP", "SPACED", "谢谢", "，", " ", "放门口", "138"]), max_size=8
)


@given(name=NAMES, phone=PHONES, backup=PHONES, parts=REMARKS, paper=st.sampled_from(PAPERS))
def test_no_slip_ever_holds_a_full_name_or_number(
    name: str, phone: str, backup: str, parts: list[str], paper: Paper
) -> None:
    assume(name not in ALWAYS_THERE)
    spoken = {"NAME": name, "PHONE": phone, "BACKUP": backup, "SPACED": f"{phone[:3]} {phone[3:7]}-{phone[7:]}"}
    remark = "/".join(spoken.get(part, part) for part in parts)
    slip = slip_of(masked(Recipient(name, phone, backup, "人民路100号", remark)))
    for document in (picking_slip(slip), stop_slip(slip)):
        said = words(document)
        assert name not in said
        digits = re.sub(r"[\s-]", "", said)
        assert phone not in digits and backup not in digits


@given(
    name=st.text(min_size=1, max_size=60),
    shelf=st.text(max_size=20),
    remark=st.text(max_size=200),
    count=st.integers(1, 99_999),
    paper=st.sampled_from(PAPERS),
)
def test_no_line_is_wider_than_the_paper(name: str, shelf: str, remark: str, count: int, paper: Paper) -> None:
    each = msgspec.structs.replace(SLIP.lines[0], line=line(count=count, name=name), shelf=Shelf(shelf))
    slip = msgspec.structs.replace(SLIP, lines=(each,), person=MaskedRecipient(remark=remark))
    for row in lay_out(picking_slip(slip), paper):
        if isinstance(row, Line):
            assert cells(row.text) * row.width <= paper.columns


def slip_of(recipient: MaskedRecipient) -> SlipContent:
    return msgspec.structs.replace(SLIP, person=recipient)


@pytest.mark.parametrize("number", [1, 12, 123, 99999])
@pytest.mark.parametrize("channel", ["美团", "小程序"])
def test_what_riders_shout_stands_in_one_line_on_both_papers(number: int, channel: str) -> None:
    numbered = msgspec.structs.replace(SLIP, order=order(f"o{number}"), channel_name=channel)
    for paper in PAPERS:
        first = next(row for row in lay_out(picking_slip(numbered), paper) if isinstance(row, Line))
        assert first.text.strip() == f"{channel} #{number}"
