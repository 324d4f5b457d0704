"""The bars on the screen, read by a decoder that knows nothing of us."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from agent.bars import HEIGHT, QUIET, bars
from agent.training.goods import packaged

DOTS = 2
"""A screen's pixels per module, as the page draws them."""


def picture(path: str, modules: int) -> Image.Image:
    drawn = Image.new("L", (modules * DOTS, HEIGHT), 255)
    pen = ImageDraw.Draw(drawn)
    for place in re.findall(r"M(\d+) 0h1v\d+h-1z", path):
        left = int(place) * DOTS
        pen.rectangle((left, 0, left + DOTS - 1, HEIGHT), fill=0)
    return drawn


@pytest.mark.parametrize(
    "code", ["YO0123456789AB", *(each.pack(serial) for each in packaged() for serial in (0, 4_711, 10**13 - 1))]
)
def test_a_scanner_reads_what_the_page_says(code: str) -> None:
    path, modules = bars(code)
    (read,) = zxingcpp.read_barcodes(picture(path, modules))
    assert (read.text, read.format) == (code, zxingcpp.BarcodeFormat.Code128)
    assert path.startswith(f"M{QUIET} ")


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ValueError, match="Code 128"):
        bars("练习")
