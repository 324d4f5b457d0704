"""The test slip of one printer says what a person set of it and what it told."""

from agent import slips
from agent.config import PrinterSettings
from agent.documents.of_printer import subject
from agent.documents.rendering import rendered
from agent.files import WorkFile
from agent.printing import known
from agent.transactions import Transaction
from domain.slips import SlipKind
from drivers.printers.capability import Capabilities, Font
from drivers.printers.document import PAPER_80_NARROW
from drivers.printers.layout import Line, lay_out

COUNTER = PrinterSettings("counter", "tcp://10.0.0.5:9100", paper=80, columns=42, font=Font.GB2312, qr="drawn")


def test_it_says_what_was_set_and_what_the_printer_told(work: WorkFile) -> None:
    def want(tx: Transaction) -> str:
        known.learn(tx, COUNTER.name, COUNTER.address, Capabilities(process_id=True, model="TM-T82"))
        return slips.want(tx, SlipKind.TEST, "", subject=subject(COUNTER), pinned=COUNTER.name)

    slip_id = work.write(want)
    document = work.read(lambda reading: rendered(reading, slips.get(reading, slip_id))).document
    text = "\n".join(row.text for row in lay_out(document, PAPER_80_NARROW) if isinstance(row, Line))
    for said in ("counter", "tcp://10.0.0.5:9100", "42列 504点", "TM-T82", "GB2312", "点阵 drawn", "A 逐张回执"):
        assert said in text
