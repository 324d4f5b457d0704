"""A slip as a picture: one pixel a dot, on paper as wide as real paper, bare margins included."""

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from drivers.virtual.slip import CELL, EM, BarcodeRow, FeedRow, Glyph, PictureRow, QrRow, TextRow, VirtualSlip

_ENDS = 24
_INK = 120


def draw_slip(slip: VirtualSlip) -> bytes:
    margin = 40 if slip.roll.dots <= 384 else 32
    height = sum(row.advance for row in slip.rows) + 2 * _ENDS
    paper = Image.new("L", (slip.roll.dots + 2 * margin, height), 255)
    y = _ENDS
    for row in slip.rows:
        if not isinstance(row, FeedRow):
            strip = _draw(row)
            free = slip.roll.dots - strip.width
            x = (0, free // 2, free)[row.align] if free > 0 else 0
            visible = strip.crop((0, 0, min(strip.width, slip.roll.dots), strip.height))
            paper.paste(0, (margin + x, y), visible)
        y += row.advance
    out = io.BytesIO()
    paper.save(out, "PNG")
    return out.getvalue()


def _draw(row: TextRow | PictureRow | BarcodeRow | QrRow) -> Image.Image:
    """A mask as large as what is printed: white where there is ink."""
    match row:
        case TextRow():
            return _draw_text(row)
        case PictureRow():
            size = (row.row_bytes * 8, len(row.bits) // row.row_bytes)
            dots = Image.frombytes("1", size, row.bits)
            return _enlarge(dots, row.x_scale, row.y_scale)
        case BarcodeRow():
            return _draw_barcode(row)
        case QrRow():
            side = len(row.modules)
            dots = Image.new("1", (side, side))
            dots.putdata([255 if dark else 0 for line in row.modules for dark in line])
            return _enlarge(dots, row.module_dots, row.module_dots)


def _enlarge(dots: Image.Image, x_scale: int, y_scale: int) -> Image.Image:
    return dots.resize((dots.width * x_scale, dots.height * y_scale), Image.Resampling.NEAREST)


def _draw_text(row: TextRow) -> Image.Image:
    width = sum(glyph.cells * glyph.width * CELL for glyph in row.glyphs)
    tallest = max((glyph.height for glyph in row.glyphs), default=1) * EM
    strip = Image.new("1", (max(width, 1), tallest))
    x = 0
    for glyph in row.glyphs:
        dots = _enlarge(_glyph(glyph.char, glyph.cells, glyph.bold), glyph.width, glyph.height)
        strip.paste(dots, (x, tallest - dots.height))
        x += dots.width
    return strip


def _draw_barcode(row: BarcodeRow) -> Image.Image:
    bars = Image.new("1", (len(row.modules), 1))
    bars.putdata([255 if module == "1" else 0 for module in row.modules])
    bars = _enlarge(bars, row.module_dots, row.height)
    label = _draw_text(TextRow(tuple(Glyph(char, 1, 1, 1, False) for char in row.text), 1, EM))
    strip = Image.new("1", (bars.width, row.advance))
    strip.paste(bars, (0, 0))
    if row.text_below:
        strip.paste(label, ((bars.width - label.width) // 2, row.height))
    return strip


@lru_cache(maxsize=4096)
def _glyph(char: str, cells: int, bold: bool) -> Image.Image:
    room = cells * CELL
    font, baseline = (_font(24), 21) if cells == 2 else (_font(21), 19)
    drawn = Image.new("L", (max(room, round(font.getlength(char))), EM))
    for offset in (0, 1) if bold else (0,):
        ImageDraw.Draw(drawn).text((drawn.width / 2 + offset, baseline), char, 255, font, anchor="ms")
    drawn = drawn.resize((room, EM))
    return drawn.point(lambda ink: 255 if ink > _INK else 0).convert("1")


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(sans_path()), size)
