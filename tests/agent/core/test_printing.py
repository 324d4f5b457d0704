"""The printer's thread against a real socket: held while blocked, printed on the printer's word, never twice."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from agent import outbox, slips
from agent.config import PrinterSettings
from agent.errors import DiskFull
from agent.files import WorkFile
from agent.printing.delivery import attempt_id
from agent.printing.holding import Holding
from agent.printing.standing import Standing
from agent.printing.taking import Taking
from agent.printing.worker import PrinterWorker
from agent.slips import Slip
from agent.transactions import Reading
from domain.events import OrderAdvanced, OrderCancelled, OrderChanged, OrderPlaced, StoreConfigured
from domain.operations import SlipChanged, decode_body
from domain.orders import AcceptRule, OrderState
from domain.slips import Evidence, SlipKind, SlipState
from domain.times import HOUR, MINUTE
from drivers.printers import escpos
from drivers.printers.addresses import open_printer
from drivers.printers.base import Job, Session
from drivers.printers.capability import Capabilities, Font
from drivers.printers.document import Code128, Document, Paper
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import QrRow
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import NOON, Hub, line, order
from tests.ports import free_port
from tests.waiting import until


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@contextmanager
def team(work: WorkFile, *printers: PrinterSettings) -> Iterator[list[PrinterWorker]]:
    """As the service runs them: one standing, one holding."""
    standing = Standing()
    workers = [PrinterWorker(each, open_printer(each.address), work, standing) for each in printers]
    running: list[Holding | PrinterWorker] = [Holding(work, standing), *workers]
    for each in running:
        each.start()
    try:
        yield workers
    finally:
        for each in running:
            each.stop()


@contextmanager
def running(work: WorkFile, printer: VirtualPrinter, name: str = "counter") -> Iterator[PrinterWorker]:
    with team(work, PrinterSettings(name, printer.address)) as (worker,):
        yield worker


def slip(work: WorkFile, order_id: str = "o1", kind: SlipKind = SlipKind.PICKING) -> Slip:
    return work.read(lambda reading: slips.of_order(reading, order_id, kind))[-1]


def printed(work: WorkFile, order_id: str) -> bool:
    return slip(work, order_id).state is SlipState.PRINTED


def reported(work: WorkFile) -> list[tuple[SlipState, str]]:
    bodies = [decode_body(each) for each in work.read(outbox.pending) if each.kind == SlipChanged.kind]
    return [(body.state, body.cause) for body in bodies if isinstance(body, SlipChanged)]


def test_from_event_to_paper(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    with running(work, printer) as worker:
        hub.tell(OrderPlaced(order("o12")))
        (paper,) = printer.wait_for_slips(1)
        until(lambda: slip(work, "o12").state is SlipState.PRINTED)
        until(lambda: worker.view.last_slip == slip(work, "o12").slip_id)
        assert worker.view.state == "ready"
    assert "美团 #12" in paper.text and "YO000000000012" in paper.codes
    assert slip(work, "o12").evidence is Evidence.IN_ORDER_REPLY
    assert reported(work) == [(SlipState.PRINTED, "")]
    states = work.read(lambda reading: [row["state"] for row in reading.db.execute("SELECT state FROM slip_changes")])
    assert states == ["accepted", "sending", "confirming", "printed"]


def test_a_printer_prints_with_what_a_person_saw_of_it(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    """朮 is not in GB2312: its line is drawn, and so is the code."""
    settings = PrinterSettings("counter", printer.address, font=Font.GB2312, qr="drawn")
    with team(work, settings):
        hub.tell(OrderPlaced(order("o13", line(name="苍朮"))))
        (paper,) = printer.wait_for_slips(1)
    assert "朮" not in paper.text
    assert paper.pictures
    assert not [row for row in paper.rows if isinstance(row, QrRow)]


def test_many_orders_come_out_in_order_and_once(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    with running(work, printer):
        hub.tell(*(OrderPlaced(order(f"o{n}")) for n in range(1, 16)))
        papers = printer.wait_for_slips(15)
        until(lambda: not work.read(slips.waiting))
    assert [paper.codes[0] for paper in papers] == [f"YO{n:012d}" for n in range(1, 16)]
    assert len(printer.slips) == 15


def test_held_while_out_of_paper_and_printed_once_after(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with running(work, printer) as worker:
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).state is SlipState.HELD)
        assert slip(work).cause == worker.view.cause == "paper_out"  # shown before it is held
        time.sleep(0.5)
        assert printer.slips == []
        printer.fault(None)
        printer.wait_for_slips(1)
        until(lambda: slip(work).state is SlipState.PRINTED)
        assert worker.view.state == "ready"
    assert reported(work) == [(SlipState.HELD, "paper_out"), (SlipState.PRINTED, "")], "held is told once"
    assert len(printer.slips) == 1


def test_every_slip_behind_an_empty_roll_is_held(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with running(work, printer):
        hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")))
        until(lambda: slip(work).state is slip(work, "o2").state is SlipState.HELD)
        printer.fault(None)
        printer.wait_for_slips(2)
        until(lambda: printed(work, "o1") and printed(work, "o2"))


def test_a_held_slip_of_a_cancelled_order_never_prints(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    printer.fault("cover_open")
    with running(work, printer):
        hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
        until(lambda: slip(work).state is SlipState.HELD)
        hub.tell(OrderCancelled("o1", "customer", False))
        printer.fault(None)
        printer.wait_for_slips(1)
        until(lambda: slip(work, "o2").state is SlipState.PRINTED)
    assert slip(work).state is SlipState.WITHDRAWN
    assert [paper.codes[0] for paper in printer.slips] == ["YO000000000002"]


def test_paper_ends_in_the_middle(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    with running(work, printer) as worker:
        printer.fault("paper_out", after_lines=3)
        hub.tell(OrderPlaced(order()))
        until(lambda: worker.view.cause == "paper_out")
        assert slip(work).state is SlipState.CONFIRMING
        hub.tell(OrderCancelled("o1", "customer", False))
        printer.fault(None)
        printer.wait_for_slips(2)
        until(lambda: slip(work, kind=SlipKind.STOP).state is SlipState.PRINTED)
    assert slip(work).state is SlipState.PRINTED
    assert "停止拣货" in printer.slips[1].text


def test_a_lost_connection_leaves_it_unknown_until_a_person_looks(
    hub: Hub, work: WorkFile, printer: VirtualPrinter
) -> None:
    with running(work, printer) as worker:
        printer.fault("paper_out", after_lines=3)
        hub.tell(OrderPlaced(order()))
        until(lambda: worker.view.cause == "paper_out")
        printer.drop_connections()
        until(lambda: slip(work).state is SlipState.UNKNOWN)
        printer.fault(None)
        printer.wait_for_slips(1)
        time.sleep(0.3)
        assert len(printer.slips) == 1, "never again by itself"
        (doubtful,) = work.read(lambda reading: slips.of_order(reading, "o1"))
        work.write(lambda tx: slips.resolve(tx, doubtful.slip_id, printed=False))
        printer.wait_for_slips(2)
        until(lambda: slip(work).state is SlipState.PRINTED)


def test_an_unreachable_printer_is_waited_for(hub: Hub, work: WorkFile) -> None:
    port = free_port()
    with team(work, PrinterSettings("counter", f"tcp://127.0.0.1:{port}")) as (worker,):
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).state is SlipState.HELD)
        assert slip(work).cause == "unreachable" and worker.view.state == "blocked"
        with VirtualPrinter(port=port) as printer:
            printer.wait_for_slips(1)
            until(lambda: slip(work).state is SlipState.PRINTED)


def test_a_booked_order_is_woken_by_its_time(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, clock: VirtualClock
) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.HUB, 40 * MINUTE))
    hub.tell(OrderPlaced(order(booked=True, promised_at=NOON + HOUR)))
    clock.advance(20 * MINUTE - 150)
    with running(work, printer):
        threading.Timer(0.1, clock.advance, [150]).start()
        printer.wait_for_slips(1)
        until(lambda: slip(work).state is SlipState.PRINTED)


def test_an_order_that_changes_between_rendering_and_sending_is_rendered_anew(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    waiting = slip(work)
    hub.tell(OrderChanged(order("o1", line(count=2))))
    begin = work.write(lambda tx: slips.begin_sending(tx, waiting.slip_id, "counter", 1))
    assert not begin and slip(work).state is SlipState.ACCEPTED
    assert work.write(lambda tx: slips.begin_sending(tx, waiting.slip_id, "counter", 2))
    assert not work.write(lambda tx: slips.begin_sending(tx, waiting.slip_id, "kitchen", 2)), "another has it"


def test_two_printers_share_the_work(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    with (
        VirtualPrinter() as other,
        team(work, PrinterSettings("counter", printer.address), PrinterSettings("back room", other.address)),
    ):
        hub.tell(*(OrderPlaced(order(f"o{n}")) for n in range(1, 11)))
        until(lambda: not work.read(slips.waiting))
        until(lambda: len(printer.slips) + len(other.slips) == 10)
        codes = [paper.codes[0] for paper in (*printer.slips, *other.slips)]
    assert sorted(codes) == [f"YO{n:012d}" for n in range(1, 11)]


def test_handed_over_elsewhere_is_not_printed_any_more(hub: Hub, work: WorkFile, printer: VirtualPrinter) -> None:
    hub.tell(OrderPlaced(order()), OrderAdvanced("o1", OrderState.COMPLETED), OrderPlaced(order("o2")))
    with running(work, printer):
        printer.wait_for_slips(1)
    assert printer.slips[0].codes[0] == "YO000000000002"


def test_a_slip_that_expired_keeps_no_printer_awake(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    """Its withdrawal may fail for a while, on a full disk."""
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: slips.want(tx, SlipKind.TEST, expires_at=NOON + MINUTE))
    work.write(lambda tx: slips.withdraw_unsent(tx, slip(work), slips.STOPPED))
    clock.advance(HOUR)
    standing = Standing()
    standing.join(PrinterSettings("counter", "tcp://127.0.0.1:1"), lambda: None)
    found = Taking("counter", work, standing).take()
    assert isinstance(found, float) and found > 1


def test_a_printer_that_is_leaving_begins_no_slip(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would have to give up at once, and somebody would be asked about it."""
    worker = PrinterWorker(PrinterSettings("counter", printer.address), open_printer(printer.address), work, Standing())
    asked = worker._asked

    def leave_then_ask(session: Session) -> bool:
        threading.Thread(target=worker.stop).start()
        until(worker._stopping.is_set)
        return asked(session)

    monkeypatch.setattr(worker, "_asked", leave_then_ask)
    hub.tell(OrderPlaced(order()))
    worker.start()
    worker._thread.join(30)
    assert slip(work).state is SlipState.ACCEPTED
    assert printer.slips == []


class FailsOnce:
    """A disk that is full at the worst moment: between the last byte and the printer's word."""

    def __init__(self, worker: PrinterWorker, monkeypatch: pytest.MonkeyPatch) -> None:
        self._change = worker._delivery._change
        self.failed = False
        monkeypatch.setattr(worker._delivery, "_change", self)

    def __call__(self, slip: Slip, state: SlipState, *, cause: str = "", evidence: Evidence | None = None) -> None:
        if state is SlipState.CONFIRMING and not self.failed:
            self.failed = True
            raise DiskFull("no space left")
        self._change(slip, state, cause=cause, evidence=evidence)


def test_a_full_disk_after_the_first_byte_leaves_it_unknown(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(work, printer) as worker:
        FailsOnce(worker, monkeypatch)
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).state is SlipState.UNKNOWN)
    assert len(printer.wait_for_slips(1)) == 1


def test_a_slip_that_cannot_be_drawn_does_not_keep_the_others_waiting(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a document does to the encoder; once its order reads otherwise it is tried again."""
    poisoned = threading.Event()
    encode = escpos.encode

    def encode_or_fail(document: Document, paper: Paper, capabilities: Capabilities) -> Job:
        if poisoned.is_set() and any(isinstance(block, Code128) and block.data[-1] == "1" for block in document.blocks):
            raise ZeroDivisionError("nobody thought of this")
        return encode(document, paper, capabilities)

    with running(work, printer) as worker:
        until(lambda: worker.view.state == "ready")
        monkeypatch.setattr(escpos, "encode", encode_or_fail)
        poisoned.set()
        hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
        until(lambda: printed(work, "o2"))
        assert (slip(work).state, slip(work).cause) == (SlipState.HELD, "unprintable")
        poisoned.clear()
        hub.tell(OrderChanged(order("o1", line(count=2))))
        until(lambda: printed(work, "o1"))
    assert len(printer.slips) == 2


def test_an_error_nobody_thought_of_is_told_once_and_got_over(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("agent.printing.stumbles._FIRST_S", 0.05)
    broken, failed = threading.Event(), list[Reading]()
    with running(work, printer) as worker:
        until(lambda: worker.view.state == "ready")
        waiting = slips.waiting

        def fail(reading: Reading) -> tuple[slips.Waiting, ...]:
            if broken.is_set():
                failed.append(reading)
                raise ZeroDivisionError("nobody thought of this")
            return waiting(reading)

        monkeypatch.setattr(slips, "waiting", fail)
        broken.set()
        hub.tell(OrderPlaced(order()))
        until(lambda: len(failed) >= 3)
        broken.clear()
        until(lambda: printed(work, "o1"))
    told = [record for record in caplog.records if "counter: going on after an error" in record.getMessage()]
    assert len(told) == 1 and told[0].exc_info is not None


def test_each_sending_has_an_id_of_its_own(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    one = slip(work)
    ids = {
        attempt_id(msgspec.structs.replace(one, number=number, sends=sends))
        for number in (1, 2, 3, 94, 95, 96, 1_000_000)
        for sends in range(1, 20)
    }
    assert len(ids) == 7 * 19
    assert all(len(each) == 4 and all(0x20 <= byte <= 0x7E for byte in each) for each in ids)
