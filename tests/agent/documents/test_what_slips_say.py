"""The voucher names what was really bound, the outer part nothing of it; refunds and shifts are told as they were."""

from datetime import date
from functools import partial

import msgspec

from agent import judging, orders, slips
from agent.catalogue import Lookup
from agent.documents.customer import TEAR
from agent.documents.wanting import want_shift_report
from agent.files import WorkFile
from agent.picking import steps
from domain.events import (
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PrescriptionChanged,
    RefundChanged,
    SlipTemplatesSet,
    StockSet,
)
from domain.lots import Lot
from domain.personal import Personal, Recipient, Words, refund_reason
from domain.prescriptions import Decision, Prescription, PrescriptionState, coverage
from domain.quantity import units
from domain.refunds import Refund, RefundLine, RefundState
from domain.slips import SlipKind, SlipState
from domain.templates import Field, SlipTemplate, SlipTemplates
from domain.times import HOUR
from drivers.printers.document import Document, Text
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, NOON, Hub, line, order, person
from tests.agent.documents.reading import as_kind, document_of, on_paper, words

TRACE = "81234560000000000017"


def pick(work: WorkFile, lookup: Lookup, *codes: bytes, order_id: str = "o1") -> None:
    work.write(lambda tx: steps.start(tx, order_id, TWO_PRODUCTS))
    for code in codes:
        scanned = work.write(partial(judging.scan, raw=code, device=judging.PAGE, lookup=lookup, order_id=order_id))
        assert scanned.verdict.good, scanned.verdict


def newest(work: WorkFile, kind: SlipKind, order_id: str = "o1") -> Document:
    slip = work.read(lambda reading: slips.of_order(reading, order_id, kind))[-1]
    return document_of(work, slip)


def kinds(work: WorkFile, order_id: str = "o1") -> list[SlipKind]:
    return [slip.kind for slip in work.read(lambda reading: slips.of_order(reading, order_id))]


def outer(document: Document) -> str:
    return words(*document.blocks[document.blocks.index(TEAR) + 1 :])


def picked(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    lines = line(1, AMOXICILLIN, maker="联邦制药"), line(2, IBUPROFEN, price=1990)
    hub.tell(
        StockSet("IBU", units(9), "A-01", (Lot("K2603", date(2028, 6, 30), units(9)),)),
        OrderPlaced(order("o1", *lines, prescription=True, rider_code="8361")),
        personal=(person("o1", Recipient("张三丰", "13812345678", remark="感冒药放门口")),),
    )
    word = Decision(True, "p1", "王药师", "ZY1", NOON, coverage(lines), "")
    hub.tell(PrescriptionChanged(Prescription("rx1", "o1", PrescriptionState.APPROVED, decision=word)))
    gs1 = b"]d2" + b"0106900000000014" + b"17280630" + b"10K2603\x1d" + b"21S1"
    pick(work, lookup, TRACE.encode(), gs1)
    work.write(lambda tx: steps.complete(tx, "o1", TWO_PRODUCTS))


def test_the_voucher_says_what_the_law_wants_of_what_was_bound(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    picked(hub, work, lookup)
    document = newest(work, SlipKind.CUSTOMER)
    said = words(*document.blocks)
    for expected in (
        "阿莫西林胶囊 ×1盒", "规格 0.25g*24粒", "厂家 联邦制药", "单价 ￥15.00 ￥15.00", f"追溯码 {TRACE}",
        "厂家 见包装", "单价 ￥19.90 ￥19.90", "批号 K2603 效期 2028-06-30", "商品金额 ￥34.90", "订单金额 ￥30.00",
        "日期 2026-11-21 12:00",
    ):  # fmt: skip
        assert expected in said, expected
    first = said[: said.index("布洛芬")]
    assert "批号 见包装" in first, "a 20-digit code names no lot, and none is guessed"


def test_the_outer_part_says_whose_it_is_and_nothing_of_what_it_is(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    picked(hub, work, lookup)
    document = newest(work, SlipKind.CUSTOMER)
    said = outer(document)
    assert "美团 #1" in said and "取货码 8361" in said
    for hidden in ("阿莫西林", "布洛芬", "药", "处方", "张", "138", "感冒", "￥", TRACE, "店"):
        assert hidden not in said, hidden
    assert set(on_paper(document).codes) == {"YO000000000001"}, "the opaque code, as bars and QR"
    open_look = SlipTemplates(customer=SlipTemplate(discreet=False))
    told = outer(document_of(work, as_kind(work, SlipKind.CUSTOMER), open_look))
    assert "张**" in told and "感冒药放门口" in told and "阿莫西林" not in told


def test_a_completed_pick_wants_one_customers_copy_and_a_stopped_order_none(
    hub: Hub, work: WorkFile, lookup: Lookup
) -> None:
    picked(hub, work, lookup)
    work.write(lambda tx: steps.complete(tx, "o1", TWO_PRODUCTS))
    assert kinds(work) == [SlipKind.PICKING, SlipKind.CUSTOMER]
    hub.tell(OrderCancelled("o1", "customer", False))
    (copy,) = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.CUSTOMER))
    assert copy.state is SlipState.WITHDRAWN


def refunded(state: RefundState, *, full: bool = False) -> RefundChanged:
    lines = () if full else (RefundLine(1, units(1)),)
    return RefundChanged(Refund("r1", "o1", full, state, 700, NOON, lines), {} if full else {1: units(1)})


def test_a_granted_refund_wants_one_slip_that_says_what_and_why(hub: Hub, work: WorkFile) -> None:
    why = Personal("o1", refund_reason("r1"), msgspec.Raw(msgspec.json.encode(Words("拍错了，打13812345678"))))
    hub.tell(OrderPlaced(order("o1", line(1, count=2), line(2, IBUPROFEN))))
    hub.tell(RefundChanged(Refund("r1", "o1", False, RefundState.ASKED, 700, NOON)), personal=(why,))
    assert SlipKind.REFUND not in kinds(work)
    hub.tell(refunded(RefundState.AGREED), refunded(RefundState.PAID), refunded(RefundState.AGREED))
    assert kinds(work).count(SlipKind.REFUND) == 1
    said = words(*newest(work, SlipKind.REFUND).blocks)
    for expected in ("部分退款", "阿莫西林胶囊 ×1盒", "退款金额 ￥7.00", "原因：拍错了，打138****5678", "还没有拣货"):
        assert expected in said, expected
    assert "布洛芬" not in said


def test_a_refund_of_goods_that_left_puts_nothing_back(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    picked(hub, work, lookup)
    work.write(lambda tx: steps.hand_over(tx, "o1", TWO_PRODUCTS))
    hub.tell(refunded(RefundState.AGREED, full=True))
    said = words(*newest(work, SlipKind.REFUND).blocks)
    assert "整单退款" in said and "不得上架再售" in said and "放回货架" not in said


def test_goods_that_were_begun_with_go_back(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2))))
    pick(work, lookup, TRACE.encode())
    hub.tell(refunded(RefundState.AGREED))
    assert "请放回货架" in words(*newest(work, SlipKind.REFUND).blocks)


def test_the_shift_report_counts_from_the_last_one(
    hub: Hub, work: WorkFile, lookup: Lookup, clock: VirtualClock
) -> None:
    picked(hub, work, lookup)
    hub.tell(OrderPlaced(order("o2")), refunded(RefundState.AGREED))
    work.write(lambda tx: judging.scan(tx, b"812", judging.PAGE, lookup, order_id="o1"))
    clock.advance(HOUR)
    slip_id = work.write(want_shift_report)
    slip = work.read(lambda reading: slips.get(reading, slip_id))
    assert slip.order_id == ""
    said = words(*document_of(work, slip).blocks)
    for expected in (
        "从 2026-11-21 00:00",
        "美团 2 单 ￥60.00",
        "已拣货 1 ￥30.00",
        "同意退款 1 笔 ￥-7.00",
        "其中被拒 1",
    ):
        assert expected in said, (expected, said)
    clock.advance(HOUR)
    again_id = work.write(want_shift_report)
    again = work.read(lambda reading: slips.get(reading, again_id))
    said = words(*document_of(work, again).blocks)
    assert "没有新订单" in said and again.subject.startswith(slip.subject.partition("-")[2])


def test_a_chain_may_choose_what_prints_by_itself(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    hub.tell(SlipTemplatesSet(SlipTemplates(automatic=(SlipKind.PICKING,))))
    picked(hub, work, lookup)
    hub.tell(refunded(RefundState.AGREED, full=True))
    assert kinds(work) == [SlipKind.PICKING]


def test_a_maker_that_was_learnt_later_replaces_no_picking_slip(hub: Hub, work: WorkFile) -> None:
    """Orders that were open while the hub was brought up to date."""
    hub.tell(OrderPlaced(order("o1")))
    slip_id = work.read(lambda reading: slips.of_order(reading, "o1"))[0].slip_id
    revision = work.read(lambda reading: slips.revision_of(reading, "o1"))
    assert work.write(lambda tx: slips.begin_sending(tx, slip_id, "counter", revision))
    hub.tell(OrderChanged(order("o1", line(maker="联邦制药"))))
    assert kinds(work) == [SlipKind.PICKING]
    assert work.read(lambda reading: orders.get(reading, "o1")).lines[0].maker == "联邦制药"
    marked = order("o1", line(maker="联邦制药", prescription=True), insurance=True)
    hub.tell(OrderChanged(marked))
    assert kinds(work) == [SlipKind.PICKING]
    assert work.read(lambda reading: orders.get(reading, "o1")) == marked
    hub.tell(OrderChanged(order("o1", line(count=5))))
    assert kinds(work) == [SlipKind.PICKING] * 2, "the control"


def test_a_new_look_reaches_what_was_not_sent_and_not_what_was(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1")))
    slip = as_kind(work, SlipKind.PICKING)
    before = work.read(lambda reading: slips.revision_of(reading, "o1"))
    hub.tell(SlipTemplatesSet(SlipTemplates(picking=SlipTemplate(header="康宁连锁", without=(Field.QR,)))))
    assert work.read(lambda reading: slips.revision_of(reading, "o1")) > before, "rendered before: not sent"
    said = document_of(work, slip)
    assert isinstance(said.blocks[0], Text) and said.blocks[0].text == "康宁连锁"
    assert on_paper(said).codes == ["YO000000000001"]
