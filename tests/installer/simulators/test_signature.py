"""Golden vectors: the text that is digested is written out by hand, so the formula itself is what is checked."""

from hashlib import md5

from installer.simulators.meituan.signature import matches, sign, signed_text

URL = "https://waimaiopen.meituan.com/api/v1/order/confirm"


def test_a_call_is_signed_over_the_whole_url_and_the_secret_at_the_end() -> None:
    params = {"timestamp": "1767225660", "order_id": "900000000000000123", "app_id": "4012"}
    text = (
        "https://waimaiopen.meituan.com/api/v1/order/confirm"
        "?app_id=4012&order_id=900000000000000123&timestamp=1767225660s3cret"
    )
    assert signed_text(URL, params, "s3cret") == text
    # printf '%s' "$text" | md5sum
    assert sign(URL, params, "s3cret") == "3ceff44e4338ffd92b28dfdbc1c2be3e"


def test_a_push_is_signed_over_raw_text_with_its_empty_values() -> None:
    params = {
        "app_id": "4012",
        "shipper_phone": "",
        "recipient_address": "测试小区 3栋+2单元@#测试省",
        "detail": '[{"price":12.5}]',
        "sig": "not itself",
    }
    text = (
        "http://hub.example.com/meituan/paid?app_id=4012"
        '&detail=[{"price":12.5}]&recipient_address=测试小区 3栋+2单元@#测试省&shipper_phone=s3cret'
    )
    assert sign("http://hub.example.com/meituan/paid", params, "s3cret") == "15c78cd896a423173c3ddb0dde09361c"
    assert sign("http://hub.example.com/meituan/paid", params, "s3cret") == md5(text.encode()).hexdigest()


def test_https_and_http_differ() -> None:
    assert sign("https://h/p", {}, "s") != sign("http://h/p", {}, "s")


def test_a_registered_query_joins_the_signed_values() -> None:
    assert signed_text("http://h/p?b=2&z=", {"a": "1", "c": "3"}, "S") == "http://h/p?a=1&b=2&c=3&z=S"


def test_names_sort_by_ascii_and_uploads_stay_out() -> None:
    assert signed_text("http://h/p", {"b": "1", "B": "2", "_": "3", "img_data": "x"}, "S") == "http://h/p?B=2&_=3&b=1S"


def test_only_the_lower_case_digest_matches() -> None:
    good = sign(URL, {"app_id": "1"}, "s")
    assert matches(good, URL, {"app_id": "1"}, "s")
    assert not matches(good.upper(), URL, {"app_id": "1"}, "s")
    assert not matches("签名", URL, {"app_id": "1"}, "s")
