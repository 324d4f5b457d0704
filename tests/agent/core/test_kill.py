"""kill -9 around every step of printing: nothing accepted is lost, nothing in flight is sent again by itself."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent import slips
from agent.apply import apply_page
from agent.files import WorkFile
from agent.recovery import recover
from domain.events import OrderPlaced
from domain.slips import SlipState
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import Hub, order
from tests.agent.core.test_printing import running, slip
from tests.waiting import until


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@contextmanager
def reopened(work: WorkFile) -> Iterator[WorkFile]:
    with WorkFile(work.path, master_key=MASTER_KEY, clock=VirtualClock()) as file:
        yield file


def die_at(step: str, work: WorkFile, printer: VirtualPrinter, out: VirtualPrinter | None = None) -> None:
    """Runs the printer's thread in a process of its own until that step, and kills it there. With `out` the printer is
    that one's backup."""
    command = [sys.executable, "-m", "tests.agent.core.dying", str(work.path), printer.address, step]
    if out is not None:
        command.append(out.address)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "HERE\n"
        finally:
            process.kill()


STEPS = [
    ("asking", SlipState.ACCEPTED, 0),
    ("before sending", SlipState.UNKNOWN, 0),
    ("after sending", SlipState.UNKNOWN, 1),
    ("confirming", SlipState.UNKNOWN, 1),
    ("confirmed", SlipState.UNKNOWN, 1),
]
at_each_step = pytest.mark.parametrize(("step", "found", "on_paper"), STEPS)


@at_each_step
def test_killed(hub: Hub, work: WorkFile, printer: VirtualPrinter, step: str, found: SlipState, on_paper: int) -> None:
    hub.tell(OrderPlaced(order("o1")))
    second = hub.page(OrderPlaced(order("o2")))
    work.close()
    die_at(step, work, printer)
    printer.wait_for_slips(on_paper)
    with reopened(work) as file:
        assert file.write(recover) == (found is SlipState.UNKNOWN)
        assert slip(file).state is found
        with running(file, printer):
            file.write(lambda tx: apply_page(tx, second))
            until(lambda: slip(file, "o2").state is SlipState.PRINTED)
            if found is SlipState.ACCEPTED:
                assert slip(file).state is SlipState.PRINTED
                assert [paper.codes[0] for paper in printer.slips] == ["YO000000000001", "YO000000000002"]
                return
            time.sleep(0.1)
            assert [paper.codes[0] for paper in printer.slips] == ["YO000000000001"] * on_paper + ["YO000000000002"]
            file.write(lambda tx: slips.resolve(tx, slip(file).slip_id, printed=bool(on_paper)))
            until(lambda: slip(file).state is SlipState.PRINTED)
    assert sum("补打" not in paper.text for paper in printer.slips if paper.codes[0] == "YO000000000001") == on_paper


@at_each_step
def test_killed_while_reprinting(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, step: str, found: SlipState, on_paper: int
) -> None:
    """The printed slip stays printed; its reprint is a slip of its own, and so is the next one."""
    hub.tell(OrderPlaced(order("o1")))
    with running(work, printer):
        until(lambda: slip(work).state is SlipState.PRINTED)
    first = slip(work)
    reprint = work.write(lambda tx: slips.reprint(tx, first.slip_id))
    work.close()
    die_at(step, work, printer)
    printer.wait_for_slips(1 + on_paper)
    with reopened(work) as file:
        assert file.write(recover) == (found is SlipState.UNKNOWN)
        again = file.read(lambda reading: slips.get(reading, reprint))
        assert again.state is found
        if found is SlipState.UNKNOWN:
            file.write(lambda tx: slips.resolve(tx, reprint, printed=False))
        with running(file, printer):
            until(lambda: slip(file).state is SlipState.PRINTED)
        states = [(each.copy, each.state) for each in file.read(lambda reading: slips.of_order(reading, "o1"))]
    unmarked = [paper for paper in printer.slips if "补打" not in paper.text]
    assert len(unmarked) == 1 and len(printer.slips) == 2 + on_paper
    assert states[0] == (0, SlipState.PRINTED)
    assert states[1:] == (
        [(1, SlipState.PRINTED)] if found is SlipState.ACCEPTED else [(1, SlipState.WITHDRAWN), (2, SlipState.PRINTED)]
    )


@at_each_step
def test_killed_while_standing_in_for_another(
    hub: Hub, work: WorkFile, printer: VirtualPrinter, step: str, found: SlipState, on_paper: int
) -> None:
    """Its own printer is well again after the restart, and prints only what is proven unsent."""
    hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
    work.close()
    with VirtualPrinter() as counter:
        counter.fault("paper_out")
        die_at(step, work, printer, out=counter)
        printer.wait_for_slips(on_paper)
        counter.fault(None)
        with reopened(work) as file:
            assert file.write(recover) == (found is SlipState.UNKNOWN)
            if found is SlipState.UNKNOWN:
                assert (slip(file).state, slip(file).printer) == (found, "till")
            else:
                assert slip(file).state in slips.UNSENT
            with running(file, counter):
                until(lambda: slip(file, "o2").state is SlipState.PRINTED)
        theirs = [paper.codes[0] for paper in counter.slips]
    assert len(printer.slips) == on_paper
    assert theirs == ["YO000000000001", "YO000000000002"][0 if found is SlipState.ACCEPTED else 1 :]
