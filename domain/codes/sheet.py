"""What the set-up sheet of scanners carries, and how a scan of it is known however badly it was read.

Each text is one that no pack can carry: a trace code of nobody, letters under our own prefix, a GTIN of the range that
GS1 keeps for demonstrations (952).
"""

import re

from domain.codes.kinds import Part
from domain.codes.texts import GROUP_SEPARATOR

DIGITS = "00090000010000002000"
"""Twenty digits, most of them zeros in runs: what a slow computer swallows (facts/compliance.md §3.2)."""
LETTERS = "YT-aBcDeFgHiJkLm-0123456789"
"""Code 128 in both cases, with a hyphen: CapsLock and the keyboard's layout show."""
GTIN = "09521234543213"
LOT, SERIAL, REFERENCE = "Lot-7b", "Sn4K21x", "Yt10"
SEPARATORS = f"01{GTIN}17281100" + f"10{LOT}{GROUP_SEPARATOR}21{SERIAL}{GROUP_SEPARATOR}240{REFERENCE}"
"""A GS1 DataMatrix with two separators, each before what would read on well without it."""
CONTENTS = {Part.DIGITS: DIGITS, Part.LETTERS: LETTERS, Part.SEPARATORS: SEPARATORS}

_DIGITS_READ = re.compile(r"(?=.{8,40}$)0*90*10*20*")
_LEAST_LETTERS = 10


def part_of(text: str) -> Part | None:
    """Zeros may be lost, case turned, letters and separators swallowed."""
    if _DIGITS_READ.fullmatch(text):
        return Part.DIGITS
    if GTIN in text:
        return Part.SEPARATORS
    if len(text) >= _LEAST_LETTERS and not text.isdigit() and _is_rest(text.casefold(), LETTERS.casefold()):
        return Part.LETTERS
    return None


def _is_rest(text: str, whole: str) -> bool:
    """Whether `text` is what remains of `whole` when characters are lost."""
    left = iter(whole)
    return all(character in left for character in text)
