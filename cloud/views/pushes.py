"""Pushes of the channels, those that need a person first of all. Their raw bytes are sealed and read one by one."""

import msgspec
from sqlalchemy import Connection, func, select

from cloud import tables
from cloud.columns import written
from cloud.received import PushState
from domain.times import Millis

MOST = 200


class PushView(msgspec.Struct, frozen=True):
    push_id: str
    channel: str
    topic: str
    order_id: str | None
    state: str
    problem: str
    received_at: Millis


def in_state(connection: Connection, chain: str, state: PushState) -> tuple[PushView, ...]:
    """Newest first."""
    p = tables.pushes.c
    query = select(p.push_id, p.channel, p.topic, p.order_id, p.state, p.problem, p.received_at)
    query = query.where(p.chain == chain, p.state == written(state.value)).order_by(p.push_id.desc()).limit(MOST)
    return tuple(PushView(*row) for row in connection.execute(query))


def count(connection: Connection, chain: str, state: PushState) -> int:
    p = tables.pushes.c
    query = select(func.count()).select_from(tables.pushes).where(p.chain == chain, p.state == written(state.value))
    found: int = connection.execute(query).scalar_one()
    return found
