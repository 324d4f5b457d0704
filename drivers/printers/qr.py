"""A QR code through the printer's own encoder (`GS ( k`, facts/devices.md §3.3), or drawn for one that has none."""

from typing import TYPE_CHECKING

import msgspec
from escpos.constants import GS

if TYPE_CHECKING:
    from PIL import Image

_TARGET_DOTS = 200  # 25 mm: read at arm's length by any phone or scanner
QUIET_MODULES = 4
"""Bare paper on each side (ISO/IEC 18004)."""
# How many bytes versions 1 to 20 hold at error correction M (ISO/IEC 18004, table 7).
_CAPACITY_M = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666)


class QrSize(msgspec.Struct, frozen=True):
    """`modules` a side, of `dots` each."""

    modules: int
    dots: int

    @property
    def side(self) -> int:
        return self.modules * self.dots

    @property
    def quiet(self) -> int:
        return QUIET_MODULES * self.dots


def qr_size(data: str, dots: int) -> QrSize | None:
    """None where the code would be too dense for a scanner, or would say nothing."""
    modules = _modules(len(data.encode()))
    size = module_size(modules, dots) if modules and data else None
    return QrSize(modules, size) if modules and size else None


def native_qr(data: str, size: QrSize) -> bytes:
    parameters = (
        b"1A2\x00",  # model 2
        b"1C" + bytes((size.dots,)),
        b"1E1",  # error correction M
        b"1P0" + data.encode(),
        b"1Q0",
    )
    return b"".join(_command(parameter) for parameter in parameters)


def drawn_qr(data: str, size: QrSize) -> "Image.Image":
    """The same code as dots."""
    import qrcode
    from PIL import Image

    symbol = qrcode.QRCode((size.modules - 17) // 4, qrcode.constants.ERROR_CORRECT_M, border=0)
    symbol.add_data(data.encode(), optimize=0)
    dots = Image.new("1", (size.modules, size.modules))
    dots.putdata([255 if dark else 0 for line in symbol.get_matrix() for dark in line])
    return dots.resize((size.side, size.side), Image.Resampling.NEAREST)


def module_size(modules: int, dots: int) -> int | None:
    """Near 25 mm, never under 3 dots a module, always with its quiet zone on the paper."""
    if (modules + 2 * QUIET_MODULES) * 3 > dots:
        return None
    return min(max(_TARGET_DOTS // modules, 3), 8)


def _modules(length: int) -> int | None:
    version = next((v for v, capacity in enumerate(_CAPACITY_M, 1) if length <= capacity), None)
    return 17 + 4 * version if version else None


def _command(parameter: bytes) -> bytes:
    return bytes(GS) + b"(k" + len(parameter).to_bytes(2, "little") + parameter
