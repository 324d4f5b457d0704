"""A QR code through the printer's own encoder (`GS ( k`, facts/devices.md §3.3)."""

from escpos.constants import GS

_TARGET_DOTS = 200  # 25 mm: read at arm's length by any phone or scanner
_MARGIN_MODULES = 4
# How many bytes versions 1 to 20 hold at error correction M (ISO/IEC 18004, table 7).
_CAPACITY_M = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666)


def encode_qr(data: str, dots: int) -> tuple[bytes, int] | None:
    """Commands and height in dots; None where the code would be too dense for a scanner."""
    content = data.encode()
    modules = _modules(len(content))
    size = module_size(modules, dots) if modules else None
    if not content or not modules or not size:
        return None
    parameters = (
        b"1A2\x00",  # model 2
        b"1C" + bytes((size,)),
        b"1E1",  # error correction M
        b"1P0" + content,
        b"1Q0",
    )
    return b"".join(_command(parameter) for parameter in parameters), modules * size


def module_size(modules: int, dots: int) -> int | None:
    """Near 25 mm, never under 3 dots a module, always with its quiet zone on the paper."""
    if (modules + 2 * _MARGIN_MODULES) * 3 > dots:
        return None
    return min(max(_TARGET_DOTS // modules, 3), 8)


def _modules(length: int) -> int | None:
    version = next((v for v, capacity in enumerate(_CAPACITY_M, 1) if length <= capacity), None)
    return 17 + 4 * version if version else None


def _command(parameter: bytes) -> bytes:
    return bytes(GS) + b"(k" + len(parameter).to_bytes(2, "little") + parameter
