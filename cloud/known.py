"""Which orders a sweep need not ask the platform about: those that are over, and those that have just come."""

from sqlalchemy import Connection, or_, select

from cloud import tables
from domain.orders import MOVES
from domain.times import DAY, MINUTE, Millis

JUST_CAME: Millis = 10 * MINUTE
REMEMBERED: Millis = 5 * DAY
OVER = [state.value for state, moves in MOVES.items() if not moves]


class KnownOrders:
    """One per channel; read before each sweep of it."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def __call__(self, channel_order_id: str) -> bool:
        return channel_order_id in self._known

    def renew(self, known: frozenset[str]) -> None:
        self._known = known


def settled(connection: Connection, chain: str, channel: str, now: Millis) -> frozenset[str]:
    o = tables.orders.c
    query = select(o.channel_order_id).where(
        o.chain == chain,
        o.channel == channel,
        o.placed_at > now - REMEMBERED,
        or_(o.state.in_(OVER), o.received_at > now - JUST_CAME),
    )
    return frozenset(connection.execute(query).scalars())
