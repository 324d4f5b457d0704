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
_SHARE_OF_GREY = 0.25


def logo(png: bytes, align: Align = "center") -> Picture:
    """Raises Unprintable, saying what is wrong with the file."""
    _read(png)
    return Picture(png, align)


def burnt(png: bytes, paper: Paper) -> "Image.Image":
    """Black dots as 1, at most as wide as the paper. A drawing keeps its edges, a photograph is dithered."""
    from PIL import Image, ImageChops

    grey = _read(png)
    scale = min(1.0, paper.dots / grey.width, _TALLEST / grey.height)
    if scale < 1:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    dither = Image.Dither.FLOYDSTEINBERG if _is_photograph(grey) else Image.Dither.NONE
    return ImageChops.invert(grey.convert("1", dither=dither))


def _is_photograph(grey: "Image.Image") -> bool:
    """Much of what is not white is grey: more than the soft edges of a drawing."""
    greys = grey.histogram()
    between = sum(greys[48:208])
    return between > _SHARE_OF_GREY * max(1, sum(greys[:240]))


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
