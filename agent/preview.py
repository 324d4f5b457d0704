"""What a slip says, for the page: as text, and as a picture of what its very bytes print.

The picture comes out of the virtual printer's mechanism, which knows the manufacturers' commands and nothing of our
encoder: what it shows wrong, paper would show wrong.
"""

from agent.documents import papers
from agent.documents.rendering import rendered
from agent.slips import Slip
from agent.transactions import Reading
from drivers.printers.charset import cells
from drivers.printers.document import PAPER_58, Code128, Document, Feed, Paper, Picture, QrCode
from drivers.printers.layout import Line, Row, lay_out


def document(reading: Reading, slip: Slip) -> Document:
    """As it was sent; before that, as it would print now."""
    return papers.of(reading, slip) or rendered(reading, slip).document


def text(reading: Reading, slip: Slip) -> str:
    return as_text(document(reading, slip))


def as_text(of: Document, paper: Paper = PAPER_58) -> str:
    rows = lay_out(of, paper)
    return "\n".join(_row(row, paper) for row in rows).rstrip() + "\n"


def as_picture(of: Document, paper: Paper) -> bytes:
    """A PNG. Takes some ten milliseconds: not for the event loop's thread. Raises Unprintable."""
    from drivers.printers.escpos import encode
    from drivers.virtual.commands import Tokenizer
    from drivers.virtual.mechanism import Mechanism
    from drivers.virtual.slip import PaperRoll

    mechanism = Mechanism(PaperRoll(paper.columns, paper.dots))
    for command in Tokenizer().feed(encode(of, paper).data):
        mechanism.execute(command)
    return mechanism.slips[-1].png()


def _row(row: Row, paper: Paper) -> str:
    match row:
        case Line():
            return _placed(row, paper)
        case Code128():
            return f"[条码 {row.data}]"
        case QrCode():
            return f"[二维码 {row.data}]"
        case Picture():
            return "[图片]"
        case Feed():
            return "\n" * (row.lines - 1)


def _placed(line: Line, paper: Paper) -> str:
    free = paper.columns - cells(line.text) * line.width
    indent = {"left": 0, "center": free // 2, "right": free}[line.align]
    return " " * max(indent, 0) + line.text
