"""What a scan means: above all, that a trace code is never taken for GS1 (facts/compliance.md §2.2 a)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    OrderCode,
    PaymentCode,
    ProductBarcode,
    TraceCode,
    Unreadable,
    as_scanned,
    check_digit_holds,
    classify,
)
from domain.ids import order_code


@pytest.mark.parametrize("prefix", range(80, 90))
def test_no_trace_code_is_taken_for_anything_else(prefix: int) -> None:
    source = random.Random(prefix)
    for _ in range(20_000):
        code = f"{prefix}{source.randrange(10**18):018d}"
        assert classify(code) == TraceCode(code)


@pytest.mark.parametrize("code", ["134512345678901234", "284512345678901234", "2845123456789012", "30" + "1" * 22])
def test_a_payment_code_is_known_and_carries_nothing(code: str) -> None:
    assert classify(code + "\r") == PaymentCode()


@given(st.from_regex(r"\A([04-9][0-9]|1[0-9]|2[0-4]|3[1-9])[0-9]{18}\Z"))
def test_twenty_digits_are_a_trace_code_whatever_else_they_begin_with(code: str) -> None:
    assert classify(code + "\r") == TraceCode(code)


@given(st.text(max_size=600))
def test_every_text_has_an_answer(text: str) -> None:
    classify(text)


@given(st.binary(min_size=8, max_size=8))
def test_our_own_code_comes_back(random_bytes: bytes) -> None:
    code = order_code(lambda count: random_bytes[:count])
    assert classify(code) == OrderCode(code)
    assert classify(code.lower()) == OrderCode(code)


@pytest.mark.parametrize("code", ["6900000000014", "96385074", "036000291452"])
def test_a_product_barcode(code: str) -> None:
    assert classify(code) == ProductBarcode(code)


def test_a_product_barcode_with_a_wrong_check_digit_says_so() -> None:
    assert classify("6900000000015") == Unreadable("6900000000015", "商品条码校验不对，请重扫")


@pytest.mark.parametrize("digits", ["8101235000000015747", "810123500000001574741", "8" * 40, "812"])
def test_a_trace_code_that_lost_or_gained_digits_says_how_many_it_has(digits: str) -> None:
    answer = classify(digits)
    assert isinstance(answer, Unreadable)
    assert f"{len(digits)} 位" in answer.why


@pytest.mark.parametrize("text", ["]", "]J0", "]J1", "]d2", "", "\x1d", "01"])
def test_what_biip_stumbles_over_is_unreadable(text: str) -> None:
    assert isinstance(classify(text), Unreadable)


def test_twenty_digits_under_a_gs1_symbology_are_no_trace_code() -> None:
    assert not isinstance(classify("]d281012350000000157474"), TraceCode)
    assert classify("]C081012350000000157474") == TraceCode("81012350000000157474")


@given(st.from_regex(r"\A[0-9]{12}\Z"), st.integers(0, 9))
def test_one_wrong_digit_never_passes_the_check(body: str, wrong: int) -> None:
    right = next(digit for digit in range(10) if check_digit_holds(f"{body}{digit}"))
    assert check_digit_holds(f"{body}{wrong}") is (wrong == right)


@pytest.mark.parametrize("text", ["]C1" + "0106901234567892211234ABC", " 0106901234567892211234ABC\r\n"])
def test_a_code_from_a_file_is_written_as_a_scan_of_it_is_kept(text: str) -> None:
    assert as_scanned(text) == as_scanned("0106901234567892211234ABC") != text


def test_a_text_that_is_no_packs_code_stays_as_it_is() -> None:
    assert as_scanned(" 5号柜 ") == "5号柜"
