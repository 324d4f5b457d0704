"""Our own codes, whatever a keyboard made of their case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    BadgeCode,
    Command,
    CommandCode,
    LinkCode,
    MakerCode,
    OrderCode,
    ShelfCode,
    TraceCode,
    UdiCode,
    Unreadable,
    badge_text,
    classify,
    meddled,
    shelf_text,
    unique_part,
)
from domain.policy import CodeLink


@pytest.mark.parametrize("command", Command)
def test_commands(command: Command) -> None:
    assert classify(command.value) == classify(command.value.swapcase()) == CommandCode(command)


@given(st.binary(min_size=8, max_size=8))
def test_badges(random_bytes: bytes) -> None:
    text = badge_text(lambda count: random_bytes[:count])
    assert classify(text) == classify(text.lower()) == BadgeCode(text)
    assert unique_part(BadgeCode(text)) is None


@pytest.mark.parametrize("shelf", ["A-01", "阴凉柜 3", "b2", "x" * 24])
def test_shelves(shelf: str) -> None:
    assert classify(shelf_text(shelf)) == ShelfCode(shelf)
    assert classify(shelf_text(shelf).swapcase()) == ShelfCode(shelf)


@pytest.mark.parametrize("shelf", ["", " ", "x" * 25, "a\nb"])
def test_a_shelf_that_no_label_can_name(shelf: str) -> None:
    with pytest.raises(ValueError, match="shelf's name"):
        shelf_text(shelf)


def test_full_width_characters_are_turned_back_and_told() -> None:
    raw = "\uff59\uff4f０１２３４５６７８９ＡＢ"
    assert meddled(raw) and classify(raw) == OrderCode("YO0123456789AB")
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in "81012350000000157474")
    assert meddled(full_width) and classify(full_width) == TraceCode("81012350000000157474")
    assert classify("ＭＡ。156。M0。100001。1") == UdiCode("MA.156.M0.100001.1")
    assert not meddled("81012350000000157474")


LINKS = (CodeLink("trace.example.cn", r"[?&]c=(?P<code>[0-9A-Z]+)"), CodeLink("bad.example.cn", "("))


def test_links_of_allowed_hosts() -> None:
    assert classify("https://trace.example.cn/x?c=AB12", links=LINKS) == LinkCode("trace.example.cn", "AB12")
    assert classify("HTTP://Trace.Example.cn:80/?c=81012350000000157474", links=LINKS) == TraceCode(
        "81012350000000157474"
    )
    assert unique_part(LinkCode("trace.example.cn", "AB12")) == "trace.example.cn/AB12"


@pytest.mark.parametrize(
    "text",
    [
        "https://trace.example.cn/x?d=AB12",
        "https://other.example.cn/x?c=AB12",
        "https://trace.example.cn.evil.cn/?c=AB12",
        "https://user@trace.example.cn/?c=AB12",
        "https://bad.example.cn/?c=AB12",
    ],
)
def test_other_links_are_refused(text: str) -> None:
    answer = classify(text, links=LINKS)
    assert isinstance(answer, Unreadable) and "网址" in answer.why


def test_makers_own_codes() -> None:
    assert classify("ABX-20240815-000017") == MakerCode("ABX-20240815-000017")
    assert unique_part(MakerCode("ABX-20240815-000017")) == "ABX-20240815-000017"
    looks_cut = classify("1101235000000015")
    assert isinstance(looks_cut, MakerCode) and "16 位" in looks_cut.cut
    assert isinstance(classify("ABCDEFGH"), Unreadable), "no digit in it"
    assert isinstance(classify("AB12"), Unreadable)
    assert isinstance(classify("A1" * 51), Unreadable)
