"""Slips of an order that never was, for whoever adjusts templates: everything a slip can show is on them."""

from collections.abc import Callable
from datetime import date

from agent.documents.content import SlipContent, SlipLine
from agent.documents.customer import CustomerContent, customer_copy
from agent.documents.picking import picking_slip
from agent.documents.prescription import PrescribedDrug, PrescriptionContent, prescription_copy
from agent.documents.refund import RefundContent, refund_slip
from agent.documents.shift import Counted, ShiftContent, shift_report
from agent.documents.sold import Batch, SoldLine
from agent.documents.stop import stop_slip
from agent.personal import MaskedPerson, MaskedRecipient, MaskedWords
from agent.stock import Shelf
from domain.lots import Lot
from domain.orders import Order, OrderLine, OrderState, RiderState
from domain.quantity import units
from domain.refunds import Refund, RefundLine, RefundState
from domain.slips import SlipKind, SlipState
from domain.templates import SlipTemplates
from domain.times import HOUR, MINUTE, Millis
from drivers.printers.document import Document

_LINES = (
    OrderLine(1, "1", "1", "阿莫西林胶囊", "0.25g*24粒", "盒", units(2), 1580, maker="示例制药有限公司"),
    OrderLine(2, "2", "2", "布洛芬缓释胶囊", "0.3g*20粒", "盒", units(1), 1990, maker="样品药业股份有限公司"),
    OrderLine(3, "3", "3", "医用口罩", "10只/袋", "袋", units(1), 0, gift=True, maker="示例医疗器械厂"),
)
_SHELVES = (
    Shelf("A-01-3", units(9), Lot("B260101", date(2028, 6, 30), units(9))),
    Shelf("B-02-1", units(4), Lot("K2603", date(2027, 12, 31), units(4))),
    Shelf("C-11"),
)


def sample(kind: SlipKind, templates: SlipTemplates, store_name: str, now: Millis) -> Document:
    """Raises KeyError for the test slip, which no template adjusts."""
    return _SAMPLES[kind](_content(kind, templates, store_name, now))


def _content(kind: SlipKind, templates: SlipTemplates, store_name: str, now: Millis) -> SlipContent:
    template = templates.of(kind)
    order = Order(
        order_id="sample",
        channel="meituan",
        channel_order_id="2706310000000000012",
        shown_id="2706310000000000012",
        day_number=12,
        store="",
        code="YO00000SAMPLE0",
        state=OrderState.ACCEPTED,
        rider=RiderState.NONE,
        placed_at=now - 5 * MINUTE,
        promised_at=now + 40 * MINUTE,
        booked=True,
        prescription=True,
        pick_up=False,
        total=5350,
        lines=_LINES,
        rider_code="8361",
    )
    return SlipContent(
        order=order,
        channel_name="美团",
        store_name=store_name,
        issue=1,
        revision=0,
        printed_at=now,
        person=MaskedRecipient("张三", "13800000000_1234", "放门口，到了打电话，谢谢"),
        lines=tuple(map(SlipLine, _LINES, _SHELVES)),
        template=template,
        logo=templates.logo if template.logo else b"",
    )


def _customer(slip: SlipContent) -> Document:
    first, second, third = _LINES
    sold = (
        SoldLine(
            first,
            units(2),
            (Batch("B260101", date(2028, 6, 30), units(1)), Batch("B260205", date(2028, 8, 31), units(1))),
            ("81012350000000157474", "81012350000000157481"),
        ),
        SoldLine(second, units(1), (Batch("", None, units(1)),), ("83003850000000131888",)),
        SoldLine(third, units(1), (Batch("20260301", date(2029, 3, 1), units(1)),), ()),
    )
    return customer_copy(CustomerContent(slip, sold, slip.printed_at))


def _refund(slip: SlipContent) -> Document:
    refund = Refund("1", "sample", False, RefundState.AGREED, 1580, slip.printed_at, lines=(RefundLine(1, units(1)),))
    return refund_slip(RefundContent(slip, refund, MaskedWords("买多了"), gone=False, begun=True))


def _prescription(slip: SlipContent) -> Document:
    drugs = (PrescribedDrug("阿莫西林胶囊", "0.25g*24粒", units(2), "盒", "口服，一次2粒，一日3次"),)
    return prescription_copy(
        PrescriptionContent(
            slip, drugs, MaskedPerson("张三"), "CF202611220001", "李医生", "王药师", "ZY00012345", slip.printed_at
        )
    )


def _shift(slip: SlipContent) -> Document:
    now = slip.printed_at
    return shift_report(
        ShiftContent(
            store_name=slip.store_name,
            begins_at=now - 8 * HOUR,
            ends_at=now,
            printed_at=now,
            orders=(
                Counted("美团", OrderState.COMPLETED, 41, 187_350),
                Counted("美团", OrderState.CANCELLED, 2, 5_980),
                Counted("小程序", OrderState.HANDED_OVER, 3, 12_700),
            ),
            refunds=1,
            refunded=1580,
            slips={SlipState.PRINTED: 88, SlipState.UNKNOWN: 1},
            reprints=1,
            scans=132,
            refused=4,
            template=slip.template,
            logo=slip.logo,
        )
    )


_SAMPLES: dict[SlipKind, Callable[[SlipContent], Document]] = {
    SlipKind.PICKING: picking_slip,
    SlipKind.CUSTOMER: _customer,
    SlipKind.REFUND: _refund,
    SlipKind.STOP: stop_slip,
    SlipKind.PRESCRIPTION: _prescription,
    SlipKind.SHIFT: _shift,
}
