"""Quantities, days, order and codes as an ERP writes them, in JSON, CSV and SQL alike. Every refusal is a Chinese half
sentence, for the row it stands in."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from domain.codes import as_scanned
from domain.days import NotADay, read_day
from domain.quantity import LARGEST, ONE, Quantity
from domain.times import CHINA

_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S")
_MINUTES = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
_PARTS = re.compile(r"[\s;；|]+")
_LARGEST_SEQUENCE = 2**62
_MOST_DIGITS = 19
LONGEST_LOT = 40


class BadValue(ValueError):
    """It cannot be read as what it should be."""


def quantity(text: str, *, signed: bool = False) -> Quantity:
    """In units, exact to a thousandth: 2, 2.000, 0.5. A level may be below nothing."""
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise BadValue(f"数量“{text}”不是数字") from None
    if not amount.is_finite():
        raise BadValue(f"数量“{text}”不是数字")
    if amount.adjusted() > _MOST_DIGITS:  # beyond what can be reckoned with
        raise BadValue(f"数量“{text}”不合理")
    thousandths = amount * ONE
    if thousandths != thousandths.to_integral_value():
        raise BadValue(f"数量“{text}”最多三位小数")
    if abs(thousandths) > LARGEST or (not signed and thousandths <= 0):
        raise BadValue(f"数量“{text}”不合理")
    return int(thousandths)


def sequence(text: str, formats: Iterable[str] = ()) -> int:
    """A number that grows, or a time, as milliseconds; a time without its zone is China's."""
    text = text.strip()
    if text.isascii() and text.isdigit() and not (len(text) == 14 and text.startswith("20")):
        if (number := _number(text)) is None:
            raise BadValue(f"序号“{text}”太大")
        return number
    return moment(text, formats)


def moment(text: str, formats: Iterable[str] = ()) -> int:
    """Milliseconds of UTC."""
    for pattern in (*formats, *_TIMES, *_MINUTES):
        try:
            read = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return _millis(read)
    try:
        return _millis(datetime.fromisoformat(text))
    except ValueError:
        raise BadValue(f"“{text}”不是序号，也不是时间（应如 2026-11-22 09:30:00）") from None


def _millis(read: datetime) -> int:
    return round((read if read.tzinfo else read.replace(tzinfo=CHINA)).timestamp() * 1000)


def whole(text: str) -> int:
    """A number of a document of ours; 0 for none."""
    number = _number(text) if text.isascii() and text.isdigit() else None
    if number is None:
        raise BadValue(f"“{text}”不是单据编号")
    return number


def _number(digits: str) -> int | None:
    """None for more than a database keeps; of some thousand digits Python itself reads none."""
    plain = digits.lstrip("0") or "0"
    return int(plain) if len(plain) <= _MOST_DIGITS and int(plain) <= _LARGEST_SEQUENCE else None


def day(text: str, formats: Iterable[str] = ()) -> tuple[date, bool]:
    """And whether it is a whole month. A time of day behind it, as databases write it, is left out."""
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern).date(), False
        except ValueError:
            continue
    try:
        return read_day(re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text.strip()))
    except NotADay as error:
        raise BadValue(str(error)) from None


def codes(text: str) -> tuple[str, ...]:
    """Trace codes, parted by blanks, semicolons or bars, each as a scan of it is kept: of a GS1 code what tells the
    pack from every other. Not what a spreadsheet makes of long numbers."""
    found = tuple(part for part in _PARTS.split(text.strip()) if part)
    for code in found:
        if re.fullmatch(r"[\d.]+[eE]\+?\d+", code):
            raise BadValue(f"追溯码“{code}”被表格软件改写了，请把该列设为文本")
        if len(code) > 100:
            raise BadValue(f"追溯码“{code[:20]}…”太长")
    return tuple(map(as_scanned, found))


def lot(text: str) -> str:
    if len(text.strip()) > LONGEST_LOT:
        raise BadValue(f"批号最多 {LONGEST_LOT} 个字符")
    return text.strip()


def yes(text: str) -> bool:
    return text.strip().casefold() in ("1", "true", "yes", "y", "t", "是", "退", "退货")
