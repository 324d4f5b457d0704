"""The trails of orders as their stores told them: kept as they came, and shown where a link does not hold."""

from itertools import groupby

import msgspec
from sqlalchemy import Connection, select

from cloud import audit, tables
from cloud.agents import Agent
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from domain.operations import TrailGrown
from domain.trail import BEGINNING, Step, flaws, link

_STEP = insert(tables.trail, "chain", *Step.__struct_fields__, "store", "received_at")
_LAST = Sql("SELECT seq, hash FROM trail WHERE chain = ? AND order_id = ? ORDER BY seq DESC LIMIT 1")
_ALL = Sql(f"SELECT {', '.join(Step.__struct_fields__)} FROM trail WHERE chain = ? AND order_id = ? ORDER BY seq")


def grown(tx: Transaction, agent: Agent, fact: TrailGrown) -> None:
    """Steps that are known already are passed over; others are kept even where their chain is broken. What is said of
    another order stays in the operation only."""
    rows = _LAST.rows(tx.connection, tx.chain, fact.order_id)
    seq, last = rows[0] if rows else (0, BEGINNING)
    new: list[Step] = []
    for step in fact.steps:
        if step.order_id == fact.order_id and step.seq <= seq:
            continue
        if step.seq != seq + 1 or link(last, step) != step.hash or step.order_id != fact.order_id:
            audit.append(tx, agent.store, agent.device, "trail.broken", fact.order_id, f"step {step.seq}")
        if step.order_id == fact.order_id:
            new.append(step)
            seq, last = step.seq, step.hash
    _STEP.run(tx.connection, [(tx.chain, *msgspec.structs.astuple(step), agent.store, tx.now) for step in new])
    if new:
        audit.append(tx, agent.store, agent.device, "trail.grown", fact.order_id, f"{seq} steps, {last}")


def of_order(tx: Transaction, order_id: str) -> tuple[Step, ...]:
    rows = _ALL.rows(tx.connection, tx.chain, order_id)
    return tuple(_step(row) for row in rows)


def broken(connection: Connection, chain: str) -> list[str]:
    """Every place in the kept trails that is not as it was written: order and step."""
    found: list[str] = []
    t = tables.trail.c
    query = select(*(t[name] for name in Step.__struct_fields__)).where(t.chain == chain).order_by(t.order_id, t.seq)
    rows = connection.execution_options(yield_per=1_000).execute(query)
    for order_id, steps in groupby((_step(tuple(row)) for row in rows), key=lambda step: step.order_id):
        found += [f"{order_id} step {flaw.seq}: {flaw.what}" for flaw in flaws(steps)]
    return found


def _step(row: tuple[object, ...]) -> Step:
    return msgspec.convert(dict(zip(Step.__struct_fields__, row, strict=True)), Step)
