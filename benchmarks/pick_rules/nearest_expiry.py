"""The proposal of lots against every other choice there is, on small random stocks."""

from datetime import date, timedelta
from itertools import product
from random import Random

from domain.lots import Lot, propose
from domain.quantity import units

_TODAY = date(2026, 11, 22)
Chosen = dict[str, int]


def mismatch(number: int) -> bool:
    """Whether stock number so-and-so is proposed otherwise than by trying everything."""
    chance = Random(f"fefo/{number}")
    stock = [
        Lot(
            f"L{place}",
            _TODAY + timedelta(chance.choice((-30, -1, 0, 29, 30, 31, 90, 90, 400))),
            units(chance.randint(0, 3)),
            received_at=chance.randint(0, 2),
        )
        for place in range(chance.randint(1, 4))
    ]
    wanted, stops = chance.randint(1, 6), chance.choice((0, 30))
    barred = [lot.lot.lower() for lot in stock if chance.random() < 0.15]
    proposed = propose(stock, units(wanted), _TODAY, stops_days=stops, barred=barred)
    chosen = {lot.lot: amount // units(1) for lot, amount in proposed}
    return chosen != _best(stock, wanted, stops, barred)


def _best(stock: list[Lot], wanted: int, stops: int, barred: list[str]) -> Chosen:
    """Of all ways to take as much as there is, at most what is wanted, the one whose packs go first, pack by pack."""
    fit = [
        lot
        for lot in stock
        if lot.expiry >= _TODAY and (lot.expiry - _TODAY).days >= stops and lot.lot.lower() not in barred
    ]
    target = min(wanted, sum(lot.quantity // units(1) for lot in fit))
    ways = product(*(range(lot.quantity // units(1) + 1) for lot in fit))
    best = min((way for way in ways if sum(way) == target), key=lambda way: _order(fit, way))
    return {lot.lot: count for lot, count in zip(fit, best, strict=True) if count}


def _order(fit: list[Lot], way: tuple[int, ...]) -> list[tuple[date, int, str]]:
    packs = ((lot.expiry, lot.received_at, lot.lot) for lot, count in zip(fit, way, strict=True) for _ in range(count))
    return sorted(packs)
