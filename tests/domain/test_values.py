"""Money, quantities, times, ids, lots and masks."""

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ids, lots, masking, money, quantity, times


@given(st.integers(-(10**9), 10**9))
def test_money_is_shown_to_the_fen(fen: int) -> None:
    assert Decimal(money.shown(fen)).scaleb(2) == fen
    assert re.fullmatch(r"-?\d+\.\d\d", money.shown(fen))


@pytest.mark.parametrize(("count", "thousandths"), [(2, 2000), ("3", 3000), (1.0, 1000)])
def test_an_ordered_quantity(count: object, thousandths: int) -> None:
    assert quantity.ordered(count) == thousandths


@pytest.mark.parametrize("count", [0, -1, 0.5, "-2", "2.5", "", "９", True, None, 100_001, float("nan")])
def test_what_nobody_can_order_is_refused(count: object) -> None:
    with pytest.raises(quantity.NotAQuantity):
        quantity.ordered(count)


@given(st.integers(-(10**9), 10**9))
def test_a_channel_is_never_told_more_than_there_is(amount: int) -> None:
    assert 0 <= quantity.units(quantity.whole_units(amount)) <= max(amount, 0)


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_is_one_and_sorts_by_time(now: int, random_bytes: bytes) -> None:
    made = uuid.UUID(ids.uuid7(now, lambda count: random_bytes[:count]))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == now


def test_times_are_shown_in_chinas_zone() -> None:
    assert times.shown(1767225660 * times.SECOND) == "01-01 08:01"


def test_the_nearest_expiry_that_has_not_passed_is_suggested() -> None:
    today = date(2026, 11, 21)
    expired = lots.Lot("A", date(2026, 11, 20), 5000)
    today_last = lots.Lot("B", today, 1000)
    empty = lots.Lot("C", today, 0)
    later = lots.Lot("D", date(2027, 1, 1), 9000)
    assert lots.suggest([later, expired, empty, today_last], today) == today_last
    assert lots.suggest([expired, empty], today) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13800000000_1234", "13800000000转1234"), ("13912345678", "139****5678"), ("123", "***"), ("", "")],
)
def test_a_phone_is_masked_unless_the_platform_already_did(number: str, shown: str) -> None:
    assert masking.phone(number) == shown


@given(st.text(), st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text())
def test_no_full_phone_survives_a_remark(before: str, number: str, after: str) -> None:
    before, after = before.rstrip("0123456789"), after.lstrip("_0123456789")
    shown = masking.text(f"{before}{number}{after}")
    assert number not in shown


@pytest.mark.parametrize("number", ["139 1234 5678", "139-1234-5678", "139 12345678"])
def test_a_phone_spread_out_is_a_phone(number: str) -> None:
    assert masking.text(f"打{number}") == "打139****5678"


@pytest.mark.parametrize(
    "number",
    ["139\u200b1234\u200b5678", "139－1234－5678", "139_1234_5678", "139，1234，5678", "一三九一二三四五六七八",
     "幺叁玖 一二三四 五六七八", "139一1234一5678", "①③⑨①②③④⑤⑥⑦⑧", "\ufe0f\u20e3".join("13912345678")],
)  # fmt: skip
def test_a_phone_in_disguise_is_a_phone(number: str) -> None:
    shown = masking.text(f"打{number}")
    assert re.fullmatch(r"打139\*{4}5678", shown), shown


def test_a_name_torn_apart_is_a_name() -> None:
    assert masking.without_name("我是欧阳\u200b娜娜\u2060女士", "欧阳娜娜") == "我是欧**女士"


def test_a_remark_wastes_no_paper_and_stays_readable() -> None:
    assert masking.text("\n\n放门口\r\n\n\n\x1b@不要  敲门\n" + "\n" * 900 + "谢谢") == "放门口 @不要 敲门 谢谢"
    for said in ("2026-11-22 18点送", "要3盒，5楼502", "11月22日18:30前", "一楼二单元，周一到周五"):
        assert masking.text(said) == said


def test_a_remark_keeps_its_privacy_number_and_its_words() -> None:
    shown = masking.text("缺货时电话 收餐人隐私号 13800000000_1234，手机号 138****0000")
    assert shown == "缺货时电话 收餐人隐私号 13800000000转1234，手机号 138****0000"


@given(st.text(min_size=2))
def test_a_masked_name_gives_away_its_first_character_only(name: str) -> None:
    assert re.fullmatch(r"(.\*\*)?", masking.name(name), re.DOTALL)
