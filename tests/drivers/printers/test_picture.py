import io

import pytest
from PIL import Image, ImageDraw

from drivers.errors import Unprintable
from drivers.printers.document import PAPER_58, PAPER_80, Align, Document, Paper, Picture, Text
from drivers.printers.escpos import encode
from drivers.printers.picture import burnt, logo
from drivers.virtual.slip import VirtualSlip
from tests.drivers.printers.printing import print_blocks, print_bytes


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def cross(mode: str = "RGB", size: int = 200, ink: tuple[int, ...] | int = (0, 140, 70)) -> Image.Image:
    image = Image.new(mode, (size, size), "white" if mode != "I;16" else 65535)
    draw = ImageDraw.Draw(image)
    draw.rectangle((size // 3, 0, 2 * size // 3, size), ink)
    draw.rectangle((0, size // 3, size, 2 * size // 3), ink)
    return image


def ink_of(slip: VirtualSlip) -> list[tuple[int, int]]:
    """Inked dots as (x, y) over all slices of the slip's pictures."""
    dots, top = [], 0
    for picture in slip.pictures:
        image = Image.frombytes("1", (picture.row_bytes * 8, picture.advance), picture.bits)
        dots += [(x, top + y) for y in range(image.height) for x in range(image.width) if image.getpixel((x, y))]
        top += picture.advance
    return dots


def test_a_coloured_logo_comes_out_solid(paper: Paper) -> None:
    dots = burnt(png(cross()), paper)
    assert dots.size == (200, 200)
    assert dots.getpixel((100, 10)) == 255
    assert dots.getpixel((10, 10)) == 0
    assert sum(dots.histogram()[255:]) == sum(cross("L", ink=0).histogram()[:1])


def test_a_pale_logo_is_seen_too(paper: Paper) -> None:
    assert burnt(png(cross(ink=(250, 230, 90))), paper).getpixel((100, 10)) == 255


def test_a_photograph_keeps_its_shades(paper: Paper) -> None:
    ramp = Image.linear_gradient("L").resize((256, 256))
    dots = burnt(png(ramp), paper)
    shares = [sum(dots.crop((0, y, 256, y + 64)).histogram()[255:]) / (256 * 64) for y in (0, 64, 128, 192)]
    assert shares == pytest.approx([0.875, 0.625, 0.375, 0.125], abs=0.05)


def test_what_is_transparent_stays_white(paper: Paper) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 9, 39), (0, 0, 0, 255))
    assert burnt(png(image), paper).getbbox() == (0, 0, 10, 40)


@pytest.mark.parametrize(("mode", "ink"), [("1", 0), ("L", 0), ("I;16", 0), ("P", 0), ("RGBA", (0, 0, 0, 255))])
def test_every_kind_of_png_is_read(mode: str, ink: tuple[int, ...] | int) -> None:
    source = cross("L", ink=0).convert("P") if mode == "P" else cross(mode, ink=ink)
    assert burnt(png(source), PAPER_58).tobytes() == burnt(png(cross("L", ink=0)), PAPER_58).tobytes()


@pytest.mark.parametrize("size", [(1000, 300), (300, 3000), (2000, 1), (1, 2000), (384, 400), (7, 7)])
def test_it_is_made_to_fit_and_never_enlarged(paper: Paper, size: tuple[int, int]) -> None:
    slip = print_blocks(paper, logo(png(Image.new("L", size, 0))))
    assert not slip.faults
    assert all(picture.row_bytes * 8 == paper.dots and picture.advance <= 255 for picture in slip.pictures)
    xs, ys = zip(*ink_of(slip), strict=True)
    wide, tall = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
    assert wide <= min(size[0], paper.dots)
    assert tall <= min(size[1], 400)
    if size[0] > paper.dots and size[1] == 300:
        assert wide / tall == pytest.approx(size[0] / size[1], rel=0.02)


def test_a_tall_logo_comes_in_slices_without_a_seam() -> None:
    slip = print_blocks(PAPER_80, logo(png(Image.new("L", (40, 390), 0))))
    assert [picture.advance for picture in slip.pictures] == [30] * 13
    assert len(ink_of(slip)) == 40 * 390


@pytest.mark.parametrize(("align", "left"), [("left", 0), ("center", 268), ("right", 536)])
def test_it_stands_where_it_shall(align: Align, left: int) -> None:
    slip = print_blocks(PAPER_80, logo(png(Image.new("L", (40, 20), 0)), align))
    assert min(x for x, _ in ink_of(slip)) == left


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"", "not a PNG file"),
        (b"GIF89a" + b"\x00" * 40, "not a PNG file"),
        (png(cross())[:200], "damaged"),
        (png(cross())[:60] + b"\x00" * 100 + png(cross())[160:], "damaged"),
        (png(cross()) + b"\x00" * 1_000_000, "too large"),
        (png(Image.new("1", (3000, 3000))), "too large"),
    ],
    ids=["empty", "GIF", "cut off", "overwritten", "bytes", "points"],
)
def test_a_broken_picture_is_refused_when_it_is_set(broken: bytes, said: str) -> None:
    with pytest.raises(Unprintable, match=said) as refused:
        logo(broken)
    assert "PNG" in refused.value.hint


def test_a_picture_damaged_since_does_not_hold_up_the_slip(caplog: pytest.LogCaptureFixture) -> None:
    slip = print_bytes(PAPER_58, encode(Document((Picture(b"rotten"), Text("阿莫西林"))), PAPER_58).data)
    assert slip.lines == ["阿莫西林"]
    assert "without its picture" in caplog.text


def test_no_picture_holds_a_real_time_command() -> None:
    """One made of nothing but DLE EOT, ENQ and DC4; a dot of each is given up."""
    ink = bytes((0x10, 0x04, 0x10, 0x05, 0x10, 0x14)) * 8 * 20
    white = bytes(byte ^ 0xFF for byte in ink)
    data = encode(Document((logo(png(Image.frombytes("1", (384, 20), white))),)), PAPER_58).data
    assert b"\x00\x04\x00\x05\x00\x14" in data
    assert not [pair for pair in (b"\x10\x04", b"\x10\x05", b"\x10\x14") if pair in data]
