"""A pack without a readable code: by the product's code policy and the chain's, with reason and photo; and how often,
for the manager."""

import msgspec

from agent import orders, picks, trail
from agent.blobs import keep
from agent.catalogue import Lookup
from agent.errors import NotFound, NotNow
from agent.picking import asks, desks, holding, opened
from agent.picking.refusals import Forbidden
from agent.picking.terms import terms
from agent.transactions import Reading, Transaction
from domain.orders import OrderLine
from domain.picks import Binding, Entry, Pick, PickState
from domain.policy import Waiver
from domain.quantity import ONE, Quantity
from domain.rules import VERSION, Terms, may_waive
from domain.staff import Actor
from domain.times import DAY, Millis
from domain.trail import StepKind

LOOKED_BACK: Millis = 30 * DAY


class Waived(msgspec.Struct, frozen=True):
    """What goes into the bag without its code. `photo` are the bytes of a picture, or none."""

    line_id: int
    reason: Waiver
    note: str = ""
    photo: bytes = b""


class WaivedProduct(msgspec.Struct, frozen=True):
    sku: str
    name: str
    reason: str
    packs: int


class WaivedBy(msgspec.Struct, frozen=True):
    """`name` is as the order's trail knows it; empty for packs taken with nobody signed in."""

    staff_id: str
    waived: int
    typed: int
    packs: int


class WaiverCounts(msgspec.Struct, frozen=True):
    """Packs of the last 30 days that went into bags: `packs` in all, `waived` without a readable code, `exempt` of
    those by law, `typed` by hand."""

    since: Millis
    packs: int
    waived: int
    exempt: int
    typed: int
    by_product: tuple[WaivedProduct, ...]
    by_colleague: tuple[WaivedBy, ...]


def waive(tx: Transaction, order_id: str, waived: Waived, actor: Actor, lookup: Lookup) -> Pick:
    """One pack, or all that is wanted of what has no codes by law (中药饮片). Returns the pick with it in its bag."""
    holding.require(tx, order_id, actor.station)
    order, pick = orders.get(tx, order_id), picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == waived.line_id), None)
    if line is None or line.sku is None:
        raise NotFound("没有这个商品，或商品未建档")
    if pick.state is not PickState.PICKING:
        raise NotNow("本单不在拣货中")
    by = terms(tx, order, lookup, actor.staff_id)
    if found := may_waive(pick, line, waived.reason, by, photo=bool(waived.photo)):
        raise Forbidden(found)
    binding = _binding(tx, pick, line, waived, by, actor)
    picks.bind(tx, order_id, binding, scan_id=None, note=waived.note)
    opened.take(tx, line.sku, by.products[line.sku].per_code if line.sku in by.products else ONE, binding)
    asks.drop(tx, desks.holder(tx, actor.station))
    trail.record(
        tx, order_id, StepKind.WAIVED, actor, rules=VERSION, line_id=line.line_id, reason=waived.reason,
        photo=binding.photo, quantity=binding.quantity, noted=bool(waived.note),
    )  # fmt: skip
    return msgspec.structs.replace(pick, bindings=(*pick.bindings, binding))


def counts(reading: Reading) -> WaiverCounts:
    since = reading.now - LOOKED_BACK
    row = reading.db.execute(
        "SELECT count(*) AS packs, coalesce(sum(entry = 'waived'), 0) AS waived,"
        " coalesce(sum(waiver = 'exempt'), 0) AS exempt, coalesce(sum(entry = 'typed'), 0) AS typed"
        " FROM bindings WHERE bound_at > ? AND (released_at IS NULL OR put_back <> '')",
        (since,),
    ).fetchone()
    return WaiverCounts(since, **dict(row), by_product=_by_product(reading, since), by_colleague=_by(reading, since))


def _binding(tx: Transaction, pick: Pick, line: OrderLine, waived: Waived, by: Terms, actor: Actor) -> Binding:
    photo = keep(tx, pick.order_id, waived.photo).digest if waived.photo else ""
    return Binding(
        line.line_id,
        None,
        _quantity(pick.missing(line), line, waived.reason, by),
        entry=Entry.WAIVED,
        waiver=waived.reason,
        photo=photo,
        staff_id=actor.staff_id,
    )


def _quantity(missing: Quantity, line: OrderLine, reason: Waiver, by: Terms) -> Quantity:
    product = by.products.get(line.sku or "")
    if reason is Waiver.EXEMPT or product is None:
        return missing
    return min(missing, product.per_code)


def _by_product(reading: Reading, since: Millis) -> tuple[WaivedProduct, ...]:
    rows = reading.db.execute(
        "SELECT coalesce(lines.sku, '') AS sku, max(lines.name) AS name, bindings.waiver AS reason, count(*) AS packs"
        " FROM bindings JOIN lines USING (order_id, line_id) WHERE bound_at > ? AND entry = 'waived'"
        " AND (released_at IS NULL OR put_back <> '') GROUP BY 1, 3 ORDER BY 4 DESC, 1 LIMIT 50",
        (since,),
    )
    return tuple(msgspec.convert(dict(row), WaivedProduct) for row in rows)


def _by(reading: Reading, since: Millis) -> tuple[WaivedBy, ...]:
    rows = reading.db.execute(
        "SELECT staff_id, sum(entry = 'waived') AS waived, sum(entry = 'typed') AS typed, count(*) AS packs"
        " FROM bindings WHERE bound_at > ? AND (released_at IS NULL OR put_back <> '')"
        " GROUP BY 1 HAVING waived > 0 OR typed > 0 ORDER BY 2 DESC, 1",
        (since,),
    )
    return tuple(msgspec.convert(dict(row), WaivedBy) for row in rows)
