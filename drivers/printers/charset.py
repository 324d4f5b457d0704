"""What the font of a Chinese printer can print, and how many cells it takes there.

Chinese receipt printers know ASCII and the two-byte part of GBK; GB18030's four-byte characters come out as
junk (facts/devices.md §3.1). Python's `gbk` codec is exactly that set.
"""

import unicodedata
from functools import lru_cache

_YEN_SIGN, _FULLWIDTH_YEN = "\u00a5", "\uffe5"
_UNKNOWN = "\u25a1"  # □, which every GBK font has


def clean(text: str) -> str:
    """Text as it can go on paper: composed, ¥ as ￥, no control characters but the newline.

    Dropping control characters is also what keeps a buyer's remark from sending commands to the printer.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace(_YEN_SIGN, _FULLWIDTH_YEN))
    return "".join(_cleaned(char) for char in composed)


def _cleaned(char: str) -> str:
    if char == "\n" or " " <= char <= "~":
        return char
    if char.isspace():
        return "\u3000" if char == "\u3000" else " "
    match unicodedata.category(char):
        case "Cc" | "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return _UNKNOWN
        case _:
            return "" if "\ufe00" <= char <= "\ufe0f" else char  # variation selectors


def is_native(text: str) -> bool:
    """Whether the printer's own font has every character of this clean text."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def cells(text: str) -> int:
    return sum(char_cells(char) for char in text)


@lru_cache(maxsize=8192)
def char_cells(char: str) -> int:
    """1 for ASCII, 2 for what GBK writes in two bytes, otherwise as Unicode says (0 for combining marks)."""
    if char <= "~":
        return 1
    if is_native(char):
        return 2
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
