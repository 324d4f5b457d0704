"""Which orders a sweep need not ask the platform about: those that are over, and those that have just come."""

from collections import defaultdict

from sqlalchemy import Connection, or_, select

from cloud import tables
from domain.ids import first_uuid7
from domain.orders import MOVES
from domain.times import DAY, MINUTE, Millis

JUST_CAME: Millis = 10 * MINUTE
REMEMBERED: Millis = 5 * DAY
OVER = [state.value for state, moves in MOVES.items() if not moves]


class KnownOrders:
    """One per channel; read before each round of sweeps."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def __call__(self, channel_order_id: str) -> bool:
        return channel_order_id in self._known

    def renew(self, known: frozenset[str]) -> None:
        self._known = known


def settled(connection: Connection, chain: str, now: Millis, begun_at: Millis) -> dict[str, frozenset[str]]:
    """By channel. Order ids sort by the time they were placed, so that only the last days are read. What came before
    this process began, at `begun_at`, is asked about: the hub may have been put back, and have forgotten what was
    said of it since."""
    o = tables.orders.c
    query = select(o.channel, o.channel_order_id).where(
        o.chain == chain,
        o.order_id >= first_uuid7(now - REMEMBERED),
        or_(o.state.in_(OVER), o.received_at > max(now - JUST_CAME, begun_at)),
    )
    found: dict[str, set[str]] = defaultdict(set)
    for channel, channel_order_id in connection.execute(query):
        found[channel].add(channel_order_id)
    return {channel: frozenset(ids) for channel, ids in found.items()}
