"""The containment rule against a shelf, an ERP and a line between them that repeats and reorders: what the rule finds
is never more than what lies on the shelf and what nobody has told yet, and exactly the shelf once all is told."""

import random
from dataclasses import dataclass, field

import pytest

from domain import erp_stock
from domain.erp_stock import Booking, Effect

UNIT = 1_000


@dataclass
class World:
    """One product in one store. `documents` are ours, `booked` how many the ERP has (it books in order), `journal` what
    the ERP sold or received itself, by its own number."""

    shelf: int = 50 * UNIT
    erp: int = 50 * UNIT
    documents: list[Effect] = field(default_factory=list)
    booked: int = 0
    journal: list[Booking] = field(default_factory=list)
    counts: list[tuple[int, int, int]] = field(default_factory=list)
    """(said, contains, as_of)"""

    def write(self, delta: int) -> None:
        self.shelf += delta
        self.documents.append(Effect(len(self.documents) + 1, delta))

    def book(self) -> None:
        if self.booked < len(self.documents):
            effect = self.documents[self.booked]
            self.booked += 1
            if not effect.refused:
                self.erp += effect.delta

    def refuse(self) -> None:
        if self.booked < len(self.documents):
            effect = self.documents[self.booked]
            self.documents[self.booked] = Effect(effect.number, effect.delta, refused=True)

    def trade(self, delta: int) -> None:
        self.shelf += delta
        self.erp += delta
        self.journal.append(Booking(len(self.journal), delta))

    def count(self) -> None:
        self.counts.append((self.erp, self.booked, len(self.journal)))


@dataclass
class Knowing:
    """What store or hub make of it: every document at once (they are theirs), trades and counts as they come."""

    on_hand: int = 50 * UNIT
    last: erp_stock.Mark | None = None
    bookings: list[Booking] = field(default_factory=list)

    @property
    def as_of(self) -> int | None:
        return None if self.last is None else self.last[0]

    def document(self, delta: int) -> None:
        self.on_hand += delta

    def trade(self, booking: Booking) -> None:
        if booking in self.bookings:
            return
        self.bookings.append(booking)
        if not erp_stock.is_contained(booking, self.as_of):
            self.on_hand += booking.delta

    def count(self, world: World, told: tuple[int, int, int]) -> None:
        said, contains, as_of = told
        if not erp_stock.is_newer((as_of, contains), self.last):
            return
        self.on_hand = erp_stock.after_count(
            said, self.on_hand, contains=contains, as_of=as_of, effects=world.documents, bookings=self.bookings
        )
        self.last = (as_of, contains)

    def untold_sales(self, world: World) -> int:
        """What was sold over the counter and nobody has heard of, neither by itself nor in a count."""
        return -sum(
            booking.delta
            for booking in world.journal
            if booking.delta < 0 and booking not in self.bookings and not erp_stock.is_contained(booking, self.as_of)
        )


def step(world: World, knowing: Knowing, chance: random.Random) -> None:
    match chance.randrange(9):
        case 0 | 1:
            sold = -chance.randint(1, 3) * UNIT
            world.write(sold)
            knowing.document(sold)
        case 2 if world.documents:  # an order that was packed ends: its packs stand on the shelf again
            back = -min(chance.choice(world.documents).delta, 0)
            world.write(back)
            knowing.document(back)
        case 3:
            world.book()
        case 4 if chance.random() < 0.2:
            world.refuse()
        case 5:
            world.trade(chance.choice((-2, -1, 5)) * UNIT)
        case 6:
            world.count()
        case 7 if world.journal:
            knowing.trade(chance.choice(world.journal))
        case 8 if world.counts:
            knowing.count(world, chance.choice(world.counts))


@pytest.mark.parametrize("seed", range(300))
def test_no_sold_stock_comes_back_to_life(seed: int) -> None:
    chance, world, knowing = random.Random(seed), World(), Knowing()
    for _ in range(120):
        step(world, knowing, chance)
        assert knowing.on_hand <= world.shelf + knowing.untold_sales(world)
    for booking in world.journal:
        knowing.trade(booking)
    world.journal.append(Booking(len(world.journal), 0))
    world.count()
    knowing.count(world, world.counts[-1])
    refused_back = sum(max(each.delta, 0) for each in world.documents if each.refused)
    assert knowing.on_hand == world.shelf - refused_back  # those wait for a person


@pytest.mark.parametrize("seed", range(100))
def test_an_old_or_repeated_count_raises_nothing(seed: int) -> None:
    chance, world, knowing = random.Random(seed), World(), Knowing()
    for _ in range(80):
        step(world, knowing, chance)
    for told in world.counts:
        if knowing.last is not None and (told[2], told[1]) <= knowing.last:
            before = knowing.on_hand
            knowing.count(world, told)
            assert knowing.on_hand == before


def test_a_count_contains_half_of_our_documents() -> None:
    sold = [Effect(number, -UNIT) for number in range(1, 11)]
    found = erp_stock.on_hand(95 * UNIT, contains=5, as_of=0, effects=sold, bookings=())
    assert found == 90 * UNIT


def test_a_refused_document_is_in_no_count() -> None:
    sold = [Effect(1, -UNIT, refused=True), Effect(2, -UNIT)]
    assert erp_stock.unbooked(sold, contains=2) == -UNIT


def test_what_a_refused_document_put_back_is_not_sold_again() -> None:
    """The ERP refused it because it had booked the same itself: its count has it already."""
    found = erp_stock.on_hand(15 * UNIT, contains=1, as_of=0, effects=[Effect(1, 5 * UNIT, refused=True)], bookings=())
    assert found == 15 * UNIT


def test_a_count_that_cannot_say_what_it_contains_only_lowers() -> None:
    def after(said: int) -> int:
        return erp_stock.after_count(said, 5 * UNIT, contains=None, as_of=1, effects=(), bookings=())

    assert (after(9 * UNIT), after(2 * UNIT)) == (5 * UNIT, 2 * UNIT)


def test_a_count_that_was_overtaken_only_lowers() -> None:
    after = erp_stock.after_count(9 * UNIT, UNIT, contains=3, as_of=1, effects=(), bookings=(), only_down=True)
    assert after == UNIT
