"""A logo as dots: read once when it is set, so that no slip ever waits for a broken file."""

import io
from typing import TYPE_CHECKING

from drivers.errors import Unprintable
from drivers.printers.document import Align, Paper, Picture

if TYPE_CHECKING:
    from PIL import Image

_MOST_BYTES = 1_000_000
_MOST_PIXELS = 4_000_000
_TALLEST = 400
"""Dots, 50 mm: a logo must not eat the roll."""
_PAPER_TONE = 240
_FLAT_TONES = 8
_SOLID = 180
"""Lighter than the middle, so that thin grey letters survive being made smaller."""


def logo(png: bytes, align: Align = "center") -> Picture:
    """Raises Unprintable, saying what is wrong with the file."""
    _read(png)
    return Picture(png, align)


def burnt(png: bytes, paper: Paper) -> "Image.Image":
    """Black dots as 1, at most as wide as the paper. A drawing comes out solid, a photograph is dithered: the other
    way round a green cross turns into grain and a face into a blot.
    """
    from PIL import Image, ImageChops, ImageOps

    picture = _read(png)
    grey = _fitted(picture, paper)
    if _is_drawing(picture):
        return ImageOps.autocontrast(grey).point(lambda light: 255 if light < _SOLID else 0).convert("1")
    return ImageChops.invert(grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG))


def _fitted(picture: "Image.Image", paper: Paper) -> "Image.Image":
    from PIL import Image

    scale = min(paper.dots / picture.width, _TALLEST / picture.height)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _is_drawing(picture: "Image.Image") -> bool:
    """A few flat tones make up most of what is not paper."""
    tones = picture.histogram()[:_PAPER_TONE]
    return sum(sorted(tones)[-_FLAT_TONES:]) >= sum(tones) / 2


def _read(png: bytes) -> "Image.Image":
    """On white paper, in greys. What is too large is refused before anything of it is unpacked."""
    from PIL import Image

    width, height = _size(png)
    if len(png) > _MOST_BYTES or width * height > _MOST_PIXELS:
        raise _refused(f"it is too large: {len(png):,} bytes, {width} × {height} points")
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            picture.load()
            return _on_white(picture)
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow's ways of saying that a file is damaged
        raise _refused(f"its file is damaged ({error})") from error


def _size(png: bytes) -> tuple[int, int]:
    """As the first chunk says (PNG specification, IHDR)."""
    if len(png) < 24 or png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        raise _refused("it is not a PNG file")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _on_white(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits of grey
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("L")


def _refused(reason: str) -> Unprintable:
    return Unprintable(
        f"the picture cannot be printed: {reason}",
        hint="Choose a small PNG file; one in black and white prints best.",
    )
