"""Golden vectors: the digests were made with md5sum from strings typed by hand."""

import hashlib

import pytest

from cloud.channels.base import BadSignature, NotUnderstood
from cloud.channels.meituan.signature import matches, sign
from tests.cloud.channels.meituan.forms import channel, encoded, raw_push, sample, signed, url_of

URL = "https://hub.example.com/channels/meituan/cancelled"
FORM = {
    "app_id": "4012",
    "deal_op_type": "1",
    "order_id": "900000000000000123",
    "reason": "用户取消",
    "reason_code": "1103",
    "remark": "",
    "timestamp": "1767229000",
}
DIGEST = "0b967f913eb7da204d64063b50305c8d"


def test_the_digest_is_over_url_sorted_values_and_secret() -> None:
    assert sign(URL, FORM, "not-a-secret") == DIGEST


def test_an_empty_value_counts_and_sig_does_not() -> None:
    assert matches(URL, FORM | {"sig": DIGEST}, "not-a-secret")
    without = {name: value for name, value in FORM.items() if name != "remark"}
    assert not matches(URL, without | {"sig": DIGEST}, "not-a-secret")


@pytest.mark.parametrize("url", [URL.replace("https", "http"), URL + "/", URL.replace("hub.", "")])
def test_another_url_is_another_digest(url: str) -> None:
    assert not matches(url, FORM | {"sig": DIGEST}, "not-a-secret")


def test_the_query_of_a_registered_url_joins() -> None:
    bare = url_of("cancelled")
    form = signed(bare, sample("cancel") | {"chain": "7"})
    push = raw_push("cancelled", encoded({k: v for k, v in form.items() if k != "chain"}), url=bare + "?chain=7")
    assert channel().understand(push).key == "cancelled:900000000000000123"


@pytest.mark.parametrize("sig", ["", "0" * 32, "文" * 8, "\udcff"])
def test_any_other_signature_is_refused(sig: str) -> None:
    form = {"sig": sig.encode("utf-8", "surrogateescape").decode("latin-1"), "order_id": "1"}
    with pytest.raises(BadSignature):
        channel().understand(raw_push("cancelled", encoded(form)))


def test_a_push_without_a_signature_is_refused() -> None:
    with pytest.raises(BadSignature):
        channel().understand(raw_push("cancelled", encoded(sample("cancel"))))


def test_what_was_signed_in_another_encoding_is_told_by_its_field() -> None:
    value = "用户取消".encode("gbk")
    text = URL.encode() + b"?order_id=1&reason=" + value + b"not-a-secret"
    body = b"order_id=1&reason=%b&sig=%b" % (
        "".join(f"%{byte:02X}" for byte in value).encode(),
        hashlib.md5(text).hexdigest().encode(),
    )
    with pytest.raises(NotUnderstood, match="^reason: not UTF-8$"):
        channel().understand(raw_push("cancelled", body))
