"""The lists of the law, as dated data files beside this one: read once, when this is imported."""

import hashlib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from domain.rules.lists.matching import Match, found
from domain.rules.lists.reading import DrugList, Listing, parse

__all__ = ["DIGEST", "LISTS", "DrugList", "Listing", "Match", "found", "in_force", "parse"]

_FILES = ("limits.toml", "online.toml", "special_control.toml")
_TEXTS = tuple((files(__name__) / name).read_bytes() for name in _FILES)

LISTS: tuple[DrugList, ...] = tuple(parse(text.decode()) for text in _TEXTS)
DIGEST = hashlib.sha256(b"\0".join(_TEXTS)).hexdigest()[:8]


@lru_cache(maxsize=8)
def in_force(today: date) -> tuple[Listing, ...]:
    """Every listing that counts on this day."""
    return tuple(listing for each in LISTS if each.counts(today) for listing in each.listings)
