"""What every way to a printer promises, by the same tests for all (design.md §7)."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import pytest
from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Job, Printer
from drivers.printers.document import PAPER_80, Document, Text
from drivers.printers.escpos import encode
from drivers.printers.status import Blocked
from drivers.printers.transports.queue import QueuePrinter
from drivers.printers.transports.usb import open_usb
from drivers.printers.transports.wired import WiredPrinter
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.serial_door import SerialDoor
from tests.drivers.printers.talking import JOB, Confirmation
from tests.drivers.printers.transports.soft_queue import SoftQueue
from tests.drivers.printers.transports.soft_usb import SoftDevice, SoftUsb

SLIP = replace(JOB, id=b"AB12")
ROWS, ROW_BYTES = 850, 72
SMALL_BUFFER, SLOW = 4096, 60_000


@dataclass
class Bench:
    """One way, from the driver to paper. `fail` sets or mends a fault; `lose` is the cable pulled, or the service
    killed."""

    open: Callable[[], Printer]
    paper: VirtualPrinter
    evidence: Evidence
    fail: Callable[[bool], None]
    lose: Callable[[], None]
    stall: Callable[[], None]
    """From the first line on nothing comes out any more."""
    restore: Callable[[], None] = lambda: None


@contextmanager
def tcp() -> Iterator[Bench]:
    with VirtualPrinter(buffer=SMALL_BUFFER, slow=SLOW) as paper:
        yield bench(partial(open_printer, paper.address), paper)


@contextmanager
def serial_line() -> Iterator[Bench]:
    with VirtualPrinter(buffer=SMALL_BUFFER, slow=SLOW, door=SerialDoor()) as paper:
        yield bench(partial(open_printer, paper.address), paper)


@contextmanager
def device_node() -> Iterator[Bench]:
    """A pseudo-terminal in the place of /dev/usb/lp0: it too is written, read, waited for and pulled."""
    with VirtualPrinter(buffer=SMALL_BUFFER, slow=SLOW, door=SerialDoor()) as paper:
        yield bench(partial(open_printer, paper.address.replace("serial://", "file://")), paper)


@contextmanager
def usb() -> Iterator[Bench]:
    with VirtualPrinter(buffer=SMALL_BUFFER, slow=SLOW) as paper:
        device = SoftDevice((paper.host, paper.port))
        wire = partial(open_usb, device.vendor, device.product, device.serial, SoftUsb(device))
        made = bench(lambda: WiredPrinter("usb://0416:5011/X1", wire), paper)
        made.lose = partial(setattr, device, "plugged", False)
        made.restore = partial(setattr, device, "plugged", True)
        yield made


@contextmanager
def system_queue() -> Iterator[Bench]:
    with VirtualPrinter(buffer=SMALL_BUFFER, slow=SLOW) as paper:
        queue = SoftQueue((paper.host, paper.port))
        yield Bench(
            lambda: QueuePrinter("cups://slips", queue),
            paper,
            Evidence.sent,
            fail=lambda fails: queue.set(Blocked.paper_out if fails else None),
            lose=partial(setattr, queue, "is_gone", True),
            stall=partial(setattr, queue, "is_occupied", True),
            restore=partial(setattr, queue, "is_gone", False),
        )
        queue.stop()


def bench(open_it: Callable[[], Printer], paper: VirtualPrinter) -> Bench:
    def fail(fails: bool) -> None:
        paper.fault("paper_out" if fails else None)

    def stall() -> None:
        paper.fault("stalled", after_lines=1)

    return Bench(open_it, paper, Evidence.returned, fail, paper.drop_connections, stall)


WAYS = (tcp, serial_line, device_node, usb, system_queue)


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with request.param() as made:
        yield made


def deliver(printer: Printer, job: Job = SLIP) -> Evidence:
    with printer.connect() as session:
        assert session.status().blocked is None
        session.send(job)
        return Confirmation(session, job).result()


def deliver_soon(printer: Printer) -> Evidence:
    """As the agent does, which looks again until the printer is back."""
    for _ in range(1000):
        with suppress(PrinterUnreachable):
            return deliver(printer)
        time.sleep(0.05)
    raise TimeoutError("the printer did not come back")


def learned(printer: Printer) -> Printer:
    """A printer whose abilities are known, as after it was added."""
    with printer.connect() as session:
        session.probe()
    return printer


def test_a_slip_is_printed_with_the_evidence_this_way_can_give(way: Bench) -> None:
    assert deliver(learned(way.open())) is way.evidence
    (slip,) = way.paper.wait_for_slips(1)
    assert slip.lines == ["第一行", "第二行", "-" * 48, "第四行"]


def test_a_blocked_printer_gets_nothing(way: Bench) -> None:
    way.fail(True)
    printer = way.open()
    with printer.connect() as session:
        assert session.status().blocked is Blocked.paper_out
        with pytest.raises(PrinterBlocked):
            session.send(SLIP)
    way.fail(False)
    assert deliver(printer) in (way.evidence, Evidence.printed)
    assert len(way.paper.wait_for_slips(1)) == 1


def test_lost_before_the_first_byte_proves_that_nothing_was_sent(way: Bench) -> None:
    with way.open().connect() as session:
        session.status()
        way.lose()
        with pytest.raises(PrinterUnreachable):
            for _ in range(20):
                session.status()


def test_lost_after_the_first_byte_leaves_the_fate_unknown(way: Bench) -> None:
    printer = learned(way.open())
    with printer.connect() as session:
        session.status()
        way.stall()
        session.send(SLIP)
        confirmation = Confirmation(session, SLIP)
        confirmation.stop.wait(0.3)
        way.lose()
        with pytest.raises(ConnectionLost) as lost:
            confirmation.result()
        assert not lost.value.retryable


def test_it_is_used_again_after_it_was_lost(way: Bench) -> None:
    printer = learned(way.open())
    with printer.connect() as session:
        session.status()
        way.lose()
        with pytest.raises(PrinterUnreachable):
            for _ in range(20):
                session.status()
    way.restore()
    assert deliver_soon(printer) is way.evidence
    assert len(way.paper.wait_for_slips(1)) == 1


def test_it_lets_go_after_each_slip(way: Bench) -> None:
    """Another one may have it at once: nothing is left open, locked or claimed."""
    for _ in range(3):
        deliver(way.open())
    assert len(way.paper.wait_for_slips(3)) == 3


def test_two_at_once_do_not_mix(way: Bench) -> None:
    words = [f"{letter}{n:02}" for letter in "AB" for n in range(5)]
    jobs = {word: encode(Document(tuple(Text(f"{word} line {i}") for i in range(30))), PAPER_80) for word in words}
    failures: list[BaseException] = []

    def print_some(letter: str) -> None:
        try:
            printer = way.open()
            for word in words:
                if word.startswith(letter):
                    deliver(printer, jobs[word])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=print_some, args=(letter,)) for letter in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    slips = way.paper.wait_for_slips(len(words))
    assert sorted(slip.lines[0].split()[0] for slip in slips) == words
    for slip in slips:
        assert len({line.split()[0] for line in slip.lines}) == 1
        assert len(slip.lines) == 30


def test_a_big_slip_passes_a_small_buffer_and_a_slow_reader(way: Bench) -> None:
    """Some 60 kB, and every dot arrives."""
    dots = os.urandom(ROWS * ROW_BYTES).replace(b"\x10", b"\x00")
    raster = b"\x1dv0\x00" + ROW_BYTES.to_bytes(2, "little") + ROWS.to_bytes(2, "little") + dots
    job = Job(b"\x1b@\x1c&" + raster + b"\x1dV\x42\x00\x1b@\x1c&", ROWS / 8 + 15, id=b"BIG1")
    way.paper.fault("slow_drain")
    assert deliver(learned(way.open()), job) is way.evidence
    (slip,) = way.paper.wait_for_slips(1)
    assert b"".join(picture.bits for picture in slip.pictures) == dots
