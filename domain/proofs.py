"""How a colleague proves who they are: a PIN or a badge, and how often one may try."""

import re
from typing import Annotated

import msgspec

from domain.times import DAY, MINUTE, Millis

Text = Annotated[str, msgspec.Meta(max_length=64)]

SHORTEST_PIN, LONGEST_PIN = 6, 12
MOST_WRONG = 5
LOCKED: Millis = 5 * MINUTE
WRONG_TAKES_S = 1.0
"""A wrong proof is answered no sooner, so that guessing one after the other is slow."""

PIN_TIME, PIN_MEMORY_KIB, PIN_LANES = 2, 19 * 1024, 1
"""What the argon2id hash of a PIN costs, wherever it is made: it serves in all stores and at headquarters. OWASP's
least; an old PC with 2 GB has room for it."""
_PIN_HASH = re.compile(
    rf"\$argon2id\$v=19\$m={PIN_MEMORY_KIB},t={PIN_TIME},p={PIN_LANES}\$[A-Za-z0-9+/]{{22}}\$[A-Za-z0-9+/]{{43}}",
    re.ASCII,
)


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`staff_id` with `pin`, or `badge` alone."""

    staff_id: Text = ""
    pin: Text = ""
    badge: Text = ""

    def __repr__(self) -> str:
        return f"Proof({self.staff_id!r}, …)"


class Tries(msgspec.Struct, frozen=True):
    """Wrong PINs of one colleague in a row. Each counts before it is looked at, so that trying many at once gains
    nothing."""

    wrong: int = 0
    last_at: Millis = 0

    def locked_for(self, now: Millis) -> Millis:
        """0: may try. A clock that was set back locks nobody for long."""
        left = self.last_at + LOCKED - now
        return left if self.wrong >= MOST_WRONG and 0 < left <= LOCKED else 0

    def another(self, now: Millis) -> "Tries":
        """From the fifth on every wrong one locks; a day without any is forgotten."""
        return Tries(1 if now - self.last_at > DAY else self.wrong + 1, now)

    @property
    def left(self) -> int:
        return max(0, MOST_WRONG - self.wrong)


def pin_flaw(pin: str) -> str:
    """Why nobody may have this PIN; empty when it may be used."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        return f"密码须为 {SHORTEST_PIN} 至 {LONGEST_PIN} 位数字"
    steps = {(int(after) - int(before)) % 10 for before, after in zip(pin, pin[1:], strict=False)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return "密码太简单，请勿使用相同或连续的数字"
    return ""


def is_pin_hash(kept: str) -> bool:
    """Made with these costs: another's could ask for any amount of memory."""
    return _PIN_HASH.fullmatch(kept) is not None
