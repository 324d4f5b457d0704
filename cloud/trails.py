"""The trails of orders as their stores told them: kept as they came, and shown where a link does not hold."""

import msgspec

from cloud import audit, tables
from cloud.agents import Agent
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from domain.operations import TrailGrown
from domain.trail import BEGINNING, Step, link

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
    return tuple(msgspec.convert(dict(zip(Step.__struct_fields__, row, strict=True)), Step) for row in rows)
