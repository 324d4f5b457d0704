"""The shift report (交班): what happened since the last one, counted from what this store wrote down."""

from collections.abc import Iterator

import msgspec

from agent import names, store
from agent.documents.frame import bottom, printed, top
from agent.slips import Slip
from agent.transactions import Reading
from domain import money
from domain.money import Fen
from domain.orders import OrderState
from domain.refunds import GRANTED
from domain.rules import Rule as ScanRule
from domain.slips import SlipState
from domain.templates import Field, SlipTemplate, SlipTemplates
from domain.times import CHINA, Millis, shown, to_datetime
from drivers.printers.document import Block, Document, Feed, Pair, Rule, Text

_SLIP_STATES = {
    SlipState.PRINTED: "已打印",
    SlipState.UNKNOWN: "状态未知",
    SlipState.WITHDRAWN: "已撤回",
    SlipState.NOT_PRINTED: "未打印",
    SlipState.HELD: "暂停",
    SlipState.ACCEPTED: "等待打印",
    SlipState.SENDING: "正在打印",
    SlipState.CONFIRMING: "正在打印",
}


class Counted(msgspec.Struct, frozen=True):
    """So many orders of one channel are in this state now, worth so much in sum."""

    channel: str
    state: OrderState
    orders: int
    amount: Fen


class ShiftContent(msgspec.Struct, frozen=True):
    """From `begins_at` on, before `ends_at`. Orders count by when they came, slips and scans by when they were."""

    store_name: str
    begins_at: Millis
    ends_at: Millis
    printed_at: Millis
    orders: tuple[Counted, ...]
    refunds: int
    refunded: Fen
    slips: dict[str, int]
    reprints: int
    scans: int
    refused: int
    template: SlipTemplate = SlipTemplate()
    logo: bytes = b""


def span(begins_at: Millis, ends_at: Millis) -> str:
    """The subject of a shift report's slip."""
    return f"{begins_at}-{ends_at}"


def next_span(reading: Reading) -> tuple[Millis, Millis]:
    """Since the last report, or since this day began in China."""
    row = reading.db.execute("SELECT subject FROM slips WHERE kind = 'shift' ORDER BY number DESC LIMIT 1").fetchone()
    if row is not None:
        return int(row["subject"].partition("-")[2]), reading.now
    today = to_datetime(reading.now).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(today.timestamp() * 1000), reading.now


def gather_shift(reading: Reading, slip: Slip, templates: SlipTemplates) -> ShiftContent:
    template = templates.of(slip.kind)
    begins_at, ends_at = map(int, slip.subject.split("-"))
    within = (begins_at, ends_at)
    refunds = reading.db.execute(
        "SELECT count(*), coalesce(sum(amount), 0) FROM refunds WHERE asked_at >= ? AND asked_at < ?"
        f" AND state IN ({', '.join('?' * len(GRANTED))})",
        (*within, *GRANTED),
    ).fetchone()
    slips = reading.db.execute(
        "SELECT state, count(*), sum(copy > 0) FROM slips WHERE created_at >= ? AND created_at < ? AND slip_id <> ?"
        " GROUP BY state",
        (*within, slip.slip_id),
    ).fetchall()
    scans = reading.db.execute(
        "SELECT count(*), coalesce(sum(rule <> ?), 0) FROM scans WHERE judged_at >= ? AND judged_at < ?",
        (ScanRule.TAKEN, *within),
    ).fetchone()
    return ShiftContent(
        store_name=store.identity(reading).name,
        begins_at=begins_at,
        ends_at=ends_at,
        printed_at=reading.now,
        orders=_orders(reading, begins_at, ends_at),
        refunds=refunds[0],
        refunded=refunds[1],
        slips={row[0]: row[1] for row in slips},
        reprints=sum(row[2] for row in slips),
        scans=scans[0],
        refused=scans[1],
        template=template,
        logo=templates.logo if template.logo else b"",
    )


def _orders(reading: Reading, begins_at: Millis, ends_at: Millis) -> tuple[Counted, ...]:
    rows = reading.db.execute(
        "SELECT channel, state, count(*), sum(total) FROM orders WHERE applied_at >= ? AND applied_at < ?"
        " GROUP BY channel, state ORDER BY channel, state",
        (begins_at, ends_at),
    )
    return tuple(Counted(names.CHANNELS.get(row[0], row[0]), OrderState(row[1]), row[2], row[3]) for row in rows)


def shift_report(content: ShiftContent) -> Document:
    return Document((*_head(content), *_counted(content), *_foot(content)))


def _head(content: ShiftContent) -> Iterator[Block]:
    yield from top(content.template, content.logo)
    yield Text("交班单", width=2, height=2, bold=True, align="center")
    if content.template.shows(Field.STORE):
        yield Text(content.store_name, align="center")
    yield Pair("从", shown(content.begins_at, "%Y-%m-%d %H:%M"))
    yield Pair("到", shown(content.ends_at, "%Y-%m-%d %H:%M"))
    yield Rule("=")


def _counted(content: ShiftContent) -> Iterator[Block]:
    for channel in dict.fromkeys(each.channel for each in content.orders):
        mine = [each for each in content.orders if each.channel == channel]
        count, amount = sum(each.orders for each in mine), sum(each.amount for each in mine)
        yield Pair(f"{channel} {count} 单", _yuan(amount), bold=True)
        for each in mine:
            yield Pair(f"  {names.STATES[each.state]} {each.orders}", _yuan(each.amount))
    if not content.orders:
        yield Text("没有新订单")
    yield Pair(f"同意退款 {content.refunds} 笔", _yuan(-content.refunded))
    yield Rule()
    if content.template.shows(Field.STATES):
        for state, words in _SLIP_STATES.items():
            if content.slips.get(state):
                yield Pair(f"小票 {words}", str(content.slips[state]), bold=state is SlipState.UNKNOWN)
        yield Pair("补打", str(content.reprints))
    if content.template.shows(Field.SCANS):
        yield Pair("扫码", str(content.scans))
        yield Pair("其中被拒", str(content.refused))


def _foot(content: ShiftContent) -> Iterator[Block]:
    yield Rule("=")
    for who in ("交班人", "接班人"):
        yield Pair(who, "____________")
        yield Feed()
    yield from bottom(content.template)
    yield printed(content.printed_at)


def _yuan(amount: Fen) -> str:
    return f"￥{money.shown(amount)}"
