"""The elements of a GS1 message: which there are is biip's table; what a value and a whole message must satisfy is
GS1's Barcode Syntax Dictionary (facts/compliance.md §2.1), where biip asks for less."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from domain.codes.barcodes import check_digit_holds

_LONGEST_AI = 4
_LAST_YEAR_OF_1900S = 77
"""GS1's century rule as of 2026: years 77 to 99 are of the last century. No clock decides what a pack says."""
_DATES = {*("11", "12", "13", "15", "16", "17"), *("4324", "4325", "4326", "7003", "7006", "7007", "7011", "8008")}
_DAY_MAY_BE_ZERO = {"11", "12", "13", "15", "16", "17", "4324", "4325"}
_CHECKED = {"00": 18, "01": 14, "253": 13, "402": 17, "8017": 18, "8018": 18} | {f"41{place}": 13 for place in range(8)}
"""How many leading digits end in a check digit."""
_MEASURES = ("30", "31", "32", "35", "36")

_NEVER_WITH_PRODUCT = ("02", "255", "37", "394", "8006", "8026", "8111")
_NEEDS: dict[str, tuple[str, ...]] = {
    **{"12": ("8020",), "250": ("21",), "254": ("414",), "390": ("8020",), "391": ("8020",)},
    **{"392": _MEASURES, "393": _MEASURES, "395": _MEASURES, "403": ("00",), "415": ("8020",), "427": ("422",)},
    **{"43": ("00",), "7004": ("10",), "7020": ("416",), "7022": ("7021",), "7241": ("8017", "8018")},
    **{"7242": ("8017", "8018"), "8007": ("415",), "8011": ("8010",), "8019": ("8017", "8018"), "8020": ("415",)},
}
"""What an element needs beside it, besides the product's number (01), which is always there."""
_NEVER_TOGETHER = (("21", "235"), ("420", "421"), ("421", "4307"), ("422", "426"), ("423", "426"), ("424", "426"),
    ("425", "426"), ("4330", "4331"), ("4332", "4333"), ("8017", "8018"))  # fmt: skip


class Identifier(NamedTuple):
    """An application identifier (AI). `ends_by_separator`: its values have no length of their own."""

    ai: str
    ends_by_separator: bool
    value: re.Pattern[str]

    def takes(self, value: str) -> bool:
        return bool(value) and self.value.fullmatch(value) is not None and _holds(self.ai, value)


def identifier_at(text: str, place: int) -> Identifier | None:
    return _identifier(text[place : place + _LONGEST_AI])


@lru_cache(maxsize=20_000)
def _identifier(beginning: str) -> Identifier | None:
    import biip  # 20 MB that a store without GS1 codes need not spend
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        known = GS1ApplicationIdentifier.extract(beginning)
    except biip.ParseError:
        return None
    pattern = known.pattern.removeprefix(f"^{known.ai}").removesuffix("$")
    return Identifier(known.ai, known.separator_required, re.compile(pattern, re.ASCII))


def _holds(ai: str, value: str) -> bool:
    if ai in _CHECKED:
        return check_digit_holds(value[: _CHECKED[ai]])
    if ai in _DATES:
        return date_of(value, day_may_be_zero=ai in _DAY_MAY_BE_ZERO) is not None
    return True


def belong_together(elements: Mapping[str, str]) -> bool:
    """Whether these may stand in one message about one product."""
    if "01" not in elements or any(ai.startswith(_NEVER_WITH_PRODUCT) for ai in elements):
        return False
    if any(one in elements and other in elements for one, other in _NEVER_TOGETHER):
        return False
    families = [ai[:3] for ai in elements if len(ai) == _LONGEST_AI and ai[0] == "3"]
    return len(families) == len(set(families)) and all(_has_company(ai, elements) for ai in elements)


def _has_company(ai: str, elements: Mapping[str, str]) -> bool:
    needed = next((wanted for prefix, wanted in _NEEDS.items() if ai.startswith(prefix)), None)
    return needed is None or any(other.startswith(needed) for other in elements)


def date_of(value: str, *, day_may_be_zero: bool = True) -> date | None:
    """YYMMDD at the beginning of `value`; a day of 00 is the month's last (facts/compliance.md §7 R8)."""
    if len(value) < 6 or not value[:6].isdigit():
        return None
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:6])
    year += 1900 if year >= _LAST_YEAR_OF_1900S else 2000
    if not 1 <= month <= 12 or (day == 0 and not day_may_be_zero):
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None
