"""Codes that we print ourselves: of orders, shelves, badges, commands, and of the scanners' set-up sheet.

CapsLock turns the case of what a keyboard scanner types. All prefixes are capitals, so that a small one tells, and the
whole text is turned back.
"""

import re

from domain.codes.kinds import BadgeCode, Command, CommandCode, OrderCode, OwnCode, ShelfCode, TestCode
from domain.codes.sheet import part_of
from domain.ids import ORDER_CODE_LENGTH, ORDER_CODE_PREFIX, Randomness, base32

SHELF_PREFIX = "YH-"
BADGE_PREFIX = "YB"
LONGEST_SHELF = 24
"""Characters of a shelf's name."""
_CROCKFORD = "[0-9A-HJKMNP-TV-Z]"
_ORDER = re.compile(rf"{ORDER_CODE_PREFIX}{_CROCKFORD}{{{ORDER_CODE_LENGTH - len(ORDER_CODE_PREFIX)}}}")
_BADGE = re.compile(rf"{BADGE_PREFIX}{_CROCKFORD}{{12}}")
_COMMANDS = {command.value: command for command in Command}
_TURNED = re.compile(r"y[a-z]")


def own_code(text: str) -> OwnCode | None:
    if (part := part_of(text)) is not None:
        return TestCode(part)
    text = text.swapcase() if _TURNED.match(text) else text
    capitals = text.upper()
    if _ORDER.fullmatch(capitals):
        return OrderCode(capitals)
    if _BADGE.fullmatch(capitals):
        return BadgeCode(capitals)
    if capitals in _COMMANDS:
        return CommandCode(_COMMANDS[capitals])
    return _shelf(text)


def shelf_text(shelf: str) -> str:
    """What the label of a shelf carries. Raises ValueError for a name that no label can."""
    name = shelf.strip()
    if not 0 < len(name) <= LONGEST_SHELF or not name.isprintable():
        raise ValueError(f"a shelf's name has 1 to {LONGEST_SHELF} printable characters: {shelf!r}")
    return SHELF_PREFIX + name


def badge_text(randomness: Randomness) -> str:
    """A new badge: 60 random bits, so that nobody guesses one and its plain hash gives nothing away."""
    return BADGE_PREFIX + base32(randomness(8))[:12]


def _shelf(text: str) -> ShelfCode | None:
    name = text.removeprefix(SHELF_PREFIX).strip()
    if not text.startswith(SHELF_PREFIX) or not 0 < len(name) <= LONGEST_SHELF or not name.isprintable():
        return None
    return ShelfCode(name)
