"""What the packaged font has is read from its own table here, not asked of the code that draws with it."""

import struct
import unicodedata
from functools import lru_cache

import pytest
from pylopdf_fonts_zh_cn import sans_path

from drivers.printers.charset import BOX, boxes, char_cells, clean
from drivers.printers.document import PAPER_80
from drivers.printers.glyphs import EM, glyph, has_glyph
from drivers.printers.raster import boxes_drawn, draw_line

HANZI_BLOCKS = {
    "unified": range(0x4E00, 0x9FA6),
    "unified, added until 2018": range(0x9FA6, 0x9FF0),
    "extension A": range(0x3400, 0x4DB6),
}
"""The Hanzi of GB18030-2005 and of the first level of GB18030-2022."""
RARE = "𬟁𫔶𫇭𬜬𬞟𦭜𦰡𦝼"
"""Beyond the first plane: herbs (𬟁 is in a drug's name), and others of the common table of 2013."""


@lru_cache
def in_font() -> frozenset[int]:
    """The code points of the table's groups (OpenType, cmap format 12)."""
    data = sans_path().read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    tables = {tag: at for tag, _, at, _ in (struct.unpack_from(">4sIII", data, 12 + 16 * i) for i in range(count))}
    cmap = tables[b"cmap"]
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)[2]
        if struct.unpack_from(">H", data, at)[0] == 12:
            groups = struct.unpack_from(">I", data, at + 12)[0]
            spans = (struct.unpack_from(">III", data, at + 16 + 12 * group) for group in range(groups))
            return frozenset(code for first, last, _ in spans for code in range(first, last + 1))
    raise AssertionError("the font has no table of format 12")


def dots(char: str) -> bytes:
    return glyph(char, char_cells(char) * EM // 2, False).tobytes()


def gbk_characters() -> list[str]:
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF) if trail != 0x7F)
    return list("".join(pair.decode("gbk", "ignore") for pair in pairs))


@pytest.mark.parametrize("block", sorted(HANZI_BLOCKS))
def test_every_hanzi_of_the_standard_can_be_drawn(block: str) -> None:
    assert [chr(code) for code in HANZI_BLOCKS[block] if not has_glyph(chr(code)) or code not in in_font()] == []


@pytest.mark.parametrize("block", sorted(HANZI_BLOCKS))
def test_hanzi_come_out_unlike_each_other_and_never_empty(block: str) -> None:
    """A character drawn as nothing, or as the box of what the font lacks, is caught by its twins."""
    drawn = [dots(chr(code)) for code in HANZI_BLOCKS[block][::5]]
    assert all(sum(byte.bit_count() for byte in each) > 10 for each in drawn)
    assert len(set(drawn)) >= 0.99 * len(drawn)


def test_hanzi_beyond_the_first_plane_can_be_drawn() -> None:
    assert clean(RARE) == RARE
    assert len({dots(char) for char in RARE}) == len(RARE)


def test_what_the_font_has_is_known_exactly() -> None:
    codes = [
        *range(0x20, 0xD800, 7),
        *range(0xE000, 0x10000, 7),
        *range(0x1F300, 0x1F700),
        *range(0x20000, 0x2A000, 40),
    ]
    plain = [code for code in codes if not unicodedata.decomposition(chr(code)).startswith(("<super>", "<sub>"))]
    assert [chr(code) for code in plain if has_glyph(chr(code)) != (code in in_font())] == []


def test_of_the_printers_font_we_lack_one_sign() -> None:
    assert [char for char in gbk_characters() if not char.isspace() and ord(char) not in in_font()] == ["≒"]


def test_no_character_of_the_printers_font_vanishes_when_drawn() -> None:
    """Upright strokes as thin as │ and ｜ lie between two dots."""
    signs = [char for char in gbk_characters() if not char.isspace() and not "\u4e00" <= char <= "\u9fff"]
    assert len(signs) > 800
    assert [char for char in signs if not any(dots(char))] == []


def test_a_sign_only_printers_have_is_printed_by_them_and_a_box_when_drawn() -> None:
    assert clean("≒") == "≒"
    assert boxes_drawn("䗪≒") == 1
    drawn, boxed = (
        draw_line(text, PAPER_80, width=1, height=1, bold=False, align="left", pitch=30) for text in ("䗪≒", "䗪□")
    )
    assert drawn.tobytes() == boxed.tobytes()


@pytest.mark.parametrize(
    ("text", "shown", "lost"),
    [
        ("请快点😀😀", "请快点□□", 2),
        ("بسم x", "□□□ x", 3),
        ("שלום", "□□□□", 4),
        ("b\u0302", BOX, 1),
        ("\u0301x", "□x", 1),
        ("x \u0301", "x □", 1),
        ("\ue000\ud800", "□□", 2),
        ("𡒄", BOX, 1),
        ("1×10⁹CFU H₂O m²", "1×10⁹CFU H₂O m²", 0),
        ("e\u0301 m\u0300", "é m\u0300", 0),
        ("□", "□", 0),
        ("¥5 10µg", "￥5 10μg", 0),
        ("䗪\U000e0100", "䗪", 0),
        ("❤\ufe0f", BOX, 1),
        ("e\u200d\u0301", "é", 0),
    ],
)
def test_what_nobody_can_print_is_said_with_a_box(text: str, shown: str, lost: int) -> None:
    assert clean(text) == shown
    assert boxes(text) == lost
    assert clean(shown) == shown


def ink_box(char: str, room: int) -> tuple[int, int, int, int]:
    box = glyph(char, room, False).getbbox()
    assert box
    return box


def test_superscripts_stand_higher_than_subscripts() -> None:
    def middle(char: str) -> float:
        _, top, _, bottom = ink_box(char, 12)
        return (top + bottom) / 2

    assert middle("⁹") < middle("9") < middle("₉")
    assert dots("⁹") != dots("⁸")


def test_lines_of_a_frame_meet() -> None:
    """─ reaches both edges of its cells, so that a drawn table has no gaps."""
    left, _, right, _ = ink_box("─", 24)
    assert (left, right) == (0, 24)
