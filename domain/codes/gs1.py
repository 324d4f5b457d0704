"""GS1 messages that name a product, guarded where biip errs (facts/compliance.md §2.2).

What every way to read the message agrees about is sure; the rest must be decided by the lots the store knows, or by a
person who looks at the pack.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from domain.codes.gs1_elements import date_of
from domain.codes.kinds import Gs1Code, Gs1Reading
from domain.codes.separators import Elements, readings

T = TypeVar("T")

SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""AIM identifiers that announce GS1 data (facts/compliance.md §2.1)."""
LONGEST = 256
"""Characters of a message; no pack has room for more."""


def gs1_code(text: str, *, announced: bool = False, sent: bool = False) -> Gs1Code | None:
    """None for what is no sound message about one product. Unless a symbology `announced` GS1, it begins with the
    product's number. `sent`: the scanner is known to send separators."""
    if len(text) > LONGEST or not (announced or text.startswith("01")):
        return None
    read = readings(text, sent=sent)
    ways = (*((read.plain,) if read.plain else ()), *read.others)
    gtins = {way["01"] for way in ways}
    if len(gtins) != 1:
        return None
    told = tuple(dict.fromkeys(_told(way) for way in ways))
    first = told[0] if read.plain else _agreed(told) if read.complete else Gs1Reading()
    return Gs1Code(
        gtin=gtins.pop(),
        serial=first.serial,
        lot=first.lot,
        expiry=first.expiry,
        produced=first.produced,
        month_only=first.month_only,
        lot_sure=read.complete and {each.lot for each in told} == {first.lot},
        serial_sure=read.complete and {each.serial for each in told} == {first.serial},
        others=tuple(each for each in told if each != first) if read.complete else (),
    )


def _told(elements: Elements) -> Gs1Reading:
    expiry = elements.get("17", "")
    return Gs1Reading(
        lot=elements.get("10"),
        serial=elements.get("21"),
        expiry=date_of(expiry or elements.get("7003", "")),
        produced=date_of(elements.get("11", "")),
        month_only=expiry.endswith("00"),
    )


def _agreed(told: Sequence[Gs1Reading]) -> Gs1Reading:
    """What several ways say alike, where the text as it stands says nothing."""
    return Gs1Reading(
        lot=_one(each.lot for each in told),
        serial=_one(each.serial for each in told),
        expiry=_one(each.expiry for each in told),
        produced=_one(each.produced for each in told),
        month_only=all(each.month_only for each in told),
    )


def _one(values: Iterable[T | None]) -> T | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None
