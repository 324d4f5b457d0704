"""What a customer shows is known before anything is kept."""

import pytest

from domain.codes import InsuranceCode, PaymentCode, TraceCode, classify, unique_part
from domain.redaction import redacted


@pytest.mark.parametrize(
    "text", ["4243669509084040896099330000", "OPC3669509084040896099330000", "1234567890123456789012345678"]
)
def test_an_insurance_code_carries_nothing(text: str) -> None:
    assert classify(text + "\r\n") == InsuranceCode()
    assert unique_part(InsuranceCode()) is None
    assert text not in redacted(f"read {text} there")


@pytest.mark.parametrize("text", ["11010519491231002X", "11010519491231002x"])
def test_an_identity_card_carries_nothing(text: str) -> None:
    assert classify(text) == InsuranceCode()


def test_an_identity_number_needs_its_check_character() -> None:
    assert classify("440105194912310029") != InsuranceCode()


def test_a_payment_code_goes_before_an_identity_it_looks_like() -> None:
    assert classify("134512345678901234") == PaymentCode()


@pytest.mark.parametrize("text", ["8" * 28, "01069000000000141728063010AB"])
def test_glued_trace_codes_and_messages_are_no_insurance_codes(text: str) -> None:
    assert classify(text) != InsuranceCode()


def test_twenty_digits_stay_a_trace_code() -> None:
    assert classify("42436695090840408960") == TraceCode("42436695090840408960")
