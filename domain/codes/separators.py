"""Every way to read a GS1 message whose separators may have been swallowed (facts/compliance.md §2.2 b).

A lot or a serial ends at a separator (GS) or at the end of the message. A scanner that types may lose it, or type it as
the digits 029 where Alt+029 was meant; then what follows reads as part of the lot, and nothing in the text tells. So
each place where such a value could have ended is tried.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.codes.gs1_elements import Identifier, belong_together, identifier_at
from domain.codes.texts import GROUP_SEPARATOR

Elements = dict[str, str]

LONGEST_VALUE = 90
MOST_READINGS = 64
MOST_STEPS = 5_000
"""Beyond either the search is given up, and nothing that was read counts as sure."""
_TYPED_SEPARATOR = "029"
_CARRIED_BY_PACKS = frozenset({"10", "11", "17", "21", "7003"})
"""What medicine packs carry (facts/compliance.md §2.1). A message with a separator came through a scanner that sends
them: that it lost another one is tried for these only, or one sound lot in three would be doubted."""


class Readings(NamedTuple):
    """`plain`: the text as it stands; None where it makes no sense so. `complete`: no further way was left untried."""

    plain: Elements | None
    others: tuple[Elements, ...]
    complete: bool


def readings(text: str, *, sent: bool = False) -> Readings:
    """`sent`: this scanner is known to send separators, so that a message without one needed none."""
    search = _Search(text, lost_before=_suspects(text, sent=sent))
    plain = next(_Search(text, lost_before=frozenset()).run(), None)
    found = list(islice(search.run(), MOST_READINGS + 1))
    others = tuple(each for each in found if each != plain)
    return Readings(plain, others, complete=len(found) <= MOST_READINGS and search.steps <= MOST_STEPS)


def _suspects(text: str, *, sent: bool) -> frozenset[str] | None:
    """The identifiers before which a separator may be missing. None: any."""
    if GROUP_SEPARATOR in text.rstrip(GROUP_SEPARATOR):
        return _CARRIED_BY_PACKS
    return frozenset() if sent else None


class _Step(NamedTuple):
    """One element, and where the next begins."""

    ai: str
    value: str
    next: int


class _Search:
    """All ways through the text: first the elements from which its end can be reached, then those that may stand
    together."""

    def __init__(self, text: str, *, lost_before: frozenset[str] | None) -> None:
        self._text = text
        self._lost_before = lost_before
        self._known: dict[int, tuple[_Step, ...]] = {}
        self.steps = 0

    def run(self) -> Iterator[Elements]:
        return self._from(0, {})

    def _from(self, place: int, so_far: Elements) -> Iterator[Elements]:
        self.steps += 1
        if place == len(self._text) and belong_together(so_far):
            yield so_far
        for ai, value, following in self._steps_at(place):
            if self.steps > MOST_STEPS:
                return
            if so_far.get(ai, value) == value:  # an element may be repeated, and then says the same
                yield from self._from(following, {**so_far, ai: value})

    def _steps_at(self, place: int) -> tuple[_Step, ...]:
        if place not in self._known:
            steps = (_Step(ai, value, self._past_separators(end)) for ai, value, end in self._elements_at(place))
            self._known[place] = tuple(each for each in steps if self._reaches_the_end(each.next))
        return self._known[place]

    def _reaches_the_end(self, place: int) -> bool:
        return place == len(self._text) or bool(self._steps_at(place))

    def _elements_at(self, place: int) -> Iterator[_Step]:
        identifier = identifier_at(self._text, place)
        if identifier is None:
            return
        start = place + len(identifier.ai)
        for end, following in self._ends(identifier, start):
            value = self._text[start:end]
            if identifier.takes(value):
                yield _Step(identifier.ai, value, following)

    def _ends(self, identifier: Identifier, start: int) -> Iterator[tuple[int, int]]:
        """Where a value that begins at `start` may end, and where the next element then begins."""
        separator = self._text.find(GROUP_SEPARATOR, start)
        last = len(self._text) if separator < 0 else separator
        if not identifier.ends_by_separator:
            whole = identifier.value.match(self._text, start, last)
            if whole is not None:
                yield whole.end(), whole.end()
            return
        yield last, last
        for end in range(start + 1, min(last, start + LONGEST_VALUE + 1)):
            if self._may_begin(end):
                yield end, end
            after_typed = end + len(_TYPED_SEPARATOR)
            if self._text.startswith(_TYPED_SEPARATOR, end) and self._may_begin(after_typed):
                yield end, after_typed

    def _may_begin(self, place: int) -> bool:
        """Whether an element may begin here, the separator before it having been lost."""
        if self._lost_before is not None and not self._lost_before:
            return False
        identifier = identifier_at(self._text, place)
        return identifier is not None and (self._lost_before is None or identifier.ai in self._lost_before)

    def _past_separators(self, place: int) -> int:
        while self._text.startswith(GROUP_SEPARATOR, place):
            place += 1
        return place
