"""Drawing one line as dots, for text the printer's own font does not have."""

from functools import lru_cache
from typing import TYPE_CHECKING

from drivers.printers.charset import cells, char_cells
from drivers.printers.document import Align, Paper

if TYPE_CHECKING:
    from PIL import Image, ImageFont

CELL = 12
"""Dots of one half-width cell; a Hanzi is 24×24 (facts/devices.md §3.1)."""
_EM = 24
_FONT_SIZE = 22  # digits of Noto Sans SC are then one cell wide
_BASELINE = 19
_INK = 120


def draw_line(
    text: str, paper: Paper, *, width: int, height: int, bold: bool, align: Align, pitch: int
) -> "Image.Image":
    """A picture as wide as the paper and `pitch` dots high; each character sits in its cells as natively."""
    from PIL import Image

    line = _draw_cells(text, bold)
    line = line.resize((line.width * width, line.height * height), Image.Resampling.NEAREST)
    picture = Image.new("1", (paper.dots, pitch))
    free = paper.dots - line.width
    picture.paste(line, ({"left": 0, "center": free // 2, "right": free}[align], 0))
    return picture


def _draw_cells(text: str, bold: bool) -> "Image.Image":
    from PIL import Image

    line = Image.new("1", (max(1, cells(text)) * CELL, _EM))
    x = 0
    for cluster in _clusters(text):
        room = max(1, cells(cluster)) * CELL
        if cluster.strip():
            line.paste(_glyph(cluster, room, bold), (x, 0))
        x += room
    return line


def _clusters(text: str) -> list[str]:
    """Characters, each with the combining marks that follow it."""
    clusters: list[str] = []
    for char in text:
        if clusters and char_cells(char) == 0:
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


@lru_cache(maxsize=4096)
def _glyph(cluster: str, room: int, bold: bool) -> "Image.Image":
    """One character centred in its room; wider ones (a Latin W) are squeezed into it."""
    from PIL import Image, ImageDraw

    advance = max(room, round(_font().getlength(cluster)))
    glyph = Image.new("L", (advance, _EM))
    for shift in (0, 1) if bold else (0,):  # struck twice, as the printer's own bold is
        ImageDraw.Draw(glyph).text((advance / 2 + shift, _BASELINE), cluster, 255, _font(), anchor="ms")
    if advance > room:
        glyph = glyph.resize((room, _EM), Image.Resampling.BILINEAR)
    return glyph.point(lambda ink: 255 if ink >= _INK else 0).convert("1")


@lru_cache
def _font() -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont
    from pylopdf_fonts_zh_cn import sans_path

    return ImageFont.truetype(str(sans_path()), _FONT_SIZE)
