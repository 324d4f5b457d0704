"""Quantities are integers in thousandths of a unit: 2 boxes are 2000, half an opened box is 500.

Opened packs and herbal pieces are not whole boxes; channels sell whole units and are told the floor.
"""

Quantity = int

ONE: Quantity = 1_000
LARGEST: Quantity = 100_000 * ONE  # channels know no stock above 99,999 (facts/channels.md §1.5)


class NotAQuantity(ValueError):
    """Not a whole number of units between one and `LARGEST`."""


def units(count: int) -> Quantity:
    return count * ONE


def ordered(count: object) -> Quantity:
    """The quantity of an order line as a channel states it: a positive whole number of units."""
    if isinstance(count, str) and count.isascii() and count.isdigit():
        count = int(count)
    if isinstance(count, float) and count.is_integer():
        count = int(count)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count * ONE <= LARGEST:
        raise NotAQuantity(f"not a quantity that can be ordered: {count!r}")
    return units(count)


def whole_units(quantity: Quantity) -> int:
    """What a channel may be told: never more than there is."""
    return max(quantity, 0) // ONE


def shown(quantity: Quantity) -> str:
    """2000 -> '2', 500 -> '0.5'."""
    return f"{quantity / ONE:g}"
