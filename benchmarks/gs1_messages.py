"""GS1 messages as medicine packs carry them, and what scanners that type make of their separators."""

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

from domain.codes import check_digit_holds
from domain.codes.texts import GROUP_SEPARATOR

_OPEN = ("10", "21", "240", "30", "91")
"""Elements without a length of their own: a separator follows, unless they are the last."""
_ORDERS = (
    ("01", "17", "10", "21"),
    ("01", "10", "17", "21"),
    ("01", "21", "17", "10"),
    ("01", "21", "10", "17"),
    ("01", "17", "11", "10", "21"),
    ("01", "11", "10", "21", "17"),
    ("01", "10", "21"),
    ("01", "17", "10"),
)
_FURTHER = (("240",), ("30",), ("91",), ())


@dataclass(frozen=True, slots=True)
class Message:
    elements: tuple[tuple[str, str], ...]

    def value(self, ai: str) -> str | None:
        return dict(self.elements).get(ai)

    @property
    def whole(self) -> str:
        return self._written([GROUP_SEPARATOR] * self.separators)

    @property
    def separators(self) -> int:
        return sum(ai in _OPEN for ai, _ in self.elements[:-1])

    def without_separators(self) -> str:
        return self._written([""] * self.separators)

    def with_typed_separators(self) -> str:
        """Alt+029 without Alt."""
        return self._written(["029"] * self.separators)

    def without_one(self, chance: random.Random) -> str:
        kept = [GROUP_SEPARATOR] * self.separators
        kept[chance.randrange(self.separators)] = ""
        return self._written(kept)

    def _written(self, separators: Sequence[str]) -> str:
        left = iter(separators)
        return "".join(ai + value + (next(left, "") if ai in _OPEN else "") for ai, value in self.elements)


def usual(chance: random.Random) -> Message:
    return Message(tuple((ai, _value(ai, chance)) for ai in chance.choice(_ORDERS)))


def with_more(chance: random.Random) -> Message:
    """With elements that packs seldom carry, at the end."""
    further = tuple((ai, _value(ai, chance)) for ai in chance.choice(_FURTHER))
    return Message((*usual(chance).elements, *further))


def lot(chance: random.Random) -> str:
    """Makers write a date, a letter and a number, or anything."""
    kind = chance.random()
    if kind < 0.4:
        return f"20{chance.randint(22, 27)}{chance.randint(1, 12):02d}{chance.randint(1, 31):02d}"
    if kind < 0.7:
        return chance.choice(string.ascii_uppercase) + f"{chance.randrange(10**5):05d}"
    alphabet = string.ascii_uppercase + string.digits + "-/"
    return "".join(chance.choices(alphabet, k=chance.randint(1, 14)))


def _value(ai: str, chance: random.Random) -> str:
    match ai:
        case "01":
            body = f"0{chance.randrange(10**12):012d}"
            return next(f"{body}{digit}" for digit in range(10) if check_digit_holds(f"{body}{digit}"))
        case "11" | "17":
            return f"{chance.randint(24, 31)}{chance.randint(1, 12):02d}{chance.randint(0, 28):02d}"
        case "10":
            return lot(chance)
        case "30":
            return str(chance.randint(1, 999))
        case _:
            return "".join(chance.choices(string.ascii_uppercase + string.digits, k=chance.randint(6, 14)))
