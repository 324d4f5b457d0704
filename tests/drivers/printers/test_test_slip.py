import io
from dataclasses import replace

import pytest
from PIL import Image, ImageFilter

from drivers.printers import test_slip
from drivers.printers.capability import Capabilities, Font
from drivers.printers.charset import cells, is_native
from drivers.printers.document import PAPER_58, PAPER_80, PAPER_80_NARROW, Paper
from drivers.printers.escpos import encode
from drivers.virtual.slip import PictureRow, TextRow, VirtualSlip
from tests.drivers.printers.printing import print_bytes, scan_picture

PAPERS = [PAPER_58, PAPER_80_NARROW, PAPER_80]
RULERS = {
    32: "[.......10........20.........32]",
    42: "[.......10........20........30.........42]",
    48: "[.......10........20........30........40.....48]",
}


def printed(paper: Paper, capabilities: Capabilities | None = None) -> VirtualSlip:
    known = capabilities or Capabilities()
    document = test_slip.document("柜台", "tcp://192.168.1.50:9100", paper, known, code="YO7K3M9Q2X4T8W")
    return print_bytes(paper, encode(document, paper, known).data)


@pytest.mark.parametrize("columns", sorted(RULERS))
def test_each_number_of_a_ruler_ends_where_it_says(columns: int) -> None:
    ruler = test_slip.ruler(columns)
    assert len(ruler) == columns
    assert ruler == RULERS[columns]
    for tens in range(10, columns - 4, 10):
        assert ruler[:tens].endswith(str(tens))


@pytest.mark.parametrize("paper", PAPERS, ids=str)
def test_the_widest_whole_ruler_names_the_columns(paper: Paper) -> None:
    """A printer set to the wrong paper would show it: the rulers are sent whole whatever we think it has."""
    slip = printed(paper)
    whole = [columns for columns in (32, 42, 48) if test_slip.ruler(columns) in slip.lines]
    assert max(whole) == paper.columns
    assert len(slip.wrapped) == len([columns for columns in (32, 42, 48) if columns > paper.columns])
    assert not slip.faults


@pytest.mark.parametrize("font", list(Font))
def test_every_line_in_the_printers_font_has_its_drawn_twin_below(font: Font) -> None:
    """Natively even where that font is thought to lack it: that is what shall be found out."""
    rows = printed(PAPER_58, Capabilities(font=font)).rows
    twins = [
        (row.text, below.advance)
        for row, below in zip(rows, rows[1:], strict=False)
        if isinstance(row, TextRow)
        and isinstance(below, PictureRow)
        and row.text[:3] in ("简体 ", "繁体 ", "符号 ", "制表 ")
    ]
    assert len(twins) == 4
    assert all(advance == 30 and cells(text) <= 32 for text, advance in twins)
    assert [is_native(text, Font.GB2312) for text, _ in twins] == [True, False, False, False]


def test_twins_look_alike() -> None:
    """The virtual printer has drawing of its own for what it prints natively: most dots of one lie on the other."""
    rows = [row for row in printed(PAPER_58).rows if isinstance(row, TextRow | PictureRow)]
    start = next(at for at, row in enumerate(rows) if isinstance(row, TextRow) and row.text.startswith("简体"))
    native, drawn = (_ink(replace(printed(PAPER_58), rows=(row,))) for row in rows[start : start + 2])
    cells = [range(x, x + 24) for x in range(40, 40 + 4 * 24, 24)]
    for mine in cells:
        alike = [len(_within(drawn, mine) & _within(native, other)) for other in cells]
        assert alike.index(max(alike)) == cells.index(mine)


def _within(ink: set[tuple[int, int]], columns: range) -> set[tuple[int, int]]:
    return {(x - columns.start, y) for x, y in ink if x in columns}


def _ink(slip: VirtualSlip) -> set[tuple[int, int]]:
    """Dots with their neighbours: one place aside is still alike."""
    picture = Image.open(io.BytesIO(slip.png())).convert("L").filter(ImageFilter.MinFilter(3))
    return {(at % picture.width, at // picture.width) for at, grey in enumerate(picture.tobytes()) if grey < 128}


@pytest.mark.parametrize("native_qr", [True, False])
@pytest.mark.parametrize("paper", PAPERS, ids=str)
def test_both_codes_are_read(paper: Paper, native_qr: bool) -> None:
    slip = printed(paper, Capabilities(native_qr=native_qr))
    assert scan_picture(slip) == [("Code 128", "01234567890123456789"), ("QR Code", "YO7K3M9Q2X4T8W")]


@pytest.mark.parametrize("paper", PAPERS, ids=str)
def test_the_density_bar_reaches_both_ends_and_gets_paler(paper: Paper) -> None:
    bar = printed(paper).pictures[-4:]  # of 96 rows, in slices
    row_bytes, bits = bar[0].row_bytes, b"".join(each.bits for each in bar)
    assert row_bytes * 8 == paper.dots
    rows = [bits[at : at + row_bytes] for at in range(0, len(bits), row_bytes)]
    assert len(rows) == 96
    assert all(row[0] & 0xF0 == 0xF0 and row[-1] & 0x0F == 0x0F for row in rows)
    ink = [sum(byte.bit_count() for byte in rows[band * 24 + 12]) for band in range(4)]
    assert ink == sorted(ink, reverse=True)
    assert len(set(ink)) == 4


@pytest.mark.parametrize(
    ("capabilities", "proof"),
    [
        (Capabilities(), "尚未检测"),
        (Capabilities(process_id=True, in_order=True), "A 逐张回执"),
        (Capabilities(process_id=False, in_order=True), "B 打完应答"),
        (Capabilities(process_id=False, in_order=False), "C 仅已发送"),
    ],
)
def test_it_says_what_the_printer_can_prove(capabilities: Capabilities, proof: str) -> None:
    assert proof in printed(PAPER_80, capabilities).text


def test_it_names_the_printer_and_its_address() -> None:
    text = printed(PAPER_58, Capabilities(maker="Xprinter", model="XP-58", serial="S1")).text
    assert all(word in text for word in ("柜台", "tcp://192.168.1.50:9100", "Xprinter XP-58", "S1", "384"))
