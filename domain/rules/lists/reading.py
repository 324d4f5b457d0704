"""One list of the law as data."""

import tomllib
from datetime import date

import msgspec

from domain.rules.case import Sale
from domain.rules.ids import Rule


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: how its products are found, where it holds, and which rule speaks."""

    id: str
    title: str
    clause: str
    at: Sale
    rule: Rule = Rule.BANNED_ONLINE
    contains: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Generic names of drugs with this one ingredient."""
    excepts: tuple[str, ...] = ()
    external: bool = True
    """False: what is used on skin, eyes or ears does not fall under it."""
    most: int | None = None
    """Packs that one sale may hold; None: it forbids the sale."""
    same_as: str = ""
    """Finds what another listing finds."""


class DrugList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dated list. `complete` says what of the law it holds, and what not."""

    name: str
    valid_from: date
    source: str
    complete: str
    listings: tuple[Listing, ...]
    valid_until: date | None = None

    def counts(self, today: date) -> bool:
        return self.valid_from <= today and (self.valid_until is None or today <= self.valid_until)


def parse(text: str) -> DrugList:
    """Raises ValueError (`msgspec.ValidationError`, `tomllib.TOMLDecodeError`) with what is wrong."""
    return msgspec.convert(tomllib.loads(text), DrugList)
