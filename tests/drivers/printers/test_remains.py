"""A slip that was cut off in the middle of a command must not swallow the head of the next one."""

import threading

import pytest

from drivers.errors import ConnectionLost, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.base import Job, Printer, Use
from drivers.printers.capability import Capabilities
from drivers.printers.document import PAPER_80, Code128, Document, Picture, QrCode, Text
from drivers.printers.escpos import encode
from drivers.printers.probe import probe
from drivers.printers.remains import FILLING
from drivers.virtual.commands import Tokenizer
from drivers.virtual.dialect import DIALECTS
from drivers.virtual.printer import VirtualPrinter

DRAWN = Document((Text("HEAD"), *(Text("䗪虫") for _ in range(8)), Text("TAIL")))
"""Nearly all of it is pictures."""
PLAIN = Document((Text("HEAD"), Text("TAIL")))


def send(printer: Printer, use: Use, job: Job) -> None:
    with printer.connect(use) as session:
        session.status()
        session.send(job)
        session.confirm(job, on_status=lambda _: None, stop=threading.Event())


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("dialect", ["full", "no-process-id", "mute"])
@pytest.mark.parametrize("is_new", [False, True], ids=["same program", "program begun anew"])
def test_the_next_slip_has_its_head(use: Use, dialect: str, is_new: bool) -> None:
    with VirtualPrinter(dialect=DIALECTS[dialect], one_parser=True, speed=400) as virtual:
        ours = open_printer(virtual.address)
        send(ours, use, encode(PLAIN, PAPER_80, ours.capabilities))
        virtual.fault("reset", after_bytes=3000)
        with pytest.raises((ConnectionLost, PrinterUnreachable)):
            for _ in range(3):
                send(ours, use, encode(DRAWN, PAPER_80, ours.capabilities))
        again = open_printer(virtual.address) if is_new else ours
        before = len(virtual.slips)
        send(again, use, encode(PLAIN, PAPER_80, again.capabilities))
        whole = virtual.wait_for_slips(before + 1)[-1]
    assert [line for line in whole.lines if line][-2:] == ["HEAD", "TAIL"]


def test_a_probe_is_not_swallowed() -> None:
    with VirtualPrinter(one_parser=True) as virtual:
        ours = open_printer(virtual.address)
        virtual.fault("reset", after_bytes=3000)
        with pytest.raises((ConnectionLost, PrinterUnreachable)):
            send(ours, Use.SHARED, encode(DRAWN, PAPER_80, Capabilities()))
        assert probe(open_printer(virtual.address)).model == "VP-80"


def test_nothing_is_filled_after_a_slip_that_came_through() -> None:
    with VirtualPrinter(one_parser=True) as virtual:
        ours = open_printer(virtual.address)
        job = encode(PLAIN, PAPER_80, ours.capabilities)
        for _ in range(3):
            send(ours, Use.SHARED, job)
        assert len(virtual.slips) == 3
        assert virtual.bytes_received < len(FILLING) + 3 * (len(job.data) + 40)


def test_no_command_of_ours_is_longer_than_the_filling() -> None:
    everything = Document(
        (Text("䗪" * 60, width=8, height=8), Picture(_logo()), Code128("8" * 20), QrCode("x" * 600), Text("药" * 200))
    )
    for native_qr in (True, False):
        data = encode(everything, PAPER_80, Capabilities(native_qr=native_qr)).data
        assert max(each.size for each in Tokenizer().feed(data) if each.name != "TEXT") < len(FILLING)


def _logo() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((576, 300), 90).convert("1").save(out, "PNG")
    return out.getvalue()
