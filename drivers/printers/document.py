"""What a slip says, independent of the printer it comes out of."""

from typing import Literal

import msgspec

Align = Literal["left", "center", "right"]


class Paper(msgspec.Struct, frozen=True):
    """`columns` of Latin letters (a Hanzi takes two), `dots` the head can burn, at 8 dots/mm."""

    columns: int
    dots: int


PAPER_58 = Paper(32, 384)
PAPER_80 = Paper(48, 576)


class Text(msgspec.Struct, frozen=True, tag=True):
    """One paragraph; a newline in it starts a new line. `width` and `height` are magnifications of 1 to 8."""

    text: str
    width: int = 1
    height: int = 1
    bold: bool = False
    align: Align = "left"


class Pair(msgspec.Struct, frozen=True, tag=True):
    """`left` wraps; `right` stays whole at the right edge of the first line."""

    left: str
    right: str
    width: int = 1
    height: int = 1
    bold: bool = False


class Rule(msgspec.Struct, frozen=True, tag=True):
    char: str = "-"


class Code128(msgspec.Struct, frozen=True, tag=True):
    """ASCII data, printed below the bars too. What does not fit the paper comes out as a QR code."""

    data: str


class QrCode(msgspec.Struct, frozen=True, tag=True):
    data: str


class Feed(msgspec.Struct, frozen=True, tag=True):
    lines: int = 1


Block = Text | Pair | Rule | Code128 | QrCode | Feed


class Document(msgspec.Struct, frozen=True):
    blocks: tuple[Block, ...]
