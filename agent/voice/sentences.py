"""What an announcement says: as text in the page's language, and as the Chinese words that are spoken.

Speech is a row of words, not one text, because packaged speech is put together from recorded words
(`drivers/speech/vocabulary.py`); the system's speech gets them joined.
"""

from agent.announcements import Kind, Waiting
from agent.config import Language
from agent.names import CHANNELS
from agent.pages.words import KEYS, Words

ALARMS = frozenset({Kind.CANCELLED, Kind.PRINTER, Kind.REFUND_ASKED, Kind.PRESCRIPTION_REFUSED})
"""Another chime: something must be stopped, mended or answered."""
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_ENDINGS: dict[Kind, tuple[str, ...]] = {
    Kind.URGED: ("催单",),
    Kind.REFUND_ASKED: ("顾客申请退款",),
    Kind.CANCELLED: ("订单已取消", "停止拣货"),
    Kind.RIDER_HERE: ("骑手已到店",),
    Kind.PRESCRIPTION: ("处方待审核",),
    Kind.PRESCRIPTION_REFUSED: ("处方未通过", "停止拣货"),
}
_CHINESE = Words(Language.CHINESE)
_MANY: dict[Kind, tuple[str, ...]] = {**_ENDINGS, Kind.NEW_ORDER: ("新订单",)}


def text(waiting: Waiting, words: Words) -> str:
    """As it is read: 美团新订单 12 号."""
    if waiting.count > 1:
        return words(f"say.many.{waiting.kind}").format(count=waiting.count)
    if waiting.kind is Kind.PRINTER:
        return words("say.printer").format(who=_printer(waiting), cause=words(_cause(waiting)))
    number = waiting.day_number or waiting.shown_id[-4:]
    called = words("say.number" if waiting.day_number else "say.ending").format(number=number)
    return words(f"say.{waiting.kind}").format(who=_channel(waiting), number=called).rstrip()


def spoken(waiting: Waiting) -> tuple[str, ...]:
    """As it is said: 美团, 新订单, 十, 二, 号. A word that packaged speech does not have is left out there."""
    if waiting.count > 1:
        return ("有", *natural(waiting.count), "个", *_MANY[waiting.kind])
    if waiting.kind is Kind.PRINTER:
        return (_printer(waiting), "打印机", _CHINESE(_cause(waiting)))
    number = (*natural(waiting.day_number), "号") if waiting.day_number else ("尾号", *_one_by_one(waiting.shown_id))
    if waiting.kind is Kind.NEW_ORDER:
        return (_channel(waiting), "新订单", *number)
    return (_channel(waiting), *number, *_ENDINGS[waiting.kind])


def natural(number: int) -> str:
    """12 is 十二, 105 is 一百零五. From 1 to 99,999,999."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        return natural(number // 10_000) + "万" + gap + (natural(rest) if rest else "")
    said, skipped = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if skipped and said else "") + _DIGITS[digit] + _PLACES[place]
        skipped = digit == 0
    return said.removeprefix("一") if 10 <= number < 20 else said


def _one_by_one(shown_id: str) -> tuple[str, ...]:
    return tuple(_DIGITS[int(sign)] if sign in "0123456789" else sign for sign in shown_id[-4:])


def _channel(waiting: Waiting) -> str:
    return CHANNELS.get(waiting.channel, waiting.channel)


def _printer(waiting: Waiting) -> str:
    return waiting.printer.removesuffix("打印机")


def _cause(waiting: Waiting) -> str:
    key = f"say.cause.{waiting.cause}"
    return key if key in KEYS else "say.cause.other"
