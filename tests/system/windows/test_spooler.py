"""A slip through wine's spooler, which hands it to a CUPS of our own, which prints it on a virtual printer.

wine forgets a job as soon as it has passed it on; what Windows says of jobs is tried with a stand-in only
(tests/drivers/printers/transports/test_spooler.py).
"""

from pathlib import Path

import pytest

from drivers.virtual.printer import VirtualPrinter
from installer.freeze.freezing import ROOT
from installer.windows.build import BUILD
from installer.windows.freezing import windows_python
from installer.windows.wine.prefix import Wine
from tests.system.print_service import Cups

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PRINT = """
import sys
sys.path.insert(0, sys.argv[1])
from drivers.printers.addresses import open_printer
from drivers.printers.document import PAPER_80, Document, Text
from drivers.printers.escpos import encode

with open_printer("spooler://slips").connect() as session:
    print("status", session.status())
    session.send(encode(Document((Text("第一行"), Text("￥12.50"))), PAPER_80))
try:
    open_printer("spooler://no such").connect().status()
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_slip_passes_the_spooler_untouched(pc: Wine, printer: VirtualPrinter, tmp_path: Path) -> None:
    script = tmp_path / "print.py"
    script.write_text(PRINT, encoding="utf-8")
    cups = Cups(tmp_path)
    try:
        cups.run("lpadmin", "-p", "slips", "-E", "-v", f"socket://{printer.host}:{printer.port}", "-m", "raw")
        python = windows_python(BUILD / "python")
        said = pc.run(python, script, pc.path_there(ROOT), env={"CUPS_SERVER": str(cups.socket)})
        assert "answered=False" in said
        assert "PrinterUnreachable" in said and "1801" in said
        assert printer.wait_for_slips(1, 20)[0].lines == ["第一行", "￥12.50"]
    finally:
        cups.stop()
