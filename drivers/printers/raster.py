"""Drawing one line as dots, for text the printer's own font does not have, and dots as commands."""

import re
from typing import TYPE_CHECKING

from escpos.constants import S_RASTER_N

from drivers.printers.charset import BOX, cells, clusters
from drivers.printers.document import Align, Paper
from drivers.printers.glyphs import EM, glyph, has_glyph

if TYPE_CHECKING:
    from PIL import Image

CELL = EM // 2
_MOST_ROWS = 30
"""So that the rest of a slice that was cut off is soon sent (`remains.py`): one line of text, 30 rows of 72 bytes."""


def draw_line(
    text: str, paper: Paper, *, width: int, height: int, bold: bool, align: Align, pitch: int
) -> "Image.Image":
    """A picture as wide as the paper and `pitch` dots high; each character sits in its cells as natively."""
    from PIL import Image

    line = _draw_cells(text, bold)
    line = line.resize((line.width * width, line.height * height), Image.Resampling.NEAREST)
    return placed(line, paper, align, pitch)


def placed(dots: "Image.Image", paper: Paper, align: Align, rows: int) -> "Image.Image":
    """On a strip of paper's whole width and so many rows."""
    from PIL import Image

    strip = Image.new("1", (paper.dots, rows))
    free = paper.dots - dots.width
    strip.paste(dots, ({"left": 0, "center": free // 2, "right": free}[align], 0))
    return strip


def boxes_drawn(text: str) -> int:
    """How many □ drawing this clean text puts for characters that only printers' fonts have (≒ is one)."""
    return sum(not _drawable(cluster) for cluster in clusters(text))


def commands(strip: "Image.Image") -> bytes:
    """The strip in slices that every printer takes.

    DLE before EOT, ENQ or DC4 would be taken for a real-time command by older firmware even inside a picture
    (facts/devices.md §3.2): there one dot is given up.
    """
    row_bytes = (strip.width + 7) // 8
    bits = re.sub(rb"\x10(?=[\x04\x05\x14])", b"\x00", strip.tobytes())
    slices = (bits[start : start + row_bytes * _MOST_ROWS] for start in range(0, len(bits), row_bytes * _MOST_ROWS))
    return b"".join(_slice(each, row_bytes) for each in slices)


def _slice(bits: bytes, row_bytes: int) -> bytes:
    rows = len(bits) // row_bytes
    return bytes(S_RASTER_N) + row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little") + bits


def _draw_cells(text: str, bold: bool) -> "Image.Image":
    from PIL import Image

    line = Image.new("1", (max(1, cells(text)) * CELL, EM))
    x = 0
    for cluster in clusters(text):
        room = cells(cluster) * CELL
        if cluster.strip():
            line.paste(glyph(cluster if _drawable(cluster) else BOX, room, bold), (x, 0))
        x += room
    return line


def _drawable(cluster: str) -> bool:
    return not cluster.strip() or all(map(has_glyph, cluster))
