"""The codes of practice packs, for the page to show and a scanner to read.

They follow from the order alone, so that the page shows the same ones however often it is drawn.
"""

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from agent import orders, picks
from agent.training.goods import Goods
from agent.transactions import Reading
from domain.orders import Order, OrderLine
from domain.picks import Pick
from domain.quantity import whole_units


class Pack(msgspec.Struct, frozen=True):
    """A pack on the practice shelf. `wanted`: this order is for it. `done`: it lies in the bag already."""

    name: str
    code: str
    wanted: bool
    done: bool = False


SPARE = 8
"""Packs of each line beyond what is wanted: some end up in another order's bag."""


def of_order(reading: Reading, order_id: str, goods: Sequence[Goods]) -> tuple[Pack, ...]:
    """What the order wants, and one pack that it does not want, to hear the refusal."""
    order, pick = orders.get(reading, order_id), picks.load(reading, order_id)
    wanted = (pack for line in order.lines for pack in _to_take(reading, order, line, pick, goods))
    return (*wanted, *_stranger(order, goods))


def known(reading: Reading, goods: Sequence[Goods], text: str) -> bool:
    """The code of a practice order or of one of its packs: no real pick may hear of it."""
    code = text.strip().upper()
    rows = reading.db.execute("SELECT * FROM orders").fetchall()
    return any(code in _codes(orders.from_row(reading, row), goods) for row in rows)


def _to_take(reading: Reading, order: Order, line: OrderLine, pick: Pick, goods: Sequence[Goods]) -> Iterator[Pack]:
    """As many as are wanted: those in this bag, then those in nobody's."""
    mine = {binding.code for binding in pick.bindings}
    counted, count = whole_units(pick.picked(line.line_id)), whole_units(line.quantity)
    codes = _codes_of(order, line, goods)
    if len(set(codes)) < len(codes):  # a barcode: all packs are alike
        yield from (
            Pack(line.name, code, wanted=True, done=place < counted) for place, code in enumerate(codes[:count])
        )
        return
    free = (code for code in codes if code not in mine and not _elsewhere(reading, code, order.order_id))
    shown = [*(code for code in codes if code in mine), *free][:count]
    yield from (Pack(line.name, code, wanted=True, done=code in mine) for code in shown)


def _elsewhere(reading: Reading, code: str, order_id: str) -> bool:
    return picks.bound_to(reading, code, order_id) is not None or picks.sold_at(reading, code) is not None


def _codes(order: Order, goods: Sequence[Goods]) -> set[str]:
    of_lines = (code for line in order.lines for code in _codes_of(order, line, goods))
    return {order.code, *of_lines, *(pack.code for pack in _stranger(order, goods))}


def _codes_of(order: Order, line: OrderLine, goods: Sequence[Goods]) -> list[str]:
    places = range(whole_units(line.quantity) + SPARE)
    found = [each for each in goods if each.product.sku == line.sku]
    return [each.pack(_serial(order, line.line_id, place)) for each in found for place in places]


def _stranger(order: Order, goods: Sequence[Goods]) -> Iterator[Pack]:
    wanted = {line.sku for line in order.lines}
    others = [each for each in goods if each.product.sku not in wanted]
    if others:
        other = others[order.day_number % len(others)]
        yield Pack(other.product.name, other.pack(_serial(order, 0, 0)), wanted=False)


def _serial(order: Order, line_id: int, place: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{order.code}/{line_id}/{place}".encode()).digest()[:8])
