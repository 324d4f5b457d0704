"""Several printers over real sockets: who steps in, when, and that nothing is slowed down or printed twice."""

import time
from collections.abc import Iterator
from functools import partial

import pytest

from agent import slips
from agent.config import PrinterSettings
from agent.files import WorkFile
from domain.events import OrderPlaced
from domain.slips import SlipKind, SlipState
from drivers.printers.base import Use
from drivers.virtual.links import Link, TcpDoor
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.hub import Hub, order
from tests.agent.core.test_printing import printed, slip, team
from tests.ports import free_port
from tests.waiting import until

SOON_S = 0.4


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backups come in early."""
    monkeypatch.setattr("agent.printing.standing.BACKUP_AFTER_S", SOON_S)
    monkeypatch.setattr("agent.printing.standing.BUSY_BACKUP_AFTER_S", SOON_S)


@pytest.fixture
def counter() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def till() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


def picking(printer: VirtualPrinter, backup: str | None = "till") -> PrinterSettings:
    return PrinterSettings("counter", printer.address, prints=(SlipKind.PICKING,), backup=backup)


def other(printer: VirtualPrinter) -> PrinterSettings:
    return PrinterSettings("till", printer.address, prints=(SlipKind.CUSTOMER,))


def codes(printer: VirtualPrinter) -> list[str]:
    return [paper.codes[0] for paper in printer.slips]


def test_the_backup_steps_in_and_steps_back(
    hub: Hub, work: WorkFile, counter: VirtualPrinter, till: VirtualPrinter, soon: None
) -> None:
    counter.fault("paper_out")
    with team(work, picking(counter), other(till)) as (first, _):
        hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
        until(lambda: slip(work).state is SlipState.HELD)
        assert slip(work).cause == "paper_out"
        until(lambda: printed(work, "o1") and printed(work, "o2"))
        assert codes(till) == ["YO000000000001", "YO000000000002"]
        assert slip(work).printer == "till"
        counter.fault(None)
        until(lambda: first.view.state == "ready")
        hub.tell(OrderPlaced(order("o3")))
        until(lambda: printed(work, "o3"))
    assert codes(counter) == ["YO000000000003"], "what the backup printed does not come out again"


def test_after_a_while_as_it_ships(hub: Hub, work: WorkFile, counter: VirtualPrinter, till: VirtualPrinter) -> None:
    counter.fault("cover_open")
    with team(work, picking(counter), other(till)):
        began = time.monotonic()
        hub.tell(OrderPlaced(order()))
        until(lambda: printed(work, "o1"))
    assert time.monotonic() - began > 3
    assert len(till.slips) == 1


def test_what_may_lie_on_paper_stays_where_it_is(
    hub: Hub, work: WorkFile, counter: VirtualPrinter, till: VirtualPrinter, soon: None
) -> None:
    counter.fault("paper_out", after_lines=3)
    with team(work, picking(counter), other(till)):
        hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
        until(lambda: printed(work, "o2"))
        time.sleep(2 * SOON_S)
        assert slip(work).state is SlipState.CONFIRMING
        assert codes(till) == ["YO000000000002"], "the next one need not wait for the paper"
        counter.fault(None)
        until(lambda: printed(work, "o1"))
    assert codes(counter) == ["YO000000000001"]


def test_what_comes_while_a_slip_waits_in_the_middle_is_told_why_it_waits(
    hub: Hub, work: WorkFile, counter: VirtualPrinter
) -> None:
    counter.fault("paper_out", after_lines=3)
    with team(work, picking(counter, backup=None)) as (worker,):
        hub.tell(OrderPlaced(order("o1")))
        until(lambda: worker.view.cause == "paper_out")
        hub.tell(OrderPlaced(order("o2")), OrderPlaced(order("o3")))
        until(lambda: slip(work, "o2").cause == slip(work, "o3").cause == "paper_out")
        until(lambda: worker.view.waiting == 2)
        counter.fault(None)
        until(lambda: printed(work, "o3"))
        until(lambda: worker.view.waiting == 0)
    assert codes(counter) == [f"YO{number:012d}" for number in range(1, 4)]


def test_a_paused_printer_takes_nothing_and_its_backup_does(
    hub: Hub, work: WorkFile, counter: VirtualPrinter, till: VirtualPrinter, soon: None
) -> None:
    with team(work, picking(counter), other(till)) as (first, _):
        first.pause(True)
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).state is SlipState.HELD)
        assert slip(work).cause == "paused"
        until(lambda: printed(work, "o1"))
        assert first.view.paused and first.view.state == "ready"
        first.pause(False)
        hub.tell(OrderPlaced(order("o2")))
        until(lambda: printed(work, "o2"))
    assert (codes(till), codes(counter)) == (["YO000000000001"], ["YO000000000002"])


def test_without_a_backup_a_pause_is_waited_for(hub: Hub, work: WorkFile, counter: VirtualPrinter, soon: None) -> None:
    with team(work, picking(counter, backup=None)) as (first,):
        first.pause(True)
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).cause == "paused")
        time.sleep(2 * SOON_S)
        assert counter.slips == []
        first.pause(False)
        until(lambda: printed(work, "o1"))


def test_a_pinned_slip_is_never_printed_elsewhere(
    hub: Hub, work: WorkFile, counter: VirtualPrinter, till: VirtualPrinter, soon: None
) -> None:
    counter.fault("offline")
    with team(work, picking(counter), other(till)):
        hub.tell(OrderPlaced(order()))
        pinned = work.write(lambda tx: slips.want(tx, SlipKind.PICKING, "o1", subject="again", pinned="counter"))
        until(lambda: len(till.slips) == 1)
        time.sleep(2 * SOON_S)
        assert work.read(lambda reading: slips.get(reading, pinned)).cause == "offline"
        counter.fault(None)
        until(lambda: work.read(lambda reading: slips.get(reading, pinned)).state is SlipState.PRINTED)
    assert (len(counter.slips), len(till.slips)) == (1, 1)


def test_a_kind_that_nobody_prints_says_so(hub: Hub, work: WorkFile, till: VirtualPrinter) -> None:
    with team(work, other(till)):
        hub.tell(OrderPlaced(order()))
        until(lambda: slip(work).state is SlipState.HELD)
    assert slip(work).cause == "no_printer"
    assert till.slips == []


def test_two_dead_printers_neither_slow_a_healthy_one_nor_hold_its_slips(
    hub: Hub, work: WorkFile, counter: VirtualPrinter
) -> None:
    refuses = f"tcp://127.0.0.1:{free_port()}"
    with VirtualPrinter() as mute:
        mute.fault("paper_out")
        printers = (
            PrinterSettings("refuses", refuses),
            PrinterSettings("empty", mute.address),
            PrinterSettings("counter", counter.address),
        )
        with team(work, *printers) as (one, two, three):
            until(lambda: one.view.state == two.view.state == "blocked" and three.view.state == "ready")
            waits = []
            for number in range(1, 11):
                began = time.monotonic()
                hub.tell(OrderPlaced(order(f"o{number}")))
                until(partial(printed, work, f"o{number}"))
                waits.append(time.monotonic() - began)
    assert len(counter.slips) == 10
    assert sorted(waits)[5] < 2
    held = work.read(
        lambda reading: reading.db.execute("SELECT count(*) FROM slip_changes WHERE state = 'held'").fetchone()[0]
    )
    assert held == 0


def test_a_printer_of_ours_tells_a_fault_at_once(hub: Hub, work: WorkFile, counter: VirtualPrinter) -> None:
    with team(work, PrinterSettings("counter", counter.address, use=Use.OURS)) as (worker,):
        hub.tell(OrderPlaced(order("o1")))
        until(lambda: printed(work, "o1"))
        counter.fault("paper_out")
        until(lambda: worker.view.cause == "paper_out")
        hub.tell(OrderPlaced(order("o2")))
        until(lambda: slip(work, "o2").state is SlipState.HELD)
        counter.fault(None)
        until(lambda: printed(work, "o2"))
    assert len(counter.slips) == 2


class CountingDoor(TcpDoor):
    admitted = 0

    def admit(self) -> Link | None:
        link = super().admit()
        self.admitted += link is not None
        return link

    def has_admitted(self, count: int) -> bool:
        return self.admitted >= count


def test_a_printer_of_ours_that_was_cut_off_is_found_again(hub: Hub, work: WorkFile) -> None:
    door = CountingDoor("127.0.0.1", 0)
    with (
        VirtualPrinter(door=door) as counter,
        team(work, PrinterSettings("counter", counter.address, use=Use.OURS)) as (worker,),
    ):
        until(lambda: worker.view.state == "ready")
        for number in range(1, 4):
            before = door.admitted
            counter.drop_connections()
            until(partial(door.has_admitted, before + 1))  # a slip sent into the cut itself is of unknown fate
            hub.tell(OrderPlaced(order(f"o{number}")))
            until(partial(printed, work, f"o{number}"))
    assert codes(counter) == [f"YO{number:012d}" for number in range(1, 4)]
