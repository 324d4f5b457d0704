"""From a document to rows that fit the paper. Pure: no bytes, no printer."""

import msgspec

from drivers.printers.charset import cells, clean
from drivers.printers.document import (
    Align,
    Block,
    Code128,
    Document,
    Feed,
    Pair,
    Paper,
    QrCode,
    Rule,
    Text,
)
from drivers.printers.wrapping import wrap

_LEAST_LEFT_CELLS = 8
_LARGEST = 8


class Line(msgspec.Struct, frozen=True):
    """One printed line: clean text of at most `columns // width` cells."""

    text: str
    width: int = 1
    height: int = 1
    bold: bool = False
    align: Align = "left"


Row = Line | Code128 | QrCode | Feed


def lay_out(document: Document, paper: Paper) -> list[Row]:
    return [row for block in document.blocks for row in _rows(block, paper)]


def _rows(block: Block, paper: Paper) -> list[Row]:
    match block:
        case Text():
            return _text(block, paper)
        case Pair():
            return _pair(block, paper)
        case Rule():
            char = clean(block.char)[:1].strip() or "-"
            return [Line(char * (paper.columns // max(1, cells(char))))]
        case _:
            return [block]


def _text(block: Text, paper: Paper) -> list[Row]:
    width, height = _size(block.width), _size(block.height)
    return [
        Line(line, width, height, block.bold, block.align) for line in wrap(clean(block.text), paper.columns // width)
    ]


def _pair(block: Pair, paper: Paper) -> list[Row]:
    """The right text keeps a column of its own; too wide for that, it gets a line of its own below."""
    width, height = _size(block.width), _size(block.height)
    columns = paper.columns // width
    left, right = clean(block.left), clean(block.right).replace("\n", " ")
    room = columns - cells(right) - 1
    if room < min(_LEAST_LEFT_CELLS, max(2, cells(left))):
        style = (block.width, block.height, block.bold)
        return [*_text(Text(block.left, *style), paper), *_text(Text(right, *style, align="right"), paper)]
    first, *rest = wrap(left, room)
    padding = " " * (columns - cells(first) - cells(right))
    lines = [f"{first}{padding}{right}", *rest]
    return [Line(line, width, height, block.bold) for line in lines]


def _size(magnification: int) -> int:
    return min(max(magnification, 1), _LARGEST)
