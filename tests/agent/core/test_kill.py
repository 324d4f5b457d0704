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
from tests.agent.core.test_printing import running, slip, until


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@contextmanager
def reopened(work: WorkFile) -> Iterator[WorkFile]:
    with WorkFile(work.path, master_key=MASTER_KEY, clock=VirtualClock()) as file:
        yield file


def die_at(step: str, work: WorkFile, printer: VirtualPrinter) -> None:
    """Runs the printer's thread in a process of its own until that step, and kills it there."""
    command = [sys.executable, "-m", "tests.agent.core.dying", str(work.path), printer.address, step]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "HERE\n"
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("step", "found", "on_paper"),
    [
        ("asking", SlipState.ACCEPTED, 0),
        ("before sending", SlipState.UNKNOWN, 0),
        ("after sending", SlipState.UNKNOWN, 1),
        ("confirming", SlipState.UNKNOWN, 1),
        ("confirmed", SlipState.UNKNOWN, 1),
    ],
)
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
    assert sum(paper.codes[0] == "YO000000000001" for paper in printer.slips) == 1
