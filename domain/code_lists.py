"""Lists of pack codes that the whole chain shares: what was sold, and what may not be sold."""

from enum import StrEnum

import msgspec

from domain.times import Millis


class CodeList(StrEnum):
    SOLD = "sold"
    """Kept by the hub itself: every pack that a store sold, until its order is cancelled before it leaves."""
    RECALLED = "recalled"
    BANNED = "banned"
    """Stolen, counterfeit, taken back by the maker: headquarters says so."""


LOADED = (CodeList.RECALLED, CodeList.BANNED)
"""The lists that headquarters loads."""


class ListedCode(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """`store` and `at` are of the sale, empty on the other lists. An array on the wire: a chain has millions."""

    code: str
    store: str = ""
    at: Millis = 0
