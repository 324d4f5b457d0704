"""What came out of the virtual printer: rows on paper, up to a cut."""

from dataclasses import dataclass, field
from typing import Protocol

CELL, EM = 12, 24


class Roll(Protocol):
    """The paper: `columns` half-width characters, `dots` across."""

    @property
    def columns(self) -> int: ...

    @property
    def dots(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PaperRoll:
    columns: int
    dots: int


ROLL_58 = PaperRoll(32, 384)
ROLL_80 = PaperRoll(48, 576)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character; `cells` before magnification."""

    char: str
    cells: int
    width: int
    height: int
    bold: bool


@dataclass(frozen=True, slots=True)
class TextRow:
    glyphs: tuple[Glyph, ...]
    align: int
    advance: int

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class PictureRow:
    """Packed dots, `row_bytes` a row, each dot drawn `x_scale` by `y_scale`."""

    bits: bytes
    row_bytes: int
    x_scale: int
    y_scale: int
    align: int

    @property
    def advance(self) -> int:
        return len(self.bits) // self.row_bytes * self.y_scale


@dataclass(frozen=True, slots=True)
class BarcodeRow:
    text: str
    modules: str
    module_dots: int
    height: int
    text_below: bool
    align: int

    @property
    def advance(self) -> int:
        return self.height + (EM if self.text_below else 0)


@dataclass(frozen=True, slots=True)
class QrRow:
    data: bytes
    module_dots: int
    correction: int
    modules: tuple[tuple[bool, ...], ...]
    align: int

    @property
    def advance(self) -> int:
        return len(self.modules) * self.module_dots


@dataclass(frozen=True, slots=True)
class FeedRow:
    advance: int


Row = TextRow | PictureRow | BarcodeRow | QrRow | FeedRow


@dataclass(frozen=True, slots=True)
class VirtualSlip:
    """One slip that left: at the cut, or `torn` off half printed when the power had gone. `at` is monotonic."""

    number: int
    at: float
    roll: Roll
    rows: tuple[Row, ...]
    wrapped: tuple[str, ...] = field(default=())
    """Lines too wide for the paper, as the printer broke them."""
    split: tuple[str, ...] = field(default=())
    """Those of them where a Hanzi straddled the edge."""
    faults: tuple[str, ...] = field(default=())
    """Unknown commands, codes wider than the paper or not printable."""
    torn: bool = False
    starts: tuple[int, ...] = field(default=())
    """Rows before which the printer was initialised in the middle of the paper: something else began there."""

    @property
    def pieces(self) -> list[tuple[Row, ...]]:
        """One, unless half of another slip was on the paper already."""
        edges = (0, *self.starts, len(self.rows))
        return [self.rows[start:end] for start, end in zip(edges, edges[1:], strict=False) if start < end]

    @property
    def lines(self) -> list[str]:
        return [row.text for row in self.rows if isinstance(row, TextRow)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def pictures(self) -> list[PictureRow]:
        return [row for row in self.rows if isinstance(row, PictureRow)]

    @property
    def codes(self) -> list[str]:
        """What the printed barcodes and QR codes say, in order."""
        codes = []
        for row in self.rows:
            if isinstance(row, BarcodeRow):
                codes.append(row.text)
            elif isinstance(row, QrRow):
                codes.append(row.data.decode("utf-8", "replace"))
        return codes

    @property
    def height_mm(self) -> float:
        return sum(row.advance for row in self.rows) / 8

    def png(self) -> bytes:
        from drivers.virtual.picture import draw_slip

        return draw_slip(self)
