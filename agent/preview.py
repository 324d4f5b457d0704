"""What a slip says, as text for the page: the same document and the same lines as on 58 mm paper."""

from agent.documents import papers
from agent.documents.rendering import rendered
from agent.slips import Slip
from agent.transactions import Reading
from drivers.printers.charset import cells
from drivers.printers.document import PAPER_58, Code128, Document, Feed, Picture, QrCode
from drivers.printers.layout import Line, Row, lay_out


def text(reading: Reading, slip: Slip) -> str:
    """As it was sent; before that, as it would print now."""
    return as_text(papers.of(reading, slip) or rendered(reading, slip).document)


def as_text(document: Document) -> str:
    rows = lay_out(document, PAPER_58)
    return "\n".join(_row(row) for row in rows).rstrip() + "\n"


def _row(row: Row) -> str:
    match row:
        case Line():
            return _placed(row)
        case Code128():
            return f"[条码 {row.data}]"
        case QrCode():
            return f"[二维码 {row.data}]"
        case Picture():
            return "[图片]"
        case Feed():
            return "\n" * (row.lines - 1)


def _placed(line: Line) -> str:
    free = PAPER_58.columns - cells(line.text) * line.width
    indent = {"left": 0, "center": free // 2, "right": free}[line.align]
    return " " * max(indent, 0) + line.text
