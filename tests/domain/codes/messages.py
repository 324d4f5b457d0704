"""GS1 messages as packs carry them, with their separators and without."""

import random
import string

from domain.codes import check_digit_holds
from domain.codes.texts import GROUP_SEPARATOR

GTIN = "06900000000014"
LETTERS = string.ascii_uppercase + string.digits + "-"


def message(*elements: tuple[str, str], separator: str = GROUP_SEPARATOR) -> str:
    """`separator` goes after each lot, serial and the like that is not the last."""
    parts = [ai + value + (separator if ai in ("10", "21", "240", "91") else "") for ai, value in elements]
    return "".join(parts).removesuffix(separator) if separator else "".join(parts)


def gtin(source: random.Random) -> str:
    body = f"0{source.randrange(10**12):012d}"
    return next(f"{body}{digit}" for digit in range(10) if check_digit_holds(f"{body}{digit}"))
