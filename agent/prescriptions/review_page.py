"""The page on which a pharmacist reviews one prescription after the other."""

import msgspec

from agent import orders
from agent.order_view import OrderView, order_view
from agent.prescriptions import view
from agent.prescriptions.view import PrescriptionPanel, Queued
from agent.transactions import Reading


class Review(msgspec.Struct, frozen=True):
    """`place` is the shown one's in the queue, from 1; 0 for an order that does not wait any more. `next` is the order
    to look at after it, empty when there is none."""

    queue: tuple[Queued, ...]
    panel: PrescriptionPanel | None
    order: OrderView | None
    place: int
    next: str


def review(reading: Reading, order_id: str) -> Review:
    """The named order, whatever its state; the one that waits longest where none is named or known here."""
    queue = view.queue(reading)
    waiting = list(dict.fromkeys(each.order_id for each in queue))
    shown = order_id if order_id and orders.find(reading, order_id) is not None else next(iter(waiting), "")
    place = waiting.index(shown) + 1 if shown in waiting else 0
    others = [each for each in (*waiting[place:], *waiting[:place]) if each != shown]
    return Review(
        queue=queue,
        panel=view.panel(reading, shown, whole=True) if shown else None,
        order=order_view(reading, shown) if shown else None,
        place=place,
        next=next(iter(others), ""),
    )
