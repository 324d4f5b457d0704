"""What to put back on the shelf after an order ended in the store. Its codes are free already: a pack that stands on
its shelf again without having been ticked here can be sold all the same."""

import msgspec

from agent import orders, stock, trail
from agent.catalogue import Lookup
from agent.erp import writing
from agent.errors import NotNow
from agent.lots import keeping
from agent.picking.codes import understood
from agent.transactions import Reading, Topic, Transaction
from domain.codes import Code, PackCode, unique_part
from domain.picks import Binding
from domain.quantity import Quantity
from domain.staff import Actor
from domain.trail import StepKind


class ToPutBack(msgspec.Struct, frozen=True):
    """One pack. `lot` is empty where nobody knew it."""

    binding_id: int
    line_id: int
    name: str
    code: str
    lot: str
    shelf: str
    quantity: Quantity


_WANTED = (
    "SELECT binding_id, line_id, name, coalesce(code, '') AS code, coalesce(bindings.lot, '') AS lot,"
    " coalesce(nullif((SELECT shelf FROM lots WHERE lots.sku = lines.sku AND lots.lot = bindings.lot), ''),"
    " (SELECT shelf FROM stock WHERE stock.sku = lines.sku), '') AS shelf, bindings.quantity"
    " FROM bindings JOIN lines USING (order_id, line_id) WHERE order_id = ? AND put_back = 'wanted'"
    " ORDER BY shelf, line_id, binding_id"
)


def wanted(reading: Reading, order_id: str) -> tuple[ToPutBack, ...]:
    rows = reading.db.execute(_WANTED, (order_id,))
    return tuple(msgspec.convert(dict(row), ToPutBack) for row in rows)


def orders_waiting(reading: Reading) -> tuple[str, ...]:
    """Those with something still to put back, the oldest first."""
    rows = reading.db.execute(
        "SELECT order_id, min(released_at) AS since FROM bindings WHERE put_back = 'wanted'"
        " GROUP BY order_id ORDER BY since"
    )
    return tuple(row["order_id"] for row in rows)


def put_back(tx: Transaction, order_id: str, actor: Actor, lookup: Lookup, text: str = "") -> int:
    """The scanned pack, or with no text all of them. Returns how many are left; raises NotNow for a stranger."""
    orders.get(tx, order_id)
    waiting = wanted(tx, order_id)
    code = understood(tx, text, actor.station, lookup) if text else None
    chosen = _scanned(tx, order_id, waiting, code, lookup) if code is not None else waiting
    if not chosen:
        raise NotNow("这一盒不在放回清单里" if text else "没有要放回的商品")
    tx.db.executemany(
        "UPDATE bindings SET put_back = 'done', put_back_at = ? WHERE binding_id = ?",
        [(tx.now, each.binding_id) for each in chosen],
    )
    again = [each for each in chosen if _stands_there_again(tx, each)]
    put = {each.binding_id: _binding(tx, each) for each in again}
    writing.put_back(tx, orders.get(tx, order_id), put, actor.staff_id)
    packs = [{"line_id": each.line_id, "code": each.code, "shelf": each.shelf} for each in chosen]
    trail.record(tx, order_id, StepKind.PUT_BACK, actor, packs=packs, scanned=bool(text))
    tx.touch(Topic.ORDERS)
    return len(waiting) - len(chosen)


def _binding(reading: Reading, pack: ToPutBack) -> Binding:
    row = reading.db.execute(
        "SELECT line_id, code, quantity, lot, expiry, month_only FROM bindings WHERE binding_id = ?", (pack.binding_id,)
    ).fetchone()
    return msgspec.convert(dict(row), Binding, strict=False)


def _stands_there_again(tx: Transaction, pack: ToPutBack) -> bool:
    """Only what packing had taken off the books; a pack that was never packed was on them all the time."""
    row = tx.db.execute(
        "SELECT sku FROM bindings JOIN picks USING (order_id) JOIN lines USING (order_id, line_id)"
        " WHERE binding_id = ? AND completed_at IS NOT NULL AND released_at >= completed_at",
        (pack.binding_id,),
    ).fetchone()
    if row is not None:
        stock.give_back(tx, row["sku"], pack.quantity)
        keeping.shift(tx, row["sku"], pack.lot, pack.quantity)
    return row is not None


def _scanned(
    tx: Transaction, order_id: str, waiting: tuple[ToPutBack, ...], code: Code, lookup: Lookup
) -> tuple[ToPutBack, ...]:
    if not isinstance(code, PackCode):
        return ()
    unique = unique_part(code)
    if unique is not None:
        return tuple(each for each in waiting if each.code == unique)
    skus = lookup.skus(code)
    lines = {line.line_id for line in orders.lines(tx, order_id) if line.sku in skus}
    return tuple(each for each in waiting if not each.code and each.line_id in lines)[:1]
