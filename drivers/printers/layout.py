"""From a document to rows that fit the paper. Pure: no bytes, no printer."""

import msgspec

from drivers.printers.charset import boxes, cells, clean
from drivers.printers.document import (
    Align,
    Block,
    Code128,
    Document,
    Feed,
    Pair,
    Paper,
    Picture,
    QrCode,
    Rule,
    Sample,
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
    drawn: bool | None = None
    """Told, not chosen by the encoder; then the line may be wider than the paper."""


Row = Line | Code128 | QrCode | Picture | Feed


def lay_out(document: Document, paper: Paper) -> list[Row]:
    return [row for block in document.blocks for row in _rows(block, paper)]


def lost(document: Document) -> int:
    """How many characters nobody can print: they come out as □."""
    return sum(map(boxes, (text for block in document.blocks for text in _texts(block))))


def _texts(block: Block) -> tuple[str, ...]:
    match block:
        case Text() | Sample():
            return (block.text,)
        case Pair():
            return (block.left, block.right)
        case _:
            return ()


def _rows(block: Block, paper: Paper) -> list[Row]:
    match block:
        case Text():
            return _text(block, paper)
        case Pair():
            return _pair(block, paper)
        case Rule():
            char = clean(block.char)[:1].strip() or "-"
            return [Line(char * (paper.columns // max(1, cells(char))))]
        case Sample():
            return [Line(clean(block.text).replace("\n", " "), drawn=block.drawn)]
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
