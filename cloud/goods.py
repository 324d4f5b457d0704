"""Stock by lot as its store tells it: goods that came in, and lots that were counted or moved there.

Facts: written down whatever the policy says. They move the hub's stock where the chain's policy makes lot stock and
receiving ours; where the ERP owns them its feed says the same, and counting it twice would oversell (facts/oms.md §11).
"""

from collections import defaultdict

import msgspec

from cloud import audit, lots, policy, tables
from cloud.agents import Agent
from cloud.erp import writing
from cloud.facts import set_since, settle_losses
from cloud.ledger import Movement
from cloud.statements import Sql, insert
from cloud.stock import Sheet
from cloud.transaction import Transaction
from domain.operations import GoodsReceived, LotMoved, ReceivedLine
from domain.policy import Duty, Owner
from domain.quantity import Quantity

_RECEIPT = Sql(
    """INSERT INTO receipts (chain, store, receipt_id, supplier, bill, staff_id, lines, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, store, receipt_id) DO NOTHING"""
)
_MOVE = insert(
    tables.lot_moves,
    "chain", "store", "move_id", "kind", "sku", "lot", "expiry", "delta", "quarantined", "reason", "staff_id", "at",
)  # fmt: skip
_MOVED = Sql("SELECT 1 FROM lot_moves WHERE chain = ? AND store = ? AND move_id = ?")


def received(tx: Transaction, agent: Agent, fact: GoodsReceived) -> None:
    """The same receipt under another key is the same receipt."""
    lines = msgspec.json.encode(fact.lines)
    row = (tx.chain, agent.store, fact.receipt_id, fact.supplier, fact.bill, fact.staff_id, lines, tx.now)
    if _RECEIPT.run(tx.connection, [row]) == 0:
        return
    moves = _ours(tx, Duty.RECEIVING)
    said = f"{len(fact.lines)} lines, bill {fact.bill}{'' if moves else ', the ERP owns receiving: no stock moved'}"
    audit.append(tx, agent.store, agent.device, "goods.received", fact.receipt_id, said)
    if not moves:
        return
    came: dict[str, Quantity] = defaultdict(int)
    for line in fact.lines:
        came[line.sku] += line.quantity
    sheet = Sheet.of_facts(tx, agent.store, came)
    for sku, quantity in came.items():
        sheet.move((agent.store, sku), Movement.RECEIPT, quantity, fact.receipt_id)
    settle_losses(tx, agent.store, sheet, [])
    for line in sorted(fact.lines, key=_lot_key):
        key = (agent.store, line.sku, line.lot)
        lots.know(tx, key, line.expiry, line.produced, month_only=line.month_only)
        lots.shift(tx, key, line.quantity)
    writing.received(tx, agent.store, fact)


def lot_moved(tx: Transaction, agent: Agent, fact: LotMoved) -> None:
    """A move made before the store knew a level that headquarters has set since can only lower what may be sold."""
    if _MOVED.rows(tx.connection, tx.chain, agent.store, fact.move_id):
        return
    row = (
        tx.chain, agent.store, fact.move_id, fact.move.value, fact.sku, fact.lot, fact.expiry.isoformat(), fact.delta,
        fact.quarantined, fact.reason, fact.staff_id, tx.now,
    )  # fmt: skip
    _MOVE.run(tx.connection, [row])
    moves = _ours(tx, Duty.LOT_STOCK)
    late = set_since(tx, agent.store, fact.sku, fact.seen)
    delta = min(fact.delta, 0) if late else fact.delta
    said = f"{fact.move} {fact.lot} by {fact.delta}{', late' if late else ''}{'' if moves else ', the ERP owns lots'}"
    audit.append(tx, agent.store, agent.device, "lot.moved", fact.sku, said)
    sheet = Sheet.of_facts(tx, agent.store, [fact.sku])
    writing.moved(tx, agent.store, fact)
    if not moves:
        return
    sheet.move((agent.store, fact.sku), Movement.LOT, delta, fact.move_id)
    settle_losses(tx, agent.store, sheet, [(agent.store, fact.sku)])
    key = (agent.store, fact.sku, fact.lot)
    lots.know(tx, key, fact.expiry)
    lots.shift(tx, key, delta, quarantined=fact.quarantined)


def _ours(tx: Transaction, duty: Duty) -> bool:
    return policy.in_force(tx.connection, tx.chain).owner(duty) is Owner.YAOLINK


def _lot_key(line: ReceivedLine) -> tuple[str, str]:
    return line.sku, line.lot
