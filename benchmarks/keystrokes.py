"""Recorded keys: scanners as they type, with all that computers do to them, and hands as they type.

The events are those a browser delivers (facts/compliance.md §3): under a Chinese input method `key` is "Process" and
`keyCode` 229 while `code` names the physical key; CapsLock turns `key`; GS arrives as Alt+029, F8 or Ctrl+].
"""

import random
import string
from collections.abc import Iterator

from domain.codes import check_digit_holds
from domain.codes.texts import GROUP_SEPARATOR

Key = dict[str, str | float | bool | int]

_SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
_NAMED = {"`": "Backquote", "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash",
    ";": "Semicolon", "'": "Quote", ",": "Comma", ".": "Period", "/": "Slash", " ": "Space"}  # fmt: skip
_GERMAN = str.maketrans("yzYZ-", "zyZYß")
_NUMBER_PAD_OFF = ("Insert", "End", "ArrowDown", "PageDown", "ArrowLeft", "Clear", "ArrowRight", "Home", "ArrowUp",
    "PageUp")  # fmt: skip
_LAYOUTS = ("us", "capslock", "process", "process", "german", "numpad", "numpad_off")
_SEPARATORS = ("alt", "f8", "ctrl")
ENDINGS = ("Enter", "NumpadEnter", "Tab", "CRLF", "none")
HICCUP_MS = 150


class Scanner:
    """One scanner on one computer: a rhythm, a layout, a way to send a separator and to end."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._layout = chance.choice(_LAYOUTS)
        self._separator = chance.choice(_SEPARATORS)
        self.ending = chance.choice(ENDINGS)
        self._steady = chance.uniform(1, 60) if chance.random() < 0.5 else None

    def keys(self, text: str, began: float) -> list[Key]:
        presses = [press for character in text for press in self._presses(character)] + self._endings()
        hiccups = self._chance.sample(range(1, len(presses)), k=self._chance.choice((0, 0, 0, 1, 2)))
        at = began
        for place, press in enumerate(presses):
            at += self._gap() + (self._chance.uniform(60, HICCUP_MS - 60) if place in hiccups else 0)
            press["timeStamp"] = round(at, 1)
        return presses

    def _gap(self) -> float:
        if self._steady is None:
            return self._chance.uniform(1, 60)
        return self._steady * self._chance.uniform(0.85, 1.15)

    def _presses(self, character: str) -> Iterator[Key]:
        if character == GROUP_SEPARATOR:
            yield from self._group_separator()
            return
        base = _SHIFTED.get(character, character.lower())
        shifted = base != character
        if character.isdigit() and self._layout in ("numpad", "numpad_off"):
            off = self._layout == "numpad_off"
            yield _key(f"Numpad{character}", _NUMBER_PAD_OFF[int(character)] if off else character)
            return
        if shifted:
            yield _key("ShiftLeft", "Shift", shift=True)
        yield self._seen(_key(code_of(base), character, shift=shifted))

    def _seen(self, key: Key) -> Key:
        """As the computer shows it to the page."""
        shown = str(key["key"])
        if self._layout == "process":
            return {**key, "key": "Process", "keyCode": 229, "isComposing": True}
        if self._layout == "capslock":
            return {**key, "key": shown.swapcase(), "capsLock": True}
        return {**key, "key": shown.translate(_GERMAN)} if self._layout == "german" else key

    def _group_separator(self) -> Iterator[Key]:
        if self._separator == "f8":
            yield _key("F8", "F8")
        elif self._separator == "ctrl":
            yield _key("ControlLeft", "Control", ctrl=True)
            yield _key("BracketRight", "]", ctrl=True)
        else:
            yield _key("AltLeft", "Alt", alt=True)
            yield from (_key(f"Numpad{digit}", digit, alt=True) for digit in "029")

    def _endings(self) -> list[Key]:
        if self.ending == "none":
            return []
        if self.ending == "CRLF":
            return [_key("Enter", "Enter"), _key("ControlLeft", "Control", ctrl=True), _key("KeyJ", "j", ctrl=True)]
        return [_key(self.ending, "Tab" if self.ending == "Tab" else "Enter")]


class Hand:
    """Somebody who types pinyin at 120 words a minute, numbers on the number pad, and rests a finger now and then."""

    _SYLLABLES = ("a", "mo", "xi", "lin", "jiao", "nang", "bu", "luo", "fen", "pian", "gan", "mao", "ling", "ke", "li",
        "shi", "yao", "huo", "gou", "ying", "dan", "zhong")  # fmt: skip

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def keys(self, began: float) -> list[Key]:
        """One word and what follows it: a candidate's digit, space, Enter, or a pause."""
        word, pace, is_pinyin = self._word()
        keys: list[Key] = []
        at = began
        for character in word:
            at += self._gap(pace, rolls=is_pinyin)
            key = _key(code_of(_SHIFTED.get(character, character.lower())), character, shift=character.isupper())
            if is_pinyin:
                key |= {"key": "Process", "keyCode": 229, "isComposing": True}
            keys.append({**key, "timeStamp": round(at, 1)})
        if self._chance.random() < 0.01:
            keys += [{**keys[-1], "repeat": True, "timeStamp": round(at + 400 + 33 * n, 1)} for n in range(12)]
            at += 800
        if (after := self._after(is_pinyin)) is not None:
            keys.append({**after, "timeStamp": round(at + self._gap(pace, rolls=False), 1)})
        return keys

    def _word(self) -> tuple[str, float, bool]:
        """The word, its mean gap in ms, and whether an input method composes it."""
        kind = self._chance.random()
        if kind < 0.55:
            count = self._chance.choice((1, 2, 2, 3, 4, 6))
            return "".join(self._chance.choices(self._SYLLABLES, k=count)), 100.0, True
        if kind < 0.85:
            length = self._chance.choice((1, 2, 3, 4, 6, 8, 11, 13, 18, 20))
            return "".join(self._chance.choices(string.digits, k=length)), self._chance.uniform(110, 250), False
        letters = self._chance.choices(string.ascii_lowercase + string.digits + "-./ ", k=self._chance.randint(2, 14))
        return "".join(letters), 100.0, False

    def _gap(self, mean: float, *, rolls: bool) -> float:
        if rolls and self._chance.random() < 0.15:  # the next key goes down before this one is up
            return self._chance.uniform(5, 40)
        return max(self._chance.lognormvariate(0, 0.4) * mean * 0.92, 20)

    def _after(self, is_pinyin: bool) -> Key | None:
        after_pinyin = ("Digit1", "Digit2", "Space", "Space", "Enter", "")
        code = self._chance.choice(after_pinyin if is_pinyin else ("Enter", "Enter", "Tab", "Space", ""))
        return _key(code, code[-1] if code.startswith("Digit") else code) if code else None


def code_of(character: str) -> str:
    """The physical key of an unshifted character on the US layout."""
    if character.isdigit():
        return f"Digit{character}"
    return _NAMED.get(character) or f"Key{character.upper()}"


def scanned_text(chance: random.Random) -> str:
    """One code as packs, slips, shelves and badges carry them."""
    kind = chance.random()
    if kind < 0.5:
        zeros = "0" * chance.randint(0, 9)
        return f"8{chance.randrange(10**6):06d}{zeros}{chance.randrange(10**13):013d}"[:20]
    if kind < 0.6:
        body = chance.choice((f"69{chance.randrange(10**10):010d}", f"{chance.randrange(10**7):07d}"))
        return _with_check_digit(body)
    if kind < 0.75:
        lot, serial = _letters(chance, 4, 10), _letters(chance, 8, 14)
        product = _with_check_digit(f"0{chance.randrange(10**12):012d}")
        return f"01{product}17280630" + f"10{lot}{GROUP_SEPARATOR}21{serial}"
    if kind < 0.85:
        return chance.choice(("YO", "YB")) + "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12))
    if kind < 0.9:
        return f"YH-{chance.choice('ABCdef')}{chance.randrange(100):02d}"
    if kind < 0.95:
        return chance.choice(("YZ-UNDO", "YZ-NEXT", "YZ-DONE"))
    return "MA.156.M0.100001." + _letters(chance, 8, 12)


def _with_check_digit(body: str) -> str:
    return next(f"{body}{digit}" for digit in range(10) if check_digit_holds(f"{body}{digit}"))


def _letters(chance: random.Random, least: int, most: int) -> str:
    alphabet = string.ascii_letters + string.digits + "-"
    return "".join(chance.choices(alphabet, k=chance.randint(least, most)))


def _key(code: str, key: str, *, shift: bool = False, ctrl: bool = False, alt: bool = False) -> Key:
    return {"code": code, "key": key, "shiftKey": shift, "ctrlKey": ctrl, "altKey": alt, "metaKey": False,
        "repeat": False, "isComposing": False, "keyCode": 0, "capsLock": False}  # fmt: skip
