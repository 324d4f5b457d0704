"""What of a person may be shown on paper and in lists (facts/compliance.md §5, R16).

Masking what is masked already changes nothing, so that a masked type may mask whatever it is given.
"""

import re
from unicodedata import category

_DIGITS = {
    sign: str(value)
    for signs in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾")
    for value, sign in enumerate(signs)
}
_DIGITS |= {"幺": "1", "两": "2"}
_DIGIT = rf"[\d{''.join(_DIGITS)}]"
_BETWEEN = r"[\s\-‐‑‒–—―－_~～.．·・•|,，、。/／()（）\ufe0f\u20e3]"
"""What people put between the digits of a number."""
_SPREAD = rf"(?:{_BETWEEN}{{0,4}}|\*)"
_DATE = r"20\d\d[-/.]\d\d?[-/.]\d\d?(?!\d)"
_NUMBER = re.compile(
    rf"(?<!{_DIGIT})(?:1\d{{10}}_\d{{1,6}}(?!\d)|(?!{_DATE}){_DIGIT}(?:{_SPREAD}{_DIGIT}){{6,}}(?!{_DIGIT}))"
)
"""A platform's number with its extension; or seven digits or more, spread out or not, in figures or in words, that are
no date: mobiles, land lines, cards."""
_PRIVACY_NUMBER = re.compile(r"1\d{10}[_,转]\d{1,6}")
_MASKED_NUMBER = re.compile(r"\*+|\*{4}\d\d|\d{3}\*{4}\d{4}")
_MAY_STAND = re.compile(r"((?<!\d)1\d{10}转\d{1,6}(?!\d)|(?<!\d)\d{3}\*{4}\d{4}(?!\d))")
_MOBILE_DIGITS = 11
_TITLE = re.compile(r"(?:[(（].*?[)）]|先生|女士|小姐|太太|老师)+$")


def name(full: str) -> str:
    """'张三丰' -> '张**', '测试(先生)' -> '测**'; an empty name stays empty."""
    first = plain(full)[:1]
    return f"{first}**" if first else ""


def is_privacy_number(phone: str) -> bool:
    """A platform's virtual number with extension ('13800000000_1234') reaches nobody once the order is over."""
    return bool(_PRIVACY_NUMBER.fullmatch(phone))


def phone(number: str) -> str:
    """A privacy number may be shown whole; of a mobile, three first and four last digits, of a shorter one two."""
    if is_privacy_number(number):
        return number.replace("_", "转").replace(",", "转")
    if _MASKED_NUMBER.fullmatch(number):
        return number
    digits = re.sub(r"\D", "", number)
    if len(digits) >= _MOBILE_DIGITS:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 7 else "*" * len(digits)


def text(words: str) -> str:
    """A customer's remark, in one piece, without the phone numbers that platforms and people put into it."""
    words = plain(words)
    parts = _MAY_STAND.split(words)  # every second one may stand as it is
    parts[::2] = [_NUMBER.sub(lambda found: phone(_in_figures(found[0])), part) for part in parts[::2]]
    masked = "".join(parts)
    return masked if masked == words else text(masked)  # what a mask left may be a number with its neighbours


def plain(words: str) -> str:
    """Without what cannot be seen, which tears names and numbers apart, and without empty lines, which waste paper."""
    seen = "".join(sign for sign in words if sign.isspace() or category(sign) not in ("Cc", "Cf", "Cs"))
    return " ".join(seen.split())


def without_name(words: str, full: str) -> str:
    """People sign what they write, with their title or without it."""
    words, whole = plain(words), plain(full)
    for spoken in sorted({whole, _TITLE.sub("", whole).strip()}, key=len, reverse=True):
        if len(spoken) > 1:
            words = words.replace(spoken, name(spoken))
    return words


def without_number(words: str, number: str) -> str:
    """A number that is known is found however its digits are spread; a privacy number may stay."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < 7 or is_privacy_number(number):
        return words
    return re.sub(f"{_BETWEEN}*".join(digits), phone(digits), plain(words))


def _in_figures(number: str) -> str:
    return "".join(_DIGITS.get(sign, sign) for sign in number)
