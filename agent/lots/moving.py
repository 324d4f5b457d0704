"""Counting a lot and moving stock of it, with the reason. `domain.rules.may_move` says what expired or recalled stock
may still do."""

import logging
from datetime import date

import msgspec

from agent import cursors, outbox, owners, stock, store
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.erp import writing
from agent.errors import NotFound, NotNow
from agent.lots import keeping, listing
from agent.lots.listing import Held
from agent.picking.refusals import Forbidden
from agent.transactions import Transaction
from domain.events import store_log
from domain.ids import uuid7
from domain.lots import Lot
from domain.operations import LotMoved, MoveKind
from domain.policy import Duty
from domain.quantity import LARGEST, Quantity
from domain.rules import may_move
from domain.staff import Actor

log = logging.getLogger(__name__)
LONGEST_REASON = 200


class Wanted(msgspec.Struct, frozen=True):
    """What somebody says of a lot. `quantity` of COUNT is what may be sold of it, as counted on the shelf and in open
    bags; of every other kind how much moves. `apart`: it leaves what is in quarantine already. `expiry` is needed for a
    lot that the store did not know and that was found in counting."""

    kind: MoveKind
    sku: str
    lot: str
    quantity: Quantity
    reason: str
    apart: bool = False
    expiry: date | None = None
    month_only: bool = False


class _Effect(msgspec.Struct, frozen=True):
    sellable: Quantity
    quarantined: Quantity


def move(tx: Transaction, wanted: Wanted, actor: Actor, lookup: Lookup) -> str:
    """Returns the move's id. Raises NotOurs where the ERP keeps the lots, Forbidden with the rules in the way."""
    owners.require(tx, Duty.LOT_STOCK)
    _check(wanted)
    held = _held(tx, wanted, lookup)
    effect = _effect(wanted, held)
    if effect == _Effect(0, 0):
        raise NotNow("数量没有变化")
    leaves_apart = effect.quarantined < 0
    there = msgspec.structs.replace(held.lot, quantity=held.apart if leaves_apart else held.lot.quantity)
    leaves = effect.quarantined if leaves_apart else effect.sellable
    recalls = lookup.recalls([wanted.sku])
    today = china_day(tx.now)
    if found := may_move(wanted.kind, wanted.sku, there, leaves, today=today, recalls=recalls):
        raise Forbidden(found)
    if wanted.kind is MoveKind.RELEASE and wanted.quantity > _set_apart_here(tx, wanted.sku, held.lot.lot):
        raise NotNow("隔离中的是顾客退回的药品，不得再销售；请销毁或退供应商")
    return _write_down(tx, wanted, held.lot, effect, actor)


def _set_apart_here(tx: Transaction, sku: str, lot: str) -> Quantity:
    """What colleagues set apart themselves and is still there. What customers brought back is in quarantine too and is
    never sold again (facts/compliance.md R13); whatever left it is counted as what could have been sold."""
    row = tx.db.execute(
        "SELECT coalesce(sum(quarantined), 0) AS apart FROM lot_moves WHERE sku = ? AND lot = ? AND quarantined <> 0",
        (sku, lot),
    ).fetchone()
    return max(int(row["apart"]), 0)


def _check(wanted: Wanted) -> None:
    if not wanted.reason.strip() or len(wanted.reason) > LONGEST_REASON:
        raise NotNow(f"请填写原因（最多 {LONGEST_REASON} 字）")
    least = 0 if wanted.kind is MoveKind.COUNT else 1
    if not least <= wanted.quantity <= LARGEST:
        raise NotNow("数量不对，请核对")


def _held(tx: Transaction, wanted: Wanted, lookup: Lookup) -> Held:
    known = listing.find(tx, wanted.sku, wanted.lot)
    if known is not None:
        return known
    if wanted.kind is not MoveKind.COUNT or wanted.expiry is None or not wanted.lot.strip():
        raise NotFound("没有这个批号；盘点时发现的新批号请同时填写有效期")
    if wanted.sku not in lookup.of_skus([wanted.sku]):
        raise NotFound("没有这个商品")
    lot = Lot(wanted.lot.strip(), wanted.expiry, 0, month_only=wanted.month_only)
    keeping.know(tx, wanted.sku, lot)
    return Held(wanted.sku, lot, 0)


def _effect(wanted: Wanted, held: Held) -> _Effect:
    amount = wanted.quantity
    match wanted.kind:
        case MoveKind.COUNT:
            return _Effect(amount - held.lot.quantity, 0)
        case MoveKind.QUARANTINE:
            return _Effect(-amount, amount)
        case MoveKind.RELEASE:
            return _Effect(amount, -amount)
        case _:
            return _Effect(0, -amount) if wanted.apart else _Effect(-amount, 0)


def _write_down(tx: Transaction, wanted: Wanted, lot: Lot, effect: _Effect, actor: Actor) -> str:
    move_id, reason = uuid7(tx.now, tx.randomness), wanted.reason.strip()
    seen = cursors.cursor(tx, store_log(store.identity(tx).store)).seq
    keeping.shift(tx, wanted.sku, lot.lot, effect.sellable, effect.quarantined)
    stock.add(tx, wanted.sku, effect.sellable)
    tx.db.execute(
        "INSERT INTO lot_moves (move_id, kind, sku, lot, delta, quarantined, reason, staff_id, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            move_id,
            wanted.kind,
            wanted.sku,
            lot.lot,
            effect.sellable,
            effect.quarantined,
            reason,
            actor.staff_id,
            tx.now,
        ),
    )
    told = LotMoved(
        move_id, wanted.kind, wanted.sku, lot.lot, lot.expiry, effect.sellable, reason, seen, effect.quarantined,
        actor.staff_id,
    )  # fmt: skip
    outbox.put(tx, told)
    writing.moved(tx, told)
    tx.note(log, "lot %s of %s: %s by %d", lot.lot, wanted.sku, wanted.kind, effect.sellable + effect.quarantined)
    return move_id
