"""Which lots the packs of a line are of: what the clerk reads on them and says. A proposal is shown and never stored;
what is stored carries its source."""

from datetime import date

import msgspec

from agent import picks, policy, stock, trail
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.errors import NotFound, NotNow
from agent.picking import code_lots, holding
from agent.transactions import Reading, Topic, Transaction
from domain.lots import KnownLot
from domain.orders import OrderLine
from domain.picks import PickState
from domain.rules import VERSION, Terms, may_name_lot
from domain.staff import Actor
from domain.trail import StepKind

LONGEST = 40
_STILL_HERE = (PickState.PICKING, PickState.CHECKED, PickState.PACKED)
"""A recall may come after it was packed: then its lots are asked for before it leaves."""


class ReadLot(msgspec.Struct, frozen=True):
    """What stands on `count` packs of a line; on all that have no lot yet where `count` is None."""

    line_id: int
    lot: str
    expiry: date | None = None
    month_only: bool = False
    count: int | None = None


def confirm(tx: Transaction, order_id: str, read: ReadLot, actor: Actor, lookup: Lookup) -> int:
    """How many packs it was said of. A lot that is recalled or expired is refused, and one whose day contradicts what
    is known of it: one of both is misread, and a wrong lot would outlive every check (R7)."""
    holding.require(tx, order_id, actor.station)
    pick = picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == read.line_id), None)
    if line is None:
        raise NotFound("没有这个商品")
    if pick.state not in _STILL_HERE:
        raise NotNow("本单不在拣货中")
    known = _known(tx, line, read, lookup)
    rows = _without(tx, order_id, read.line_id)[: None if read.count is None else max(read.count, 0)]
    if not rows:
        raise NotNow(f"{line.name} 没有待确认批号的药盒")
    _write_down(tx, [binding_id for binding_id, _ in rows], known)
    for code in (code for _, code in rows if code is not None and line.sku is not None):
        code_lots.put(tx, code, line.sku or "", known)
    trail.record(
        tx, order_id, StepKind.LOT_CONFIRMED, actor, rules=VERSION, line_id=read.line_id, lot=known.lot,
        expiry=known.expiry.isoformat() if known.expiry else "", source=known.source,
        codes=[code or "" for _, code in rows],
    )  # fmt: skip
    return len(rows)


def lacking(reading: Reading, order_id: str, line_id: int) -> int:
    """Packs of the line of which nobody knows the lot."""
    return len(_without(reading, order_id, line_id))


def _known(reading: Reading, line: OrderLine, read: ReadLot, lookup: Lookup) -> KnownLot:
    """As the rules judge what was read."""
    said = read.lot.strip()
    if len(said) > LONGEST or not said.isprintable():
        raise NotNow(f"批号应为 1 到 {LONGEST} 个字符，请照药盒填写")
    stocked = {line.sku: stock.lots_of(reading, line.sku)} if line.sku is not None else {}
    terms = Terms(china_day(reading.now), policy.in_force(reading), lots=stocked, recalls=lookup.recalls(list(stocked)))
    verdict, lot = may_name_lot(line, said, terms, expiry=read.expiry, month_only=read.month_only)
    if not verdict.good:
        raise NotNow(verdict.sentence)
    return lot


def _without(reading: Reading, order_id: str, line_id: int) -> list[tuple[int, str | None]]:
    rows = reading.db.execute(
        "SELECT binding_id, code FROM bindings WHERE order_id = ? AND line_id = ? AND lot IS NULL"
        " AND released_at IS NULL ORDER BY binding_id",
        (order_id, line_id),
    )
    return [(row["binding_id"], row["code"]) for row in rows]


def _write_down(tx: Transaction, bindings: list[int], known: KnownLot) -> None:
    expiry = known.expiry.isoformat() if known.expiry else None
    tx.db.executemany(
        "UPDATE bindings SET lot = ?, lot_source = ?, expiry = ?, month_only = ? WHERE binding_id = ?",
        [(known.lot, known.source, expiry, known.month_only, binding_id) for binding_id in bindings],
    )
    tx.touch(Topic.ORDERS)
