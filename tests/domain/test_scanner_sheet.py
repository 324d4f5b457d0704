"""The set-up sheet: known however badly it was read, and graded by what a scanner made of it."""

import pytest

from domain.codes import Part, TestCode, classify
from domain.codes.sheet import CONTENTS, DIGITS, LETTERS, SEPARATORS
from domain.codes.texts import GROUP_SEPARATOR
from domain.scanner_sheet import Fault, Grade, Level, SheetScan, examine, grade

GOOD = [SheetScan(part) for part in Part]


def faults(raw: str, *, ended: bool = True) -> list[Fault]:
    scan = examine(raw, ended=ended)
    assert scan is not None, raw
    return list(scan.faults)


@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("wrapped", ["{}", "{}\r", "{}\r\n", "]C1{}", "]d2{}\t", "\ufeff{}"])
def test_each_code_is_known_and_whole(part: Part, wrapped: str) -> None:
    raw = wrapped.format(CONTENTS[part])
    assert classify(raw) == TestCode(part)
    assert examine(raw) == SheetScan(part)


def test_the_digits_are_twenty_with_runs_of_zeros() -> None:
    assert len(DIGITS) == 20 and "00000" in DIGITS
    assert SEPARATORS.count(GROUP_SEPARATOR) == 2


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (DIGITS.replace("000", "00", 1), Fault.ZEROS_LOST),
        ("9120", Fault.ZEROS_LOST),
        (DIGITS + "0", Fault.CHARACTERS_LOST),
        (LETTERS.swapcase(), Fault.CASE_TURNED),
        (LETTERS.upper(), Fault.CASE_TURNED),
        (LETTERS.replace("aBc", ""), Fault.CHARACTERS_LOST),
        (LETTERS[:3] + LETTERS[-10:], Fault.CHARACTERS_LOST),
        (SEPARATORS.replace(GROUP_SEPARATOR, ""), Fault.SEPARATOR_LOST),
        (SEPARATORS.replace(GROUP_SEPARATOR, "029"), Fault.SEPARATOR_TYPED),
        (SEPARATORS.swapcase(), Fault.CASE_TURNED),
        (SEPARATORS[:-2], Fault.CHARACTERS_LOST),
    ],
)
def test_each_damage_is_named_and_no_pack(raw: str, fault: Fault) -> None:
    if raw != "9120":
        assert isinstance(classify(raw), TestCode)
        assert faults(raw) == [fault]
    else:
        assert examine(raw) is None, "too short to be told from any number"


def test_two_damages_at_once() -> None:
    assert faults(SEPARATORS.replace(GROUP_SEPARATOR, "").swapcase()) == [Fault.SEPARATOR_LOST, Fault.CASE_TURNED]
    assert faults("".join(chr(ord(digit) + 0xFEE0) for digit in DIGITS)) == [Fault.INPUT_METHOD]
    assert faults(DIGITS, ended=False) == [Fault.ENDING_MISSING]
    assert faults(DIGITS + "\r", ended=False) == []


@pytest.mark.parametrize("raw", ["81012350000000157474", "6900000000014", "", "YO0123456789AB", "0123456789"])
def test_nothing_else_is_of_the_sheet(raw: str) -> None:
    assert examine(raw) is None


def test_a_scanner_that_reads_all_is_good() -> None:
    assert grade(GOOD) == Grade(Level.GOOD, (), ())
    assert grade([SheetScan(part, (Fault.ENDING_MISSING,)) for part in Part]).level is Level.GOOD


def test_no_grade_before_all_is_read() -> None:
    assert grade(GOOD[:2]) == Grade(None, (), (Part.SEPARATORS,))
    assert grade(GOOD[:2], finished=True).level is Level.DIGITS_ONLY
    assert grade([], finished=True).level is Level.NOT_USABLE


def test_lost_digits_make_it_unusable_and_the_rest_digits_only() -> None:
    bad_digits = SheetScan(Part.DIGITS, (Fault.ZEROS_LOST,))
    assert grade([*GOOD[1:], bad_digits]) == Grade(Level.NOT_USABLE, (Fault.ZEROS_LOST,), ())
    bad_case = SheetScan(Part.LETTERS, (Fault.CASE_TURNED,))
    assert grade([*GOOD, bad_case]) == Grade(Level.DIGITS_ONLY, (Fault.CASE_TURNED,), ())


def test_the_last_scan_of_a_code_counts() -> None:
    assert grade([SheetScan(Part.LETTERS, (Fault.CASE_TURNED,)), *GOOD]).level is Level.GOOD
