"""What the font of a Chinese printer can print, how many cells it takes there, and what goes on paper at all.

Chinese receipt printers know ASCII and the two-byte part of GBK, some only GB2312; GB18030's four-byte characters
come out as junk (facts/devices.md §3.1). Python's `gbk` codec is exactly the former set.
"""

import unicodedata
from functools import lru_cache

from drivers.printers.capability import Font
from drivers.printers.glyphs import has_glyph

_TWINS = str.maketrans({"\u00a5": "\uffe5", "\u00b5": "\u03bc"})
"""¥ as ￥ and the micro sign as the Greek μ: the twins every GBK font has."""
BOX = "\u25a1"
"""□ stands for what nobody can print; every GBK font has it."""


def clean(text: str) -> str:
    """Text as it can go on paper: composed, ¥ as ￥, no control characters but the newline, □ for what nobody prints.

    Dropping control characters is also what keeps a buyer's remark from sending commands to the printer.
    """
    kept = "".join(_cleaned(char) for char in text.replace("\r\n", "\n").translate(_TWINS))
    composed = unicodedata.normalize("NFC", kept)
    if is_native(composed):
        return composed
    return "".join(cluster if _can_appear(cluster) else BOX for cluster in clusters(composed))


def boxes(text: str) -> int:
    """How many □ `clean` puts for what cannot be printed."""
    return clean(text).count(BOX) - text.count(BOX)


def _cleaned(char: str) -> str:
    if char == "\n" or " " <= char <= "~":
        return char
    if char.isspace():
        return "\u3000" if char == "\u3000" else " "
    match unicodedata.category(char):
        case "Cc" | "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return BOX
        case _:
            return "" if "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0100" else char  # variation selectors


def _can_appear(cluster: str) -> bool:
    """A mark without a letter to stand on cannot."""
    return char_cells(cluster[0]) > 0 and (is_native(cluster) or all(map(has_glyph, cluster)))


def clusters(text: str) -> list[str]:
    """Characters, each with the combining marks that follow it."""
    found: list[str] = []
    for char in text:
        if found and char_cells(char) == 0 and not found[-1].isspace():
            found[-1] += char
        else:
            found.append(char)
    return found


def is_native(text: str, font: Font = Font.GBK) -> bool:
    """Whether the printer's own font has every character of this clean text."""
    try:
        encoded = text.encode("gbk")
        if font is Font.GB2312:
            encoded.decode("gb2312")  # the same bytes: of · and — GBK only thinks otherwise in Unicode
    except UnicodeError:
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
