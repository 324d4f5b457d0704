"""What the commands do to paper: carries them out in order and lets a slip out at the cut. It knows no time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from drivers.virtual.code128 import BadBarcode, read_barcode
from drivers.virtual.commands import Command
from drivers.virtual.qr_symbol import BadQrCode, QrMemory
from drivers.virtual.slip import EM, BarcodeRow, FeedRow, Glyph, PictureRow, Roll, Row, TextRow, VirtualSlip

_DEFAULT_SPACING = 30


@dataclass(slots=True)
class Settings:
    """As after power-up and ESC @ on a Chinese model: Chinese mode is on."""

    chinese: bool = True
    bold: bool = False
    align: int = 0
    width: int = 1
    height: int = 1
    spacing: int = _DEFAULT_SPACING
    bar_height: int = 162
    bar_width: int = 3
    bar_text: int = 0


class Mechanism:
    def __init__(self, roll: Roll) -> None:
        self.slips: list[VirtualSlip] = []
        self.torn: list[VirtualSlip] = []
        self.lines_printed = 0
        self.dots_fed = 0
        self.drawer_kicks = 0
        self.beeps = 0
        self._roll = roll
        self._handlers = self._commands()
        self._begin_slip()
        self._initialise()

    def execute(self, command: Command) -> None:
        if not command.known:
            self._faults.append(f"unknown command {command.name}")
        elif handler := self._handlers.get(command.name):
            handler(command.data)

    def _commands(self) -> dict[str, Callable[[bytes], None]]:
        return {
            "TEXT": self._print_text,
            "LF": lambda _: self._end_line(),
            "ESC @": lambda _: self._begin_anew(),
            "ESC !": self._select_mode,
            "ESC E": self._select_bold,
            "ESC a": self._select_align,
            "ESC d": self._feed_lines,
            "ESC J": self._feed_dots,
            "ESC 2": lambda _: self._set_spacing(bytes((_DEFAULT_SPACING,))),
            "ESC 3": self._set_spacing,
            "ESC p": self._kick_drawer,
            "ESC B": self._beep,
            "FS &": lambda _: self._select_chinese(True),
            "FS .": lambda _: self._select_chinese(False),
            "GS !": self._select_size,
            "GS h": self._set_bar_height,
            "GS w": self._set_bar_width,
            "GS H": self._set_bar_text,
            "GS k": self._print_barcode,
            "GS (": self._two_dimensional,
            "GS v": self._print_raster,
            "GS V": self._cut,
        }

    def _initialise(self) -> None:
        """What stands in the line buffer is lost, what is on paper stays."""
        self._settings = Settings()
        self._glyphs: list[Glyph] = []
        self._lead: int | None = None
        self._qr = QrMemory()

    def _begin_anew(self) -> None:
        """ESC @"""
        self._initialise()
        if self._rows:
            self._starts.append(len(self._rows))

    def _begin_slip(self) -> None:
        self._rows: list[Row] = []
        self._starts: list[int] = []
        self._wrapped: list[str] = []
        self._split: list[str] = []
        self._faults: list[str] = []

    def clear_print_buffer(self) -> None:
        """What is on paper stays, and so do the settings."""
        self._glyphs, self._lead = [], None

    def lose_power(self) -> VirtualSlip | None:
        """All settings are gone, and a half slip is torn off by whoever switches it on again."""
        self._initialise()
        if not self._rows:
            return None
        self.torn.append(self._let_out(len(self.torn) + 1, torn=True))
        return self.torn[-1]

    def _select_chinese(self, on: bool) -> None:
        self._settings.chinese, self._lead = on, None

    def _select_mode(self, data: bytes) -> None:
        self._settings.bold = bool(data[0] & 0x08)
        self._settings.height = 2 if data[0] & 0x10 else 1
        self._settings.width = 2 if data[0] & 0x20 else 1

    def _select_size(self, data: bytes) -> None:
        self._settings.width, self._settings.height = (data[0] >> 4 & 7) + 1, (data[0] & 7) + 1

    def _select_bold(self, data: bytes) -> None:
        self._settings.bold = bool(data[0] & 1)

    def _select_align(self, data: bytes) -> None:
        """Only heard at the beginning of a line."""
        if not self._glyphs:
            self._settings.align = data[0] % 48 % 3

    def _set_spacing(self, data: bytes) -> None:
        self._settings.spacing = data[0]

    def _set_bar_height(self, data: bytes) -> None:
        self._settings.bar_height = max(data[0], 1)

    def _set_bar_width(self, data: bytes) -> None:
        self._settings.bar_width = min(max(data[0], 1), 6)

    def _set_bar_text(self, data: bytes) -> None:
        self._settings.bar_text = data[0] % 48

    def _kick_drawer(self, _: bytes) -> None:
        self.drawer_kicks += 1

    def _beep(self, data: bytes) -> None:
        self.beeps += data[0]

    def _print_text(self, data: bytes) -> None:
        for byte in data:
            if self._lead is not None:
                self._print_pair(self._lead, byte)
            elif self._settings.chinese and 0x81 <= byte <= 0xFE:
                self._lead = byte
            else:
                self._print_char(bytes((byte,)).decode("cp437"), 1)

    def _print_pair(self, lead: int, trail: int) -> None:
        """Two-byte GBK only: of GB18030's four bytes each half is junk and a digit (facts/devices.md §3.1)."""
        self._lead = None
        try:
            self._print_char(bytes((lead, trail)).decode("gbk"), 2)
        except UnicodeDecodeError:
            self._print_char("?", 1)
            self._print_text(bytes((trail,)))

    def _print_char(self, char: str, cells: int) -> None:
        width = self._settings.width
        used = sum(glyph.cells * glyph.width for glyph in self._glyphs)
        if used + cells * width > self._roll.columns:
            line = "".join(glyph.char for glyph in self._glyphs) + char
            self._wrapped.append(line)
            if used < self._roll.columns:
                self._split.append(line)
            self._end_line()
        self._glyphs.append(Glyph(char, cells, width, self._settings.height, self._settings.bold))

    def _end_line(self) -> None:
        tallest = max((glyph.height * EM for glyph in self._glyphs), default=0)
        advance = max(tallest, self._settings.spacing)
        self._print_row(TextRow(tuple(self._glyphs), self._settings.align, advance))
        self._glyphs = []

    def _print_row(self, row: Row) -> None:
        self._feed(row)
        self.lines_printed += 1

    def _feed(self, row: Row) -> None:
        self._rows.append(row)
        self.dots_fed += row.advance

    def _feed_lines(self, data: bytes) -> None:
        lines = data[0]
        if self._glyphs:
            self._end_line()
            lines -= 1
        if lines > 0:
            self._feed(FeedRow(lines * self._settings.spacing))

    def _feed_dots(self, data: bytes) -> None:
        if self._glyphs:
            self._end_line()
        self._feed(FeedRow(data[0]))

    def _print_barcode(self, data: bytes) -> None:
        if data[0] != 73:
            self._faults.append(f"barcode type {data[0]} is not known here")
            return
        try:
            barcode = read_barcode(data[2:])
        except BadBarcode as error:
            self._faults.append(f"barcode not printed: {error}")
            return
        settings = self._settings
        if len(barcode.modules) * settings.bar_width > self._roll.dots:
            self._faults.append(f"barcode wider than the paper: {barcode.text}")
        self._print_row(
            BarcodeRow(
                barcode.text,
                barcode.modules,
                settings.bar_width,
                settings.bar_height,
                bool(settings.bar_text & 2),
                settings.align,
            )
        )

    def _two_dimensional(self, data: bytes) -> None:
        """GS ( k pL pH 49 fn …: QR codes; the other symbols and GS ( families are passed over."""
        if data[:1] != b"k" or data[3:4] != b"1" or len(data) < 6:
            return
        try:
            row = self._qr.execute(data[4], data[5:], self._settings.align)
        except BadQrCode as error:
            self._faults.append(f"QR code not printed: {error}")
            return
        if row:
            if row.advance > self._roll.dots:
                self._faults.append(f"QR code wider than the paper: {row.data!r}")
            self._print_row(row)

    def _print_raster(self, data: bytes) -> None:
        """GS v 0 m xL xH yL yH d…"""
        mode, row_bytes = data[1] % 48, int.from_bytes(data[2:4], "little")
        if row_bytes * 8 > self._roll.dots:
            self._faults.append("picture wider than the paper")
        if row_bytes and data[6:]:
            scale_x, scale_y = (2 if mode & 1 else 1), (2 if mode & 2 else 1)
            self._print_row(PictureRow(data[6:], row_bytes, scale_x, scale_y, self._settings.align))

    def _cut(self, data: bytes) -> None:
        if self._glyphs:
            self._end_line()
        if len(data) > 1:
            self._feed(FeedRow(data[1]))
        self.slips.append(self._let_out(len(self.slips) + 1))

    def _let_out(self, number: int, *, torn: bool = False) -> VirtualSlip:
        slip = VirtualSlip(
            number,
            time.monotonic(),
            self._roll,
            tuple(self._rows),
            tuple(self._wrapped),
            tuple(self._split),
            tuple(self._faults),
            torn,
            tuple(self._starts),
        )
        self._begin_slip()
        return slip
