"""What a printer can do and prove: probed when it is added, stored, and corrected by what it does (design.md §7)."""

from enum import StrEnum

import msgspec


class Font(StrEnum):
    """Which Hanzi the printer's own font has; the rest is drawn."""

    GB2312 = "gb2312"
    GBK = "gbk"


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True):
    """None where nobody has asked yet. A printer that answers nothing is mute: its state is unknown, never
    "paper out"."""

    real_time: bool | None = None
    """It answers DLE EOT."""
    in_order: bool | None = None
    """It answers GS r, in its turn (evidence B)."""
    process_id: bool | None = None
    """It answers GS ( H function 48 (evidence A)."""
    auto_status: bool | None = None
    """It tells changes by itself (GS a), and says how it is, in its turn, when that is switched on."""
    eager: bool = False
    """It answers GS r before the slip is out: its answer proves nothing."""
    maker: str = ""
    model: str = ""
    serial: str = ""
    """From GS I, empty where it does not say."""
    native_qr: bool = True
    font: Font = Font.GBK

    @property
    def may_tell_status(self) -> bool:
        """GS a is worth a try; a printer that answers nothing else might print it."""
        return self.auto_status is True or (self.auto_status is None and self.real_time is True)
