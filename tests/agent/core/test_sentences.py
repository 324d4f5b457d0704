"""What is shown and what is said: the same, naturally read, and of words that were recorded."""

import re

import pytest

from agent.announcements import Kind, Waiting
from agent.config import Language
from agent.pages.words import Words
from agent.voice import sentences
from domain.times import Millis
from drivers.printers.status import Blocked
from drivers.speech.vocabulary import WORDS

CHINESE, ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)
AT: Millis = 0


def of_order(kind: Kind, number: int = 12, channel: str = "meituan", shown_id: str = "270631100087") -> Waiting:
    return Waiting("1", kind, AT, ("1",), "o1", channel, number, shown_id)


def of_printer(cause: str, name: str = "前台") -> Waiting:
    return Waiting("printer-0", Kind.PRINTER, AT, ("p",), printer=name, cause=cause)


@pytest.mark.parametrize(
    ("waiting", "shown", "english", "said"),
    [
        (of_order(Kind.NEW_ORDER), "美团新订单 12 号", "美团: new order #12", "美团 新订单 十 二 号"),
        (of_order(Kind.URGED), "美团 12 号催单", "美团 #12: the customer urges", "美团 十 二 号 催单"),
        (
            of_order(Kind.REFUND_ASKED),
            "美团 12 号顾客申请退款",
            "美团 #12: the customer asks for a refund",
            "美团 十 二 号 顾客申请退款",
        ),
        (
            of_order(Kind.CANCELLED),
            "美团 12 号订单已取消，停止拣货",
            "美团 #12 is cancelled: stop picking",
            "美团 十 二 号 订单已取消 停止拣货",
        ),
        (of_order(Kind.RIDER_HERE), "美团 12 号骑手已到店", "美团 #12: the rider is here", "美团 十 二 号 骑手已到店"),
        (
            of_order(Kind.NEW_ORDER, 0),
            "美团新订单 尾号 0087",
            "美团: new order …0087",
            "美团 新订单 尾号 零 零 八 七",
        ),
        (
            of_order(Kind.URGED, 0),
            "美团 尾号 0087 催单",
            "美团 …0087: the customer urges",
            "美团 尾号 零 零 八 七 催单",
        ),
        (
            of_order(Kind.URGED, 105, "own"),
            "小程序 105 号催单",
            "小程序 #105: the customer urges",
            "小程序 一 百 零 五 号 催单",
        ),
        (of_printer("paper_out"), "前台打印机缺纸", "Printer 前台: out of paper", "前台 打印机 缺纸"),
        (
            of_printer("cover_open", "小票打印机"),
            "小票打印机上盖打开",
            "Printer 小票: cover is open",
            "小票 打印机 上盖打开",
        ),
        (of_printer("meteor"), "前台打印机不能打印", "Printer 前台: cannot print", "前台 打印机 不能打印"),
    ],
)
def test_shown_and_said(waiting: Waiting, shown: str, english: str, said: str) -> None:
    assert sentences.text(waiting, CHINESE) == shown
    assert sentences.text(waiting, ENGLISH) == english
    assert " ".join(sentences.spoken(waiting)) == said


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PRINTER])
def test_many_of_a_kind(kind: Kind) -> None:
    many = Waiting(f"many-{kind}", kind, AT, ("1", "2"), count=12)
    assert sentences.text(many, CHINESE).startswith("有 12 个") and "12" in sentences.text(many, ENGLISH)
    assert sentences.spoken(many)[:4] == ("有", "十", "二", "个")


def test_every_word_was_recorded() -> None:
    """But for names that are a store's own."""
    of_orders = [of_order(kind, number) for kind in Kind if kind is not Kind.PRINTER for number in (0, 12_345)]
    many = [Waiting("many", kind, AT, ("1",), count=40) for kind in Kind if kind is not Kind.PRINTER]
    printers = [of_printer(cause) for cause in (*Blocked, "other")]
    for waiting in (*of_orders, *many, *printers):
        assert set(sentences.spoken(waiting)) <= set(WORDS), sentences.text(waiting, CHINESE)


def test_what_is_said_is_what_is_shown() -> None:
    for kind in (each for each in Kind if each is not Kind.PRINTER):
        waiting = of_order(kind)
        shown = re.sub(r"[\s，]", "", sentences.text(waiting, CHINESE))
        assert "".join(sentences.spoken(waiting)) == shown.replace("12", "十二")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"), (2, "二"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (99, "九十九"),
        (100, "一百"), (101, "一百零一"), (110, "一百一十"), (112, "一百一十二"), (1000, "一千"), (1001, "一千零一"),
        (1010, "一千零一十"), (1100, "一千一百"), (9999, "九千九百九十九"), (10_000, "一万"), (10_001, "一万零一"),
        (10_100, "一万零一百"), (12_345, "一万二千三百四十五"), (99_999, "九万九千九百九十九"), (100_000, "十万"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_read_them(number: int, words: str) -> None:
    assert sentences.natural(number) == words
