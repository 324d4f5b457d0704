"""The packaged font (Noto Sans SC): which characters it has, and each drawn into its cells."""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageFont

EM = 24
"""Dots of a line; a Hanzi is 24×24, a half-width cell 12×24 (facts/devices.md §3.1)."""
_SIZE, _BASELINE = 22, 19  # digits of Noto Sans SC are then one cell wide
_SMALL_SIZE = 14
_RAISED = {"<super>": -7, "<sub>": 3}
_FRAME_SIZE, _FRAME_BASELINE = 24, 21  # box drawing fills its cells, so that lines meet
_INK, _THIN_INK = 120, 56


@lru_cache(maxsize=8192)
def has_glyph(char: str) -> bool:
    """What the font lacks it draws as a crossed box (.notdef). ⁹ and ₂ are drawn from their digits."""
    small = _small(char)
    return not _is_missing(char) or small is not None and not _is_missing(small[0])


@lru_cache(maxsize=4096)
def glyph(cluster: str, room: int, bold: bool) -> "Image.Image":
    """One character with its marks, centred in `room` dots; wider ones (a Latin W) are squeezed into it."""
    from PIL import Image

    drawn = Image.new("1", (room, EM))
    for char in cluster:
        dots = _strike(char, room, bold)
        drawn.paste(255, None, dots)
    return drawn


def _strike(char: str, room: int, bold: bool) -> "Image.Image":
    from PIL import Image, ImageDraw

    size, baseline = _SIZE, _BASELINE
    if "\u2500" <= char <= "\u259f":
        size, baseline = _FRAME_SIZE, _FRAME_BASELINE
    elif _is_missing(char) and (small := _small(char)):
        char, size, baseline = small[0], _SMALL_SIZE, _BASELINE + small[1]
    advance = max(room, round(_font(size).getlength(char)))
    drawn = Image.new("L", (advance, EM))
    for shift in (0, 1) if bold else (0,):  # struck twice, as the printer's own bold is
        ImageDraw.Draw(drawn).text((advance / 2 + shift, baseline), char, 255, _font(size), anchor="ms")
    if advance > room:
        drawn = drawn.resize((room, EM), Image.Resampling.BILINEAR)
    ink = _ink(drawn)
    return drawn.point(lambda dot: 255 if dot >= ink else 0).convert("1")


def _ink(drawn: "Image.Image") -> int:
    """How dark a dot must be to burn: less in a stroke so thin (│, ｜) that it lies between two dots."""
    greys = drawn.histogram()
    mass = sum(grey * dots for grey, dots in enumerate(greys)) / 255
    return _INK if sum(greys[_INK:]) >= mass / 2 else _THIN_INK


def _small(char: str) -> tuple[str, int] | None:
    """A superscript or subscript as the character it is made of, and how far that is moved down."""
    kind, _, base = unicodedata.decomposition(char).partition(" ")
    return (chr(int(base, 16)), _RAISED[kind]) if kind in _RAISED and " " not in base else None


def _is_missing(char: str) -> bool:
    return _picture(char) == _crossed_box()


@lru_cache
def _crossed_box() -> tuple[tuple[int, int], bytes]:
    return _picture("\U0010ffff")


def _picture(char: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(_SIZE).getmask(char)
    return mask.size, bytes(mask)


@lru_cache
def _font(size: int) -> "ImageFont.FreeTypeFont":
    """Laid out by Pillow itself: the shaping library is not there on every computer, and dots must be the same."""
    from PIL import ImageFont
    from pylopdf_fonts_zh_cn import sans_path

    return ImageFont.truetype(str(sans_path()), size, layout_engine=ImageFont.Layout.BASIC)
