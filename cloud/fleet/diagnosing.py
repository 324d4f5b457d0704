"""Asking a store's agent to examine itself and report at once.

It goes as an event in the store's own log: that way already leads to an agent behind any proxy and at any process of
the hub, at once where a stream is open, and waits where the store is dark. The answer is the report.
"""

import msgspec
from sqlalchemy import Connection, select

from cloud import audit, catalogue, eventlog, tables
from cloud.errors import NotForThisAgent
from cloud.transaction import Transaction
from domain.events import DiagnosisWanted, store_log
from domain.times import Millis


class Asked(msgspec.Struct, frozen=True):
    """The last time somebody asked; `seq` is the event's number in the store's log."""

    seq: int
    at: Millis


def ask(tx: Transaction, store: str, applied: int, *, by: str) -> None:
    """`applied`: how far the agent has come; what it has not heard yet is not said twice. Raises `UnknownStore`,
    `NotForThisAgent`."""
    catalogue.store(tx, store)
    _refuse_if_unknown_there(tx, store)
    last = last_asked(tx.connection, tx.chain, store)
    if last is not None and last.seq > applied:
        return
    eventlog.append(tx, store_log(store), DiagnosisWanted())
    audit.append(tx, store, by, DiagnosisWanted.kind, store)


def last_asked(connection: Connection, chain: str, store: str) -> Asked | None:
    e = tables.events.c
    query = (
        select(e.seq, e.at)
        .where(e.chain == chain, e.log == store_log(store), e.kind == DiagnosisWanted.kind)
        .order_by(e.seq.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Asked(row.seq, row.at)


def _refuse_if_unknown_there(tx: Transaction, store: str) -> None:
    """An agent that never spoke says nothing of what it accepts."""
    a = tables.agents.c
    query = select(a.accepts).where(a.chain == tx.chain, a.store == store, a.revoked_at.is_(None))
    written = tx.connection.execute(query).scalar()
    if written is None:
        raise NotForThisAgent("本店没有配对的设备 / no agent is paired with this store")
    accepts = msgspec.json.decode(written, type=dict[str, int])
    if accepts and DiagnosisWanted.kind not in accepts:
        raise NotForThisAgent(
            "门店程序版本较旧，不会远程诊断 / the store's program is too old to be asked",
            hint="Update it; or ask somebody in the store to press 诊断.",
        )
