"""The QR functions of `GS ( k`: settings and data are stored first, then printed."""

import qrcode

from drivers.virtual.slip import QrRow

_LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}  # L, M, Q, H as the qrcode library numbers them


class BadQrCode(ValueError):
    """The printer prints nothing for such data."""


class QrMemory:
    def __init__(self) -> None:
        self._size = 3
        self._correction = 48
        self._data = b""

    def execute(self, function: int, parameters: bytes, align: int) -> QrRow | None:
        """The row to print, when this function prints."""
        match function:
            case 67:
                self._size = min(max(parameters[0], 1), 16)
            case 69:
                self._correction = parameters[0] if parameters[0] in _LEVELS else 48
            case 80:
                self._data = parameters[1:]
            case 81 if self._data:
                modules = _modules(self._data, self._correction)
                return QrRow(self._data, self._size, self._correction, modules, align)
        return None


def _modules(data: bytes, correction: int) -> tuple[tuple[bool, ...], ...]:
    symbol = qrcode.QRCode(error_correction=_LEVELS[correction], border=0)
    symbol.add_data(data, optimize=0)
    try:
        matrix = symbol.get_matrix()
    except ValueError as error:  # DataOverflowError, or a version above 40
        raise BadQrCode(f"{len(data)} bytes are too many") from error
    return tuple(tuple(bool(dark) for dark in line) for line in matrix)
