"""Whatever arrives: an answer, `BadSignature` or `NotUnderstood`, and nothing else."""

import contextlib
import json
from urllib.parse import unquote_to_bytes

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.channels.base import BadSignature, NotUnderstood, Placed
from cloud.channels.meituan.decode import decoded
from cloud.channels.meituan.settings import TOPICS
from tests.cloud.channels.meituan.forms import channel, encoded, only, push, raw_push, sample, signed, url_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
RAW = st.binary(max_size=200) | st.text("%25BEae=&+\x01\x02\r\n 中.", max_size=120).map(str.encode)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "quantity", "price"]), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(sample("paid_order").keys() | sample("part_refund").keys() | sample("rider").keys()))
FORMS = st.sampled_from(["paid_order", "part_refund", "full_refund", "rider", "refund_status", "cancel"]).map(sample)


@given(st.sampled_from(TOPICS), RAW, RAW)
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes(topic: str, query: bytes, body: bytes) -> None:
    with contextlib.suppress(BadSignature, NotUnderstood):
        channel().understand(raw_push(topic, body, query=query))


@given(st.sampled_from(TOPICS), FORMS, st.dictionaries(NAMES, TEXT | JSON.map(json.dumps), max_size=4))
@settings(max_examples=300, deadline=None)
def test_signed_samples_with_other_values(topic: str, form: dict[str, str], changed: dict[str, str]) -> None:
    with contextlib.suppress(NotUnderstood):
        channel().understand(push(topic, form | changed))


@given(JSON, JSON)
@settings(max_examples=200, deadline=None)
def test_signed_orders_of_any_shape(row: object, extra: object) -> None:
    form = sample("paid_order") | {
        "detail": json.dumps([row]),
        "extras": json.dumps([{"type": 23, "act_extend_msg": extra}]),
    }
    with contextlib.suppress(NotUnderstood):
        channel().understand(push("paid", form))


@given(st.integers(0, 5000), st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_one_byte_changed_is_a_forgery_or_changes_nothing(place: int, byte: int) -> None:
    body = bytearray(encoded(signed(url_of("paid"), sample("paid_order"))))
    was = bytes(body)
    body[place % len(body)] = byte
    with contextlib.suppress(BadSignature):
        assert channel().understand(raw_push("paid", bytes(body))) == channel().understand(raw_push("paid", was))


@given(TEXT | st.text("+% &=中a2B@#", max_size=20), st.sampled_from([1, 2]))
@settings(max_examples=200, deadline=None)
def test_any_address_comes_through_either_encoding(address: str, times: int) -> None:
    message = only(channel().understand(push("paid", sample("paid_order") | {"recipient_address": address}, times)))
    assert isinstance(message, Placed)
    assert message.order.recipient.address == address.partition("@#")[0]


@given(RAW, st.sampled_from([1, 2]))
@settings(max_examples=500, deadline=None)
def test_the_quick_way_and_the_plain_way_agree(raw: bytes, times: int) -> None:
    plain = []
    for pair in filter(None, raw.split(b"&")):
        name, _, value = pair.partition(b"=")
        for _ in range(times):
            name, value = unquote_to_bytes(name.replace(b"+", b" ")), unquote_to_bytes(value.replace(b"+", b" "))
        plain.append((name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")))
    assert decoded(raw, times) == dict(sorted(plain))
