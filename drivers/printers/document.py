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
PAPER_80_NARROW = Paper(42, 504)
"""80 mm paper in a printer that puts 42 letters in a line; what is drawn leaves its right margin bare too."""


def paper(mm: int, columns: int | None = None) -> Paper:
    """`columns` None: what is usual for the roll. Raises ValueError for a paper nobody has."""
    match mm, columns:
        case (58, None | 32):
            return PAPER_58
        case (80, None | 48):
            return PAPER_80
        case (80, 42):
            return PAPER_80_NARROW
        case _:
            raise ValueError(f"no {mm} mm paper has {columns} columns: it is 58 mm with 32, or 80 mm with 42 or 48")


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


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A logo: a PNG file, made smaller where it is wider than the paper. `picture.logo` makes one, having read it."""

    png: bytes
    align: Align = "center"


class Sample(msgspec.Struct, frozen=True, tag=True):
    """One line to judge a printer by: never wrapped, in the printer's own font or drawn as it says."""

    text: str
    drawn: bool = False


class Feed(msgspec.Struct, frozen=True, tag=True):
    lines: int = 1


Block = Text | Pair | Rule | Code128 | QrCode | Picture | Sample | Feed


class Document(msgspec.Struct, frozen=True):
    blocks: tuple[Block, ...]
