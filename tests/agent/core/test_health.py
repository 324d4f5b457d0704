"""How the store is: each rule by itself, and that the worst one wins."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import health, store
from agent.board import Card
from agent.config import Language, VoicePlayer
from agent.engine import sqlite3
from agent.errors import DataDamaged, DiskFull, NotFound, StorageError
from agent.files import WorkFile
from agent.health import MOST_UNACCEPTED, MOST_UNBEGUN, Health, Seen
from agent.line import LineState, LineView
from agent.outages import OutageView
from agent.pages.words import Words
from agent.picking.steps import start
from agent.slips import Slip
from agent.state import DeviceView, OutboxView, StateView
from agent.stopped_logs import Stopped
from agent.transactions import Transaction
from agent.tray_view import Sound, TrayView, tray_view
from agent.voice.voice import VoiceView
from domain.orders import AcceptRule, OrderState, RiderState
from domain.picks import PickState
from domain.quantity import units
from domain.slips import SlipKind, SlipState
from domain.thresholds import MOST_UNSENT
from domain.times import HOUR, MINUTE, SECOND
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.hub import NOON

STOPPED = Stopped("catalogue", 4, "stop_sale.put", 1, "unknown kind: stop_sale.put v1", NOON)
CHINESE, ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)
READY = DeviceView("前台", "tcp://127.0.0.1:9100", "ready", "", NOON)
LASTING = OutageView(LineState.OFFLINE, NOON - HOUR)
BACK = OutageView(LineState.ONLINE, back_at=NOON - MINUTE, away=3 * HOUR)
STATE = StateView(
    version="0.1.0",
    now=NOON,
    store="S1",
    store_name="和平路店",
    accept=AcceptRule.HUB,
    hub="https://hub.example.com",
    line=LineView(LineState.ONLINE, NOON),
    outbox=OutboxView(0, None),
    quarantined=0,
    printers=(READY,),
    scanners=(),
)
CARD = Card(
    order_id="o1",
    channel="meituan",
    channel_name="美团",
    day_number=12,
    shown_id="27063110000012",
    state=OrderState.ACCEPTED,
    rider=RiderState.NONE,
    pick=PickState.ASSIGNED,
    booked=False,
    prescription=False,
    pick_up=False,
    placed_at=NOON,
    accepted_at=NOON,
    started_at=None,
    picker="",
    promised_at=NOON + HOUR,
    rider_at=None,
    urged_at=None,
    print_at=None,
    slip="printed",
    slip_cause="",
    wanted=units(1),
    picked=0,
    short=False,
    unknown_product=False,
    refund_waiting=False,
    exceptions=0,
    problem="",
)
UNSURE = Slip(
    slip_id="s1",
    number=1,
    order_id="o1",
    kind=SlipKind.CUSTOMER,
    issue=1,
    copy=0,
    subject="",
    pinned="",
    state=SlipState.UNKNOWN,
    cause="restart",
    evidence=None,
    printer="前台",
    sends=1,
    told=0,
    due_at=0,
    expires_at=None,
    created_at=NOON,
    changed_at=NOON,
)


def state(**changed: object) -> StateView:
    return msgspec.structs.replace(STATE, **changed)


def card(**changed: object) -> Card:
    return msgspec.structs.replace(CARD, **changed)


def printer(cause: str = "", **changed: object) -> DeviceView:
    made = msgspec.structs.replace(READY, state="blocked" if cause else "ready", cause=cause)
    return msgspec.structs.replace(made, **changed)


def line(line_state: LineState, since: int = NOON, **changed: object) -> LineView:
    return msgspec.structs.replace(LineView(line_state, since), **changed)


SPEAKS = VoiceView(VoicePlayer.SERVICE, True, "", "", None, None)


def shown_by(seen: Seen, words: Words = CHINESE, voice: VoiceView = SPEAKS) -> TrayView:
    return tray_view(seen, (), voice, words)


def judged(seen: Seen) -> tuple[Health, list[str]]:
    found = health.remarks(seen, CHINESE)
    return health.worst(found), [finding.sentence for finding in found]


def test_a_store_at_work_is_well() -> None:
    assert judged(Seen(STATE, (CARD,))) == (Health.WELL, [])
    view = shown_by(Seen(STATE, (CARD,)))
    assert (view.headline, view.lines, view.waiting) == ("一切正常", (), 1)
    assert view.printers[0].words == "前台：正常"
    assert view.line.startswith("已连接总部 · 自 ")


FILE = [
    (StorageError("x"), "数据文件出错"),
    (DiskFull("x"), "磁盘已满"),
]


@pytest.mark.parametrize(("trouble", "said"), FILE)
def test_what_cannot_be_kept_is_down(trouble: StorageError, said: str) -> None:
    how, [sentence] = judged(Seen(STATE, (), trouble))
    assert how is Health.DOWN and said in sentence


def test_a_disk_that_is_nearly_full_is_named_before_it_is() -> None:
    how, [sentence] = judged(Seen(STATE, (), free=90 << 20))
    assert how is Health.LOOK and "只剩 90 MB" in sentence


def test_a_full_disk_is_remembered_until_a_commit_succeeds(work: WorkFile) -> None:
    """SQLite's own limit stands for the disk's end."""

    def write(size: int) -> None:
        work.write(lambda tx: store.put(tx, ballast="x" * size))

    def allow(pages: int) -> None:
        work.write(lambda tx: tx.db.execute(f"PRAGMA max_page_count = {pages}"))

    allow(1)  # no fewer than it has
    with pytest.raises(DiskFull):
        write(1_000_000)
    assert isinstance(work.trouble, DiskFull)
    allow(1_000_000)
    write(1_000_000)
    assert work.trouble is None


def test_a_damage_that_one_job_meets_is_trouble_of_the_file(work: WorkFile) -> None:
    def meets_damage(tx: Transaction) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with pytest.raises(DataDamaged):
        work.write(meets_damage)
    assert isinstance(work.trouble, DataDamaged)


def test_a_clerk_who_may_not_is_no_trouble_of_the_file(work: WorkFile) -> None:
    with pytest.raises(NotFound):
        work.write(lambda tx: start(tx, "o404", TWO_PRODUCTS))
    assert work.trouble is None


STATES = [
    (state(line=line(LineState.UNPAIRED)), Health.DOWN, "配对"),
    (state(line=line(LineState.REVOKED)), Health.DOWN, "停用"),
    (state(line=line(LineState.STRANGER)), Health.DOWN, "不认识"),
    (state(line=line(LineState.OFFLINE), outage=LASTING, outbox=OutboxView(3, NOON)), Health.LOOK, "3 条待上传"),
    (state(line=line(LineState.CONNECTING), outage=LASTING), Health.LOOK, "断开"),
    (state(outage=BACK, outbox=OutboxView(0, None, sent=7)), Health.WELL, "连接已恢复（断开了 3 小时），7 条已补传完"),
    (state(outage=BACK, outbox=OutboxView(2, NOON, sent=5, left=2)), Health.WELL, "已补传 5 条，还剩 2 条"),
    (state(outage=msgspec.structs.replace(BACK, away=MINUTE)), Health.WELL, "连接已恢复（断开了 1 分钟）"),
    (state(outbox=OutboxView(3, NOON - MOST_UNSENT - 1)), Health.LOOK, "传不上去"),
    (state(line=line(LineState.ONLINE, clock_off=-90 * SECOND)), Health.LOOK, "相差 90 秒"),
    (state(quarantined=2), Health.LOOK, "2 条总部消息"),
    (state(undelivered=2), Health.LOOK, "2 条操作"),
    (state(stopped=(STOPPED,)), Health.DOWN, "马上升级"),
    (state(printers=()), Health.LOOK, "没有设置打印机"),
    (state(printers=(printer("paper_out"),)), Health.DOWN, "打印机 前台 不能打印：缺纸"),
    (state(printers=(printer(paper_near_end=True),)), Health.LOOK, "纸快用完"),
    (state(scanners=(msgspec.structs.replace(READY, state="blocked"),)), Health.LOOK, "扫码枪"),
]


@pytest.mark.parametrize(("seen", "how", "said"), STATES)
def test_what_the_state_says(seen: StateView, how: Health, said: str) -> None:
    found, [sentence] = judged(Seen(seen, ()))
    assert found is how and said in sentence


WELL = [
    state(line=line(LineState.OFFLINE)),
    state(line=line(LineState.CONNECTING)),
    state(line=line(LineState.ONLINE, clock_off=20 * SECOND)),
    state(outbox=OutboxView(3, NOON - MINUTE)),
    state(printers=(printer("busy"),)),
    state(printers=(printer(state="unknown"),)),
    state(scanners=(msgspec.structs.replace(READY, state="unknown"),)),
]


@pytest.mark.parametrize("seen", WELL)
def test_what_passes_by_itself_calls_nobody(seen: StateView) -> None:
    assert judged(Seen(seen, ())) == (Health.WELL, [])


def test_one_printer_that_prints_keeps_the_store_up() -> None:
    both = (printer("paper_out"), printer("unreachable", name="后台"))
    assert judged(Seen(state(printers=both), ()))[0] is Health.DOWN
    assert judged(Seen(state(printers=(both[0], named("后台"))), ()))[0] is Health.LOOK


def named(name: str, **changed: object) -> DeviceView:
    return msgspec.structs.replace(READY, name=name, **changed)


OUT = [
    ((printer("paper_out", backup="后台"), named("后台", prints=(SlipKind.CUSTOMER,))), Health.LOOK, "由 后台 代打"),
    (
        (printer("paper_out", prints=(SlipKind.PICKING,)), named("后台", prints=(SlipKind.CUSTOMER,))),
        Health.DOWN,
        "缺纸",
    ),
    ((printer("paper_out", prints=(SlipKind.SHIFT,)), named("后台", prints=(SlipKind.PICKING,))), Health.LOOK, "缺纸"),
    ((printer("paper_out", backup="后台"), named("后台", paused=True)), Health.DOWN, "装一卷新纸"),
]


@pytest.mark.parametrize(("printers", "how", "said"), OUT)
def test_who_stands_in_for_a_printer_that_is_out(printers: tuple[DeviceView, ...], how: Health, said: str) -> None:
    found = health.remarks(Seen(state(printers=printers), ()), CHINESE)
    assert found[0].health is how and said in found[0].sentence


def test_a_paused_printer_is_something_to_look_at() -> None:
    paused = printer("paper_out", paused=True, waiting=2)
    assert judged(Seen(state(printers=(paused,)), ())) == (Health.LOOK, ["打印机 前台 已暂停，2 张小票在等"])
    assert shown_by(Seen(state(printers=(paused,)), ())).printers[0].words == "前台：已暂停 · 不能打印 · 缺纸"


CARDS = [
    (card(rider=RiderState.AT_STORE), "骑手已到店"),
    (card(refund_waiting=True), "退款"),
    (card(urged_at=NOON), "催单"),
    (card(unsure=UNSURE), "不确定小票是否打印"),
    (card(slip="held", slip_cause="unprintable"), "小票未打印"),
    (card(slip="held", slip_cause="busy"), "小票未打印（被其他程序占用）"),
    (card(slip="held", slip_cause="no_printer"), "小票未打印（没有打印机打印这种小票）"),
    (card(exceptions=1), "异常"),
    (card(problem="平台拒绝"), "有问题"),
    (card(promised_at=NOON - 1), "已过送达时间"),
    (card(placed_at=NOON - HOUR, accepted_at=NOON - MOST_UNBEGUN - 1), "还没有拣货"),
]


@pytest.mark.parametrize(("seen", "said"), CARDS)
def test_what_an_order_waits_for(seen: Card, said: str) -> None:
    how, [sentence] = judged(Seen(STATE, (seen,)))
    assert how is Health.LOOK and sentence.startswith("美团 #12：") and said in sentence


QUIET = [
    card(booked=True, placed_at=NOON - HOUR, accepted_at=NOON - HOUR),
    card(started_at=NOON, pick=PickState.PICKING, accepted_at=NOON - HOUR, urged_at=NOON),
    card(state=OrderState.CANCELLED, rider=RiderState.AT_STORE, slip="held", promised_at=NOON - 1),
    card(state=OrderState.PICKED, started_at=NOON, promised_at=NOON - 1),
    card(state=OrderState.PLACED, accepted_at=None, placed_at=NOON - MOST_UNACCEPTED - 1),
]


@pytest.mark.parametrize("seen", QUIET)
def test_an_order_that_nobody_need_look_at(seen: Card) -> None:
    assert judged(Seen(STATE, (seen,))) == (Health.WELL, [])


def test_only_where_the_clerk_accepts_is_an_order_unaccepted() -> None:
    how, [sentence] = judged(Seen(state(accept=AcceptRule.CLERK), (QUIET[-1],)))
    assert how is Health.LOOK and "还没有接单" in sentence


def test_several_orders_make_one_sentence() -> None:
    cards = tuple(card(day_number=number, refund_waiting=True) for number in (12, 13, 14))
    assert judged(Seen(STATE, cards))[1] == ["美团 #12 等 3 单：顾客申请退款，请答复"]


def test_a_booked_order_waits_for_nobody_before_its_time() -> None:
    cards = (card(), card(booked=True, print_at=NOON + HOUR), card(started_at=NOON))
    assert shown_by(Seen(STATE, cards)).waiting == 1


def test_sound_that_the_settings_do_not_want_is_nothing_to_pause() -> None:
    seen = Seen(STATE, ())
    assert shown_by(seen).sound == Sound(can=True, paused_until=None)
    paused = msgspec.structs.replace(SPEAKS, paused_until=NOON)
    assert shown_by(seen, voice=paused).sound == Sound(can=True, paused_until=NOON)
    assert shown_by(seen, voice=msgspec.structs.replace(SPEAKS, player=VoicePlayer.OFF)).sound is None


def test_why_pairing_by_itself_fails_is_said() -> None:
    how, [_, why] = judged(Seen(state(line=line(LineState.UNPAIRED), enrolling="配对码不对"), ()))
    assert how is Health.DOWN and "配对码不对" in why


PRINTERS = st.lists(st.sampled_from([printer(), printer("paper_out"), printer("busy")]), max_size=3)
PARTS = st.fixed_dictionaries(
    {
        "line": st.sampled_from([line(each) for each in LineState]),
        "printers": st.lists(st.sampled_from([printer(), printer("paper_out"), printer("busy")]), max_size=3).map(
            tuple
        ),
        "quarantined": st.integers(0, 1),
        "undelivered": st.integers(0, 1),
        "stopped": st.sampled_from([(), (STOPPED,)]),
    }
)


@given(PARTS, st.lists(st.sampled_from([seen for seen, _ in CARDS] + QUIET), max_size=3), st.booleans())
def test_the_worst_wins_and_stands_first(parts: dict[str, object], cards: list[Card], full: bool) -> None:
    """Whatever comes together: no finding is lost, the worst is the icon, each language has its sentence."""
    seen = Seen(state(**parts), cards, DiskFull("x") if full else None)
    alone = [
        health.worst(health.remarks(each, CHINESE))
        for each in (
            *(Seen(state(**{name: part}), ()) for name, part in parts.items()),
            *(Seen(STATE, (each,)) for each in cards),
            Seen(STATE, (), seen.trouble),
        )
    ]
    order = [Health.WELL, Health.LOOK, Health.DOWN]
    for words in (CHINESE, ENGLISH):
        view = shown_by(seen, words)
        assert view.health is max(alone, key=order.index)
        found = health.remarks(seen, words)
        assert [finding.health for finding in found] == sorted(
            (finding.health for finding in found), key=order.index, reverse=True
        )
        said = (*(f.sentence for f in found), *(more for f in found for more in f.more))
        assert (view.headline, *view.lines) == (said or (words("health.well"),))
        assert not any("{" in sentence for sentence in (view.headline, *view.lines))
