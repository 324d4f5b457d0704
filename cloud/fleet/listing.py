"""Which stores of the fleet are shown, in which order, and what is counted above them."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from cloud.fleet.members import Member, Standing
from cloud.fleet.troubles import Level, urgency
from domain.times import MINUTE, Millis

PAGE = 200
"""Stores at once: those that need somebody stand first."""


class Wanted(msgspec.Struct, frozen=True):
    """`text` is part of a store's id or name; `dark` is for how many minutes an agent has not been heard."""

    trouble: bool = False
    version: str = ""
    text: str = ""
    dark: int | None = None
    start: int = 0


class Counts(msgspec.Struct, frozen=True):
    """Of the whole fleet, whatever is shown. `trouble` counts stores that need somebody, `unsent` operations."""

    stores: int
    standing: dict[str, int]
    trouble: int
    unsent: int
    versions: dict[str, int]


class Fleet(msgspec.Struct, frozen=True):
    """`found` is how many match; `members` are those from `start` on."""

    now: Millis
    counts: Counts
    found: int
    start: int
    members: tuple[Member, ...]

    @property
    def next(self) -> int | None:
        end = self.start + len(self.members)
        return end if end < self.found else None


def listed(members: Sequence[Member], wanted: Wanted, now: Millis) -> Fleet:
    """Who needs somebody most stands first."""
    found = sorted((member for member in members if _matches(member, wanted, now)), key=_need)
    start = max(wanted.start, 0)
    return Fleet(now, counts(members), len(found), start, tuple(found[start : start + PAGE]))


def counts(members: Sequence[Member]) -> Counts:
    standing = Counter(member.standing for member in members)
    versions = Counter(member.version for member in members if member.version)
    return Counts(
        stores=len(members),
        standing={each: standing[each] for each in Standing},
        trouble=sum(needs_somebody(member) for member in members),
        unsent=sum(member.outbox_depth for member in members),
        versions=dict(sorted(versions.items(), reverse=True)),
    )


def needs_somebody(member: Member) -> bool:
    return member.level in (Level.BAD, Level.LOOK)


def _matches(member: Member, wanted: Wanted, now: Millis) -> bool:
    text = wanted.text.strip().casefold()
    if wanted.trouble and not needs_somebody(member):
        return False
    if wanted.version and member.version != wanted.version:
        return False
    if text and text not in member.store.casefold() and text not in member.name.casefold():
        return False
    return wanted.dark is None or _is_dark_for(member, wanted.dark * MINUTE, now)


def _is_dark_for(member: Member, least: Millis, now: Millis) -> bool:
    return member.standing is Standing.DARK and now - (member.since or 0) >= least


def _need(member: Member) -> tuple[tuple[int, int], int, Millis, str]:
    """By the worst trouble, how many there are, since when, and by name."""
    if not member.troubles:
        return (99, 0), 0, 0, member.store
    worst = member.troubles[0]
    return urgency(worst), -len(member.troubles), worst.since or 0, member.store
