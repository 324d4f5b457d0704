"""What of a person may be shown on paper and in lists (facts/compliance.md §5, R16)."""

import re

_LONG_DIGITS = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)(_\d{1,6})?")
_SPREAD_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[\s-]+\d{4}[\s-]*(\d{4})(?!\d)")
_PRIVACY_NUMBER = re.compile(r"^1\d{10}[_,]\d{1,6}$")


def name(full: str) -> str:
    """'张三丰' -> '张**', '测试(先生)' -> '测**'; an empty name stays empty."""
    first = full.strip()[:1]
    return f"{first}**" if first else ""


def is_privacy_number(phone: str) -> bool:
    """A platform's virtual number with extension ('13800000000_1234') reaches nobody once the order is over."""
    return bool(_PRIVACY_NUMBER.match(phone))


def phone(number: str) -> str:
    """A privacy number may be shown whole; of any other number, three first and four last digits."""
    if is_privacy_number(number):
        return number.replace("_", "转").replace(",", "转")
    digits = re.sub(r"\D", "", number)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 7 else "*" * len(digits)


def text(words: str) -> str:
    """A customer's remark without the phone numbers that platforms and people put into it, spread out or not."""

    def hide(match: re.Match[str]) -> str:
        return phone(match.group(0)) if match.group(3) else f"{match.group(1)}****{match.group(2)}"

    return _LONG_DIGITS.sub(hide, _SPREAD_MOBILE.sub(r"\1****\2", words))
