"""The set-up sheet of scanners: what it carries, and how good a scanner is that read it.

Three codes, each of which shows faults of its own (facts/compliance.md §3.3): digits with runs of zeros, letters of
both cases, a GS1 message with separators. With the fault the page says which setting to change.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.codes.kinds import Part
from domain.codes.sheet import CONTENTS, DIGITS, SEPARATORS, part_of
from domain.codes.texts import GROUP_SEPARATOR, meddled, plain, symbology

__all__ = ["CONTENTS", "Fault", "Grade", "Level", "Part", "SheetScan", "examine", "grade"]


class Fault(StrEnum):
    """What went wrong on the way; each has one setting that mends it."""

    ZEROS_LOST = "zeros_lost"
    """A longer delay between keys."""
    CHARACTERS_LOST = "characters_lost"
    """A longer delay between keys; the keyboard's country set to USA."""
    CASE_TURNED = "case_turned"
    """CapsLock off; the scanner's keyboard case set to "as is"."""
    SEPARATOR_LOST = "separator_lost"
    """The scanner's GS1 separator (function characters, GS) switched on."""
    SEPARATOR_TYPED = "separator_typed"
    """029 came instead: NumLock on, or control characters sent as Ctrl and a key."""
    INPUT_METHOD = "input_method"
    """The computer's input method switched to English."""
    ENDING_MISSING = "ending_missing"
    """A suffix of CR (Enter). Works without, a little slower."""


class Level(StrEnum):
    GOOD = "good"
    DIGITS_ONLY = "digits_only"
    """Fit for trace codes and product barcodes; letters or the separators of GS1 do not arrive as they are."""
    NOT_USABLE = "not_usable"
    """Not even twenty digits arrive whole."""


class SheetScan(msgspec.Struct, frozen=True):
    """One code of the sheet as it was read."""

    part: Part
    faults: tuple[Fault, ...] = ()

    @property
    def whole(self) -> bool:
        """What was read is what is printed."""
        return set(self.faults) <= {Fault.ENDING_MISSING}


class Grade(msgspec.Struct, frozen=True):
    """`level` is None while codes of the sheet are still to be read."""

    level: Level | None
    faults: tuple[Fault, ...]
    missing: tuple[Part, ...]


def examine(raw: str, *, ended: bool = True) -> SheetScan | None:
    """One scan of the sheet; None for anything else. `ended`: it came with an ending, not just a pause after it."""
    text = plain(raw)
    body = text.removeprefix(symbology(text)).lstrip(GROUP_SEPARATOR)
    part = part_of(body)
    if part is None:
        return None
    faults = [*_faults(part, body)]
    if meddled(raw):
        faults.append(Fault.INPUT_METHOD)
    if not ended and not raw.endswith(("\r", "\n", "\t")):
        faults.append(Fault.ENDING_MISSING)
    return SheetScan(part, tuple(faults))


def grade(scans: Iterable[SheetScan], *, finished: bool = False) -> Grade:
    """The last scan of each code counts. `finished`: what is missing cannot be read by this scanner (one without a
    camera reads no DataMatrix)."""
    last = {scan.part: scan for scan in scans}
    missing = tuple(part for part in Part if part not in last)
    faults = tuple(dict.fromkeys(fault for scan in last.values() for fault in scan.faults))
    return Grade(_level(last) if finished or not missing else None, faults, missing)


def _level(last: dict[Part, SheetScan]) -> Level:
    whole = {part for part, scan in last.items() if scan.whole}
    if Part.DIGITS not in whole:
        return Level.NOT_USABLE
    return Level.GOOD if whole == set(Part) else Level.DIGITS_ONLY


def _faults(part: Part, body: str) -> Iterable[Fault]:
    printed = CONTENTS[part]
    if body == printed:
        return
    if part is Part.DIGITS:
        yield Fault.ZEROS_LOST if len(body) < len(DIGITS) else Fault.CHARACTERS_LOST
        return
    if body.casefold() == printed.casefold():
        yield Fault.CASE_TURNED
    elif part is Part.SEPARATORS:
        yield from _separator_faults(body)
    else:
        yield Fault.CHARACTERS_LOST


def _separator_faults(body: str) -> Iterable[Fault]:
    for instead, fault in (("", Fault.SEPARATOR_LOST), ("029", Fault.SEPARATOR_TYPED)):
        expected = SEPARATORS.replace(GROUP_SEPARATOR, instead)
        if body.casefold() == expected.casefold():
            yield fault
            if body != expected:
                yield Fault.CASE_TURNED
            return
    yield Fault.CHARACTERS_LOST
