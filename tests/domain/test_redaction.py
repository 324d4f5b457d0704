"""What must not stand in a log: found by its shape, and nothing else touched."""

import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import base32
from domain.redaction import redacted

HIDDEN = {
    "13987654321": "a mobile number",
    "139 8765 4321": "spread out",
    "1-3-9-8-7-6-5-4-3-2-1": "digit by digit",
    "+86 13987654321": "with its country",
    "13800000000_1234": "a privacy number",
    "010-12345678": "a land line",
    "ABCD-0123-EFGH-4567": "a pairing code",
    "abcd-olio-efgh-4567": "a pairing code as people type it",
    "ABCD0123EFGH4567": "a pairing code as it is sent",
    "134567890123456789": "WeChat pays",
    "2812345678901234567": "Alipay pays",
    "110101199003077571": "an identity card",
    "11010119900307757X": "an identity card that ends in X",
}
LEFT = (
    "exit code: 1",
    "answered HTTP status code: 503",
    "slip 0198f2c3-9a3b-7c12-8def-013912345678 is printed (evidence B, 前台)",
    "tcp://192.168.1.50:9100",
    "2026-11-21 23:55:43,123 at 1795233600000",
    "81234567890123456789 is a trace code",
    "store:S001@0123456789abcdef0123456789abcdef:12",
    "/dev/serial/by-id/usb-Prolific_Technology_Inc._USB-Serial_Controller_D-if00-port0",
    "meituan #12",
    "[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate (_ssl.c:992)",
)


@pytest.mark.parametrize("secret", HIDDEN, ids=list(HIDDEN.values()))
@pytest.mark.parametrize("around", ["{}", "before {} after", "（{}）", '{{"said": "{}"}}', "电话{}。"])
def test_what_tells_who_or_opens_doors_is_hidden(secret: str, around: str) -> None:
    written = redacted(around.format(secret))
    assert secret not in written and written != around.format(secret)
    assert redacted(written) == written


@pytest.mark.parametrize("text", LEFT)
def test_what_a_log_is_for_stays(text: str) -> None:
    assert redacted(text) == text


def test_credentials_and_tokens_are_hidden() -> None:
    for _ in range(200):
        for secret in (base32(secrets.token_bytes(32)), secrets.token_urlsafe(32), secrets.token_hex(32)):
            assert secret not in redacted(f"sent {secret} away")
            assert secret not in redacted(f"GET /?link={secret} HTTP/1.1")
            assert secret not in redacted(f"Authorization: Bearer {secret}")
    assert redacted("http://proxy:geheim@10.0.0.1:3128/") == "http://[removed]@10.0.0.1:3128/"


@given(st.uuids())
def test_no_id_is_taken_for_a_number(one: uuid.UUID) -> None:
    assert redacted(f"order {one}") == f"order {one}"


@given(st.text(max_size=200))
def test_twice_is_once(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)
