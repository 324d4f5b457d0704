"""A document as ESC/POS bytes for Chinese printers.

Commands come from python-escpos where they are sound; text does not, because it guesses code pages, never
sends `FS &`, and writes ¥ in four bytes (facts/devices.md §0.5–6).
"""

import re

from escpos.constants import (
    BARCODE_HEIGHT,
    BARCODE_TXT_BLW,
    BARCODE_TYPE_B,
    BARCODE_WIDTH,
    ESC,
    FS,
    GS,
    HW_INIT,
    S_RASTER_N,
    TXT_SIZE,
    TXT_STYLE,
)

from drivers.errors import Unprintable
from drivers.printers.base import Job
from drivers.printers.charset import is_native
from drivers.printers.code128 import encode_code128, module_width
from drivers.printers.document import Code128, Document, Feed, Paper, QrCode
from drivers.printers.layout import Line, Row, lay_out
from drivers.printers.qr import encode_qr
from drivers.printers.raster import draw_line

__all__ = ["Job", "encode"]

_DOTS_PER_MM = 8
_EM, _LEADING = 24, 6
_BAR_HEIGHT, _BAR_TEXT, _GAP = 80, 30, 12
_CUTTER_MM = 15
_TEAR_LINES = 4
_START = bytes(HW_INIT + FS) + b"&"
_SPACE_BELOW = bytes(ESC) + b"J" + bytes((_GAP,))
_CUT = bytes(GS) + b"V\x42\x00"  # feed to the knife, then cut
_ASK = bytes(GS) + b"r\x01"


def encode(document: Document, paper: Paper) -> Job:
    """One buffer: initialise, print, cut, leave the printer as found, and ask whether all that has been done."""
    rows = [_encode_row(row, paper) for row in lay_out(document, paper)]
    tear = _tear_off(paper)
    data = b"".join((_START, *(data for data, _ in rows), tear, _CUT, _START, _ASK))
    dots = sum(height for _, height in rows)
    return Job(data, dots / _DOTS_PER_MM + _CUTTER_MM)


def _encode_row(row: Row, paper: Paper) -> tuple[bytes, int]:
    match row:
        case Line():
            return _line(row, paper)
        case Code128():
            return _code128(row.data, paper)
        case QrCode():
            return _qr(row.data, paper)
        case Feed():
            lines = min(max(row.lines, 0), 255)
            return _pitch(_EM + _LEADING) + bytes(ESC) + b"d" + bytes((lines,)), lines * (_EM + _LEADING)


def _line(line: Line, paper: Paper) -> tuple[bytes, int]:
    pitch = _EM * line.height + _LEADING
    if not is_native(line.text):
        picture = draw_line(
            line.text,
            paper,
            width=line.width,
            height=line.height,
            bold=line.bold,
            align=line.align,
            pitch=pitch,
        )
        return _raster(picture.tobytes(), paper.dots // 8, pitch), pitch
    magnification = bytes(((line.width - 1) << 4 | (line.height - 1),))
    style = _align(line.align) + bytes(TXT_STYLE["bold"][line.bold] + TXT_SIZE) + magnification
    return _pitch(pitch) + style + line.text.encode("gbk") + b"\n", pitch


def _raster(bitmap: bytes, row_bytes: int, rows: int) -> bytes:
    """At the left edge, whole width. DLE before EOT, ENQ or DC4 would be taken for a real-time command by
    older firmware even inside a picture (facts/devices.md §3.2): there one dot is given up.
    """
    safe = re.sub(rb"\x10(?=[\x04\x05\x14])", b"\x00", bitmap)
    size = row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
    return _align("left") + bytes(S_RASTER_N) + size + safe


def _code128(data: str, paper: Paper) -> tuple[bytes, int]:
    """Falls back to a QR code: bars clipped at the edge look like a code and scan as nothing."""
    encoded = encode_code128(data)
    width = module_width(encoded[1], paper.dots) if encoded else None
    if not encoded or not width:
        return _qr(data, paper)
    command = b"".join(
        (
            _align("center"),
            bytes(BARCODE_HEIGHT) + bytes((_BAR_HEIGHT,)),
            bytes(BARCODE_WIDTH) + bytes((width,)),
            bytes(BARCODE_TXT_BLW),
            bytes(BARCODE_TYPE_B["CODE128"]) + bytes((len(encoded[0]),)),
            encoded[0],
            _SPACE_BELOW,
        )
    )
    return command, _BAR_HEIGHT + _BAR_TEXT + _GAP


def _qr(data: str, paper: Paper) -> tuple[bytes, int]:
    if any(ord(char) < 0x20 for char in data):
        raise Unprintable("a code holds control characters")
    encoded = encode_qr(data, paper.dots)
    if not encoded:
        raise Unprintable(f"{len(data)} characters are too many for a code on this paper")
    return _align("center") + encoded[0] + _SPACE_BELOW, encoded[1] + _GAP


def _tear_off(paper: Paper) -> bytes:
    """58 mm printers seldom have a knife: feed the slip past the tear bar ourselves."""
    return bytes(ESC) + b"d" + bytes((_TEAR_LINES,)) if paper.columns <= 32 else b""


def _align(align: str) -> bytes:
    return bytes(TXT_STYLE["align"][align])


def _pitch(dots: int) -> bytes:
    return bytes(ESC) + b"3" + bytes((dots,))
