"""A document as ESC/POS bytes for Chinese printers.

Commands come from python-escpos where they are sound; text does not, because it guesses code pages, never
sends `FS &`, and writes ¥ in four bytes (facts/devices.md §0.5–6).
"""

import logging
from typing import TYPE_CHECKING, NamedTuple

from escpos.constants import (
    BARCODE_HEIGHT,
    BARCODE_TXT_BLW,
    BARCODE_TYPE_B,
    BARCODE_WIDTH,
    ESC,
    FS,
    GS,
    HW_INIT,
    TXT_SIZE,
    TXT_STYLE,
)

from drivers.errors import Unprintable
from drivers.printers.base import Job
from drivers.printers.capability import Capabilities
from drivers.printers.charset import is_native
from drivers.printers.code128 import encode_code128, module_width
from drivers.printers.document import Code128, Document, Feed, Paper, Picture, QrCode
from drivers.printers.glyphs import EM
from drivers.printers.layout import Line, Row, lay_out, lost
from drivers.printers.picture import burnt
from drivers.printers.qr import drawn_qr, native_qr, qr_size
from drivers.printers.raster import boxes_drawn, commands, draw_line, placed

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Job", "encode"]

log = logging.getLogger(__name__)

_DOTS_PER_MM = 8
_LEADING = 6
_BAR_HEIGHT, _BAR_TEXT, _GAP = 80, 30, 12
_CUTTER_MM = 15
_TEAR_LINES = 4
_START = bytes(HW_INIT + FS) + b"&"
_CUT = bytes(GS) + b"V\x42\x00"  # feed to the knife, then cut
_USUAL = Capabilities()


class _Printed(NamedTuple):
    """A row as bytes, the paper it takes, and how many characters in it are □ because nobody can print them."""

    data: bytes
    dots: int
    boxes: int = 0


def encode(document: Document, paper: Paper, capabilities: Capabilities = _USUAL) -> Job:
    """One buffer: initialise, print, cut, initialise again: the printer is left as it was found."""
    rows = [_encode_row(row, paper, capabilities) for row in lay_out(document, paper)]
    boxes = lost(document) + sum(row.boxes for row in rows)
    if boxes:
        log.warning("%d characters of a slip cannot be printed by anyone and come out as □", boxes)
    data = b"".join((_START, *(row.data for row in rows), _tear_off(paper), _CUT, _START))
    return Job(data, sum(row.dots for row in rows) / _DOTS_PER_MM + _CUTTER_MM, boxes=boxes)


def _encode_row(row: Row, paper: Paper, capabilities: Capabilities) -> _Printed:
    match row:
        case Line():
            drawn = row.drawn if row.drawn is not None else not is_native(row.text, capabilities.font)
            return _drawn_line(row, paper) if drawn or not is_native(row.text) else _line(row)
        case Code128():
            return _code128(row.data, paper, capabilities)
        case QrCode():
            return _qr(row.data, paper, capabilities)
        case Picture():
            return _picture(row, paper)
        case Feed():
            lines = min(max(row.lines, 0), 255)
            return _Printed(_pitch(EM + _LEADING) + bytes(ESC) + b"d" + bytes((lines,)), lines * (EM + _LEADING))


def _line(line: Line) -> _Printed:
    pitch = EM * line.height + _LEADING
    magnification = bytes(((line.width - 1) << 4 | (line.height - 1),))
    style = _align(line.align) + bytes(TXT_STYLE["bold"][line.bold] + TXT_SIZE) + magnification
    return _Printed(_pitch(pitch) + style + line.text.encode("gbk") + b"\n", pitch)


def _drawn_line(line: Line, paper: Paper) -> _Printed:
    pitch = EM * line.height + _LEADING
    strip = draw_line(
        line.text, paper, width=line.width, height=line.height, bold=line.bold, align=line.align, pitch=pitch
    )
    return _strip(strip, boxes_drawn(line.text))


def _strip(strip: "Image.Image", boxes: int = 0) -> _Printed:
    """At the left edge, whole width."""
    return _Printed(_align("left") + commands(strip), strip.height, boxes)


def _code128(data: str, paper: Paper, capabilities: Capabilities) -> _Printed:
    """Falls back to a QR code: bars clipped at the edge look like a code and scan as nothing."""
    encoded = encode_code128(data)
    width = module_width(encoded[1], paper.dots) if encoded else None
    if not encoded or not width:
        return _qr(data, paper, capabilities)
    command = b"".join(
        (
            _align("center"),
            bytes(BARCODE_HEIGHT) + bytes((_BAR_HEIGHT,)),
            bytes(BARCODE_WIDTH) + bytes((width,)),
            bytes(BARCODE_TXT_BLW),
            bytes(BARCODE_TYPE_B["CODE128"]) + bytes((len(encoded[0]),)),
            encoded[0],
            _space(_GAP),
        )
    )
    return _Printed(command, _BAR_HEIGHT + _BAR_TEXT + _GAP)


def _qr(data: str, paper: Paper, capabilities: Capabilities) -> _Printed:
    if any(ord(char) < 0x20 for char in data):
        raise Unprintable("a code holds control characters")
    size = qr_size(data, paper.dots)
    if not size:
        raise Unprintable(f"{len(data)} characters are too many for a code on this paper")
    if capabilities.native_qr:
        code = _align("center") + native_qr(data, size)
    else:
        code = _strip(placed(drawn_qr(data, size), paper, "center", size.side)).data
    return _Printed(_space(size.quiet) + code + _space(size.quiet), size.side + 2 * size.quiet)


def _picture(picture: Picture, paper: Paper) -> _Printed:
    """It was read when it was set; should it be damaged since, the slip matters more than its logo."""
    try:
        dots = burnt(picture.png, paper)
    except Unprintable as error:
        log.warning("a slip goes without its picture: %s", error)
        return _Printed(b"", 0)
    return _strip(placed(dots, paper, picture.align, dots.height))


def _tear_off(paper: Paper) -> bytes:
    """58 mm printers seldom have a knife: feed the slip past the tear bar ourselves."""
    return bytes(ESC) + b"d" + bytes((_TEAR_LINES,)) if paper.columns <= 32 else b""


def _align(align: str) -> bytes:
    return bytes(TXT_STYLE["align"][align])


def _pitch(dots: int) -> bytes:
    return bytes(ESC) + b"3" + bytes((dots,))


def _space(dots: int) -> bytes:
    return bytes(ESC) + b"J" + bytes((dots,))
