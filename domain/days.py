"""Days as they stand on packs and in suppliers' files."""

import re
from calendar import monthrange
from datetime import date

_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})(?:[-/.月]?(\d{1,2})日?|月?)", re.ASCII)
_WHOLE = re.compile(r"\d{4}(?:\d{2}){1,2}", re.ASCII)


class NotADay(ValueError):
    """Neither a day nor a month."""


def read_day(text: str) -> tuple[date, bool]:
    """2028-06-30, 2028/6/30, 20280630, 2028年6月30日; or a month, which is good to its end: 2028-06, 202806."""
    text = text.strip()
    if text.isdigit() and not _WHOLE.fullmatch(text):
        raise NotADay(f"“{text}”不是日期，应如 2028-06-30 或 2028-06")
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month, day = int(found[1]), int(found[2]), found[3]
        if day is None or int(day) == 0:  # GS1 writes a month as its day 00
            return date(year, month, monthrange(year, month)[1]), True
        return date(year, month, int(day)), False
    except ValueError:
        raise NotADay(f"“{text}”不是日期，应如 2028-06-30 或 2028-06") from None
