"""What counts as proof that a slip printed, and what does not."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from msgspec.structs import replace

from drivers.errors import PrinterSilent, WaitAbandoned
from drivers.printers import asking, confirming, overdue, patience, remains
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Printer, Use
from drivers.printers.capability import Capabilities
from drivers.printers.status import Blocked
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.serial_door import SerialDoor
from tests.drivers.printers.clones import GS_R, SENSOR, answers_with_paper_status, clone, scripted, well
from tests.drivers.printers.talking import JOB, Confirmation

OWN, FOREIGN = b"s001", b"s002"
SLIP = replace(JOB, id=OWN)
CLEAR = b"\x10\x00\x00\x00"
KNOWN = Capabilities(real_time=True, in_order=True, process_id=True, auto_status=True)


def returned(slip_id: bytes) -> bytes:
    return b"\x37\x22" + slip_id + b"\x00"


def printed(printer: Printer, use: Use = Use.SHARED) -> Evidence:
    with printer.connect(use) as session:
        session.status()
        session.send(SLIP)
        return Confirmation(session, SLIP).result()


def told(address: str, known: Capabilities = KNOWN) -> Printer:
    printer = open_printer(address)
    printer.capabilities = known
    return printer


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives up sooner than in a shop."""
    monkeypatch.setattr(patience, "_MARGIN_S", 0.5 - 3 * patience.longest(JOB))
    monkeypatch.setattr(confirming, "_ID_LATE_S", 0.2)


def answering(*after_slip: bytes) -> AbstractContextManager[str]:
    """A printer in order that says this once it has the slip."""

    def answer(data: bytes) -> list[bytes]:
        return [*well(data), *(after_slip if GS_R in data else ())]

    return scripted(answer)


@pytest.mark.parametrize("use", Use)
def test_the_id_come_back_is_the_strongest_proof(printer: VirtualPrinter, use: Use) -> None:
    assert printed(told(printer.address), use) is Evidence.returned
    assert len(printer.slips) == 1


@pytest.mark.parametrize("use", Use)
def test_without_ids_the_answer_in_its_turn_proves_it(use: Use) -> None:
    with VirtualPrinter(process_id=False) as printer:
        assert printed(told(printer.address, replace(KNOWN, process_id=False)), use) is Evidence.printed


def test_an_id_is_asked_for_only_where_it_is_known_to_come_back() -> None:
    received = bytearray()

    def answer(data: bytes) -> list[bytes]:
        received.extend(data)
        return [*well(data), *([CLEAR, SENSOR] if GS_R in data else ())]

    with scripted(answer) as address:
        assert printed(told(address, replace(KNOWN, process_id=None))) is Evidence.printed
    assert b"\x1d(H" not in received


@pytest.mark.parametrize("stale", [FOREIGN, b"\x20\x20\x20\x20", OWN[:3]])
def test_another_slips_id_proves_nothing(stale: bytes, hasty: None) -> None:
    with answering(CLEAR, returned(stale)) as address, pytest.raises(PrinterSilent):
        printed(told(address))


def test_an_id_that_never_comes_back_is_not_asked_for_again(hasty: None) -> None:
    with answering(CLEAR, SENSOR) as address:
        printer = told(address)
        assert printed(printer) is Evidence.printed
        assert printer.capabilities.process_id is False
        assert printed(printer) is Evidence.printed


def test_an_id_before_its_turn_proves_nothing(hasty: None) -> None:
    """This one answers as it receives: the status asked for before the id comes after it."""
    with answering(returned(OWN), SENSOR, CLEAR) as address, pytest.raises(PrinterSilent):
        printed(told(address))


def test_a_status_nobody_asked_for_is_no_answer(hasty: None) -> None:
    with answering(CLEAR, CLEAR, CLEAR) as address, pytest.raises(PrinterSilent):
        printed(told(address))


def test_the_model_is_the_mark_where_there_is_no_status() -> None:
    known = Capabilities(real_time=True, in_order=True, auto_status=False, model="XP-80")
    with answering(b"\x5fXP-80\x00", SENSOR) as address:
        assert printed(told(address, known)) is Evidence.printed
    with answering(SENSOR, b"\x5fXP-80\x00") as address:
        eager = told(address, known)
        assert printed(eager) is Evidence.sent
        assert eager.capabilities.eager


def test_of_one_that_nobody_probed_it_is_first_seen_that_no_mark_follows() -> None:
    long = replace(JOB, height_mm=200)  # no printer needs less than 0.4 s for it, none more than 3.3 s
    with clone(answers_with_paper_status(b"\x12"), slip_takes=0.5) as (address, _):
        unknown = open_printer(address)
        with unknown.connect() as session:
            for seconds in (patience.longest(long), 0.5):
                session.status()
                began = time.monotonic()
                session.send(long)
                assert Confirmation(session, long).result() is Evidence.printed
                assert time.monotonic() - began >= seconds
            assert time.monotonic() - began < patience.longest(long)
        assert unknown.capabilities.in_order and unknown.capabilities.auto_status is False


def test_a_printer_that_cannot_prove_anything_has_taken_the_slip() -> None:
    known = Capabilities(real_time=True, in_order=False, auto_status=False)
    with answering() as address:
        assert printed(told(address, known)) is Evidence.sent


def test_a_printer_thought_unable_to_prove_is_believed_when_it_does() -> None:
    known = Capabilities(real_time=True, in_order=False, auto_status=True)
    with answering(CLEAR, SENSOR) as address:
        printer = told(address, known)
        assert printed(printer) is Evidence.printed
        assert printer.capabilities.in_order


def test_one_that_is_well_and_says_nothing_is_thought_unable_from_then_on(hasty: None) -> None:
    with answering() as address:
        printer = told(address, Capabilities())
        with pytest.raises(PrinterSilent):
            printed(printer)
        assert printed(printer) is Evidence.sent


@pytest.mark.parametrize("known", [KNOWN, replace(KNOWN, process_id=False), Capabilities()])
def test_a_printer_that_forgot_the_slip_proves_nothing_by_being_well(known: Capabilities, hasty: None) -> None:
    """Its power went and came back; the connection did not notice. Nothing but an answer to our question counts."""
    with answering() as address, pytest.raises(PrinterSilent):
        printed(told(address, known))


def test_an_answer_in_its_turn_proves_nothing_while_nobody_says_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "_SILENCE_S", 0.2)
    monkeypatch.setattr(asking, "_ANSWER_S", 0.2)
    has_slip = threading.Event()

    def answer(data: bytes) -> list[bytes]:
        if GS_R in data:
            has_slip.set()
            return [CLEAR, SENSOR]
        return [] if has_slip.is_set() else well(data)

    with scripted(answer) as address, pytest.raises(PrinterSilent):
        printed(told(address, replace(KNOWN, process_id=False)))


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("process_id", [True, False])
def test_what_an_earlier_slip_still_answers_proves_nothing(process_id: bool, use: Use) -> None:
    """The program ends in the middle of a slip; on a serial line its answers come to whoever is there by then."""
    known = replace(KNOWN, process_id=process_id)
    with VirtualPrinter(process_id=process_id, speed=JOB.height_mm, door=SerialDoor()) as printer:
        printer.fault("paper_out")
        with told(printer.address, known).connect(Use.SHARED) as session:
            session.send(replace(JOB, id=FOREIGN))
            before = Confirmation(session)
            before.wait_for_status(Blocked.paper_out)
            before.stop.set()
            with pytest.raises(WaitAbandoned):
                before.result()
        printer.fault(None)
        again = told(printer.address, known)
        assert printed(again, use) is (Evidence.returned if process_id else Evidence.printed)
        assert len(printer.slips) == 2, "the second was called printed when the first came out"
        assert again.capabilities.process_id is process_id


def test_a_printer_still_at_an_earlier_slip_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "_ANSWER_S", 0.2)
    with VirtualPrinter(speed=JOB.height_mm / 3) as printer:
        with told(printer.address).connect() as session:
            session.send(SLIP)
        later = told(printer.address)
        with later.connect() as session:
            assert session.status().blocked is Blocked.busy
        printer.wait_for_slips(1)
        with later.connect() as session:
            assert session.status().blocked is None


def test_one_that_never_answers_for_an_earlier_slip_is_waited_for_no_longer_than_it_is_worth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overdue, "_ANSWER_S", 0.1)
    monkeypatch.setattr(remains, "_PATIENCE_S", 0.3)
    with scripted(well, heard_out=False) as address:
        printer = told(address)
        until = time.monotonic() + 60
        while True:
            with printer.connect() as session:
                if session.status().blocked is None:
                    break
            assert time.monotonic() < until


def test_nothing_stays_set_on_a_shared_printer() -> None:
    sent = bytearray()

    def answer(data: bytes) -> list[bytes]:
        sent.extend(data)
        return [*well(data), *([CLEAR, returned(OWN), SENSOR] if GS_R in data else ())]

    with scripted(answer) as address:
        printed(told(address), Use.SHARED)
    assert sent.rindex(b"\x1da\x00") > sent.rindex(b"\x1da\xff") > sent.rindex(b"\x1b@\x1c&")
    assert sent.endswith(GS_R)
