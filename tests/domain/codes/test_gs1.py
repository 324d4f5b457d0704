"""GS1 messages: what biip lets through, and lots whose end was swallowed (facts/compliance.md §2.2)."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Gs1Code, Unreadable, classify, unique_part
from domain.codes.texts import GROUP_SEPARATOR
from tests.domain.codes.messages import GTIN, gtin, message

LOTS = st.from_regex(r"\A[A-Z0-9-]{1,12}\Z")


def read(text: str, *, sends_separators: bool = False) -> Gs1Code:
    code = classify(text, sends_separators=sends_separators)
    assert isinstance(code, Gs1Code), code
    return code


def test_a_whole_message() -> None:
    code = read(message(("01", GTIN), ("17", "280630"), ("11", "260701"), ("10", "21A"), ("21", "SN1")))
    assert (code.gtin, code.lot, code.serial) == (GTIN, "21A", "SN1")
    assert (code.expiry, code.produced, code.month_only) == (date(2028, 6, 30), date(2026, 7, 1), False)
    assert code.lot_sure and code.serial_sure and code.other_lots == ()
    assert unique_part(code) == f"{GTIN}/SN1"


def test_a_day_of_zero_is_the_months_last() -> None:
    code = read(message(("01", GTIN), ("17", "280200"), ("10", "A")))
    assert (code.expiry, code.month_only) == (date(2028, 2, 29), True)


@pytest.mark.parametrize(("year", "century"), [("76", 2076), ("77", 1977), ("99", 1999), ("00", 2000)])
def test_two_digits_of_a_year(year: str, century: int) -> None:
    assert read(message(("01", GTIN), ("11", f"{year}0101"))).produced == date(century, 1, 1)


def test_an_expiry_with_its_hour() -> None:
    assert read(f"01{GTIN}70032806301200").expiry == date(2028, 6, 30)
    assert isinstance(classify(f"01{GTIN}70032806001200"), Unreadable), "no day of zero there"


@pytest.mark.parametrize(
    "text",
    [
        "]d210ABC",
        "]d217280630",
        f"01{GTIN[:-1]}517280630",
        f"01{GTIN}17280230",
        f"01{GTIN}17281301",
        f"]d201{GTIN}17280630\x1d17280731",
        f"]d201{GTIN}10A\x1d10B",
        f"]d201{GTIN}37" + "5",
        f"]d202{GTIN}375",
        f"]d2010{GTIN[1:]}21",
        f"]d201{GTIN}21SN\x1d235AB",
        f"]d201{GTIN}10LOT 1",
        f"]d201{GTIN}10批号",
        f"]d201{GTIN}10" + "A" * 21,
        f"]d201{GTIN}10A\x1d9" + "9" * 91 + "x",
        "]d2",
        "]d281012350000000157474",
    ],
)
def test_what_is_no_sound_message_is_unreadable(text: str) -> None:
    assert isinstance(classify(text), Unreadable)


def test_a_repeated_element_may_say_the_same() -> None:
    assert read(f"]d201{GTIN}10A\x1d10A").lot == "A"


@pytest.mark.parametrize("text", [f"\x1d01{GTIN}10A\x1d", f"]d2\x1d01{GTIN}\x1d10A", f"]C101{GTIN}10A\r\n"])
def test_a_separator_too_many_does_no_harm(text: str) -> None:
    assert read(text) == Gs1Code(GTIN, lot="A")


def test_announced_messages_may_begin_with_anything() -> None:
    assert read(f"]d217280630\x1d01{GTIN}10A").lot == "A"
    assert not isinstance(classify(f"1728063001{GTIN}10A"), Gs1Code)


def test_plain_code_128_is_never_gs1() -> None:
    assert not isinstance(classify(f"]C001{GTIN}10A"), Gs1Code)


def test_a_swallowed_separator_leaves_neither_lot_nor_serial_sure() -> None:
    code = read(message(("01", GTIN), ("17", "280630"), ("10", "LOTA"), ("21", "SN1"), separator=""))
    assert not code.lot_sure and not code.serial_sure
    assert code.code is None and unique_part(code) is None
    assert "LOTA" in code.other_lots


def test_a_known_lot_decides() -> None:
    text = message(("01", GTIN), ("10", "LOTA"), ("21", "SN1"), ("17", "280630"), separator="")
    code = read(text)
    assert code.expiry is None and not code.lot_sure
    assert code.lot_among(["LOTA", "B"]) == "LOTA"
    assert code.lot_among(["lota"]) == "lota", "CapsLock turns case"
    assert code.lot_among(["B"]) is None and code.lot_among([]) is None
    assert code.lot_among(["LOTA", code.other_lots[-1]]) is None, "two of them: a person must look"
    settled = code.settled(["LOTA"])
    assert settled.lot == "LOTA" and settled.lot_sure
    assert not settled.serial_sure, "the serial may have swallowed the expiry"


def test_a_settled_code_has_what_its_readings_agree_about() -> None:
    settled = read(message(("01", GTIN), ("17", "280600"), ("10", "LOTA"), ("21", "SN1"), separator="")).settled(
        ["LOTA"]
    )
    assert (settled.lot, settled.serial, settled.code) == ("LOTA", "SN1", f"{GTIN}/SN1")
    assert (settled.expiry, settled.month_only) == (date(2028, 6, 30), True)


def test_alt_029_typed_as_digits_is_a_separator_too() -> None:
    code = read(f"01{GTIN}1728063010LOTA02921SN1")
    assert not code.lot_sure and code.lot_among(["LOTA"]) == "LOTA"
    assert code.settled(["LOTA"]).serial == "SN1"


def test_a_scanner_known_to_send_separators_is_believed() -> None:
    text = message(("01", GTIN), ("21", "123456789012"))
    assert not read(text).serial_sure
    assert read(text, sends_separators=True).serial_sure


@given(LOTS, LOTS, st.sampled_from(["", "029"]), st.booleans())
def test_the_true_lot_is_always_among_the_readings(lot: str, serial: str, separator: str, dates_last: bool) -> None:
    body = [("10", lot), ("21", serial)]
    elements = [("01", GTIN), *body, ("17", "280630")] if dates_last else [("01", GTIN), ("17", "280630"), *body]
    code = classify(message(*elements, separator=separator))
    if isinstance(code, Gs1Code):
        assert code.lot == lot if code.lot_sure else code.lot_among([lot]) in (lot, None)
        assert not code.lot_sure or code.lot == lot
        assert code.code in (None, f"{GTIN}/{serial}")


@given(LOTS, LOTS)
def test_with_its_separators_a_usual_message_is_sure(lot: str, serial: str) -> None:
    text = message(("01", GTIN), ("17", "280630"), ("11", "250101"), ("10", lot), ("21", serial))
    assert read(text) == Gs1Code(GTIN, serial, lot, date(2028, 6, 30), date(2025, 1, 1))


def test_a_lost_separator_among_others_is_noticed() -> None:
    kept = message(("01", GTIN), ("21", "SN1"), ("10", "LOTA"), ("17", "280630"), ("240", "R1"))
    lost = kept.replace(f"LOTA{GROUP_SEPARATOR}", "LOTA")
    assert GROUP_SEPARATOR in lost
    assert not read(lost).lot_sure


def test_messages_with_too_many_readings_are_never_sure() -> None:
    code = read(f"01{GTIN}21S91A92B93C94D95E96F10LOT")
    assert not code.lot_sure and code.code is None
    assert code.others == () and code.lot_among(["LOT"]) is None


@pytest.mark.parametrize("seed", range(20))
def test_any_products_number_comes_back(seed: int) -> None:
    product = gtin(random.Random(seed))
    assert read(message(("01", product), ("10", "A"))).gtin == product
