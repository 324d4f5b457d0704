"""What the store has by lot, nearest expiry first."""

from collections.abc import Iterator
from datetime import date

import msgspec

from agent import owners, policy, store
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.lots import keeping
from agent.transactions import Reading
from domain.codes import PackCode, classify
from domain.lots import Lot
from domain.money import Fen
from domain.policy import Duty
from domain.products import Product
from domain.quantity import Quantity
from domain.times import Millis

LONGEST = 500
"""Lots that one answer shows; who looks for one finds it by name or scan."""
_ROWS = (
    "SELECT lots.sku, lot, expiry, quantity - quarantine AS quantity, produced, month_only,"
    " coalesce(nullif(lots.shelf, ''), stock.shelf, '') AS shelf, received_at, quarantine"
    " FROM lots LEFT JOIN stock ON stock.sku = lots.sku"
)


class Held(msgspec.Struct, frozen=True):
    """`lot.quantity` may be sold; `apart` is in quarantine."""

    sku: str
    lot: Lot
    apart: Quantity


class Row(msgspec.Struct, frozen=True):
    """`days` until its last day, negative once that has passed. `barred`: recalled, or its sale is stopped. `price`: of
    one unit over the counter, where headquarters told it."""

    sku: str
    name: str
    spec: str
    unit: str
    lot: str
    expiry: date
    month_only: bool
    produced: date | None
    quantity: Quantity
    apart: Quantity
    shelf: str
    days: int
    soon: bool
    barred: bool
    price: Fen | None = None


class Moved(msgspec.Struct, frozen=True):
    kind: str
    sku: str
    lot: str
    delta: Quantity
    quarantined: Quantity
    reason: str
    staff_id: str
    at: Millis


class Listing(msgspec.Struct, frozen=True):
    """`ours`: the lots are kept here, and may be counted and moved here. `more`: there are further ones."""

    ours: bool
    rows: tuple[Row, ...]
    more: bool
    soon_days: int
    moves: tuple[Moved, ...]


def listing(reading: Reading, lookup: Lookup, find: str = "", *, soon: bool = False) -> Listing:
    """`find`: part of a name, a SKU, a lot or a shelf, or what was scanned. `soon`: only what expires soon or has."""
    rules, held = policy.in_force(reading), tuple(_all(reading))
    skus = {each.sku for each in held}
    products, prices = lookup.of_skus(skus), lookup.prices(store.identity(reading).store, skus)
    wanted = _wanted(reading, find, lookup)
    rows = []
    for each in held:
        row = _row(each, products.get(each.sku), china_day(reading.now), rules.near_expiry_days, lookup)
        row = msgspec.structs.replace(row, price=prices.get(each.sku))
        if (row.soon or not soon) and (row.sku in wanted if wanted else _names(row, find.strip().casefold())):
            rows.append(row)
    return Listing(
        owners.ours(reading, Duty.LOT_STOCK), tuple(rows[:LONGEST]), len(rows) > LONGEST, rules.near_expiry_days,
        _moves(reading),
    )  # fmt: skip


def find(reading: Reading, sku: str, lot: str) -> Held | None:
    name = keeping.spelled(reading, sku, lot)
    row = reading.db.execute(f"{_ROWS} WHERE lots.sku = ? AND lot = ?", (sku, name)).fetchone()
    return None if row is None else _held(dict(row))


def _all(reading: Reading) -> Iterator[Held]:
    for row in reading.db.execute(f"{_ROWS} WHERE quantity > 0 ORDER BY expiry, lots.sku, lot"):
        yield _held(dict(row))


def _held(row: dict[str, object]) -> Held:
    return Held(str(row["sku"]), msgspec.convert(row, Lot, strict=False), msgspec.convert(row["quarantine"], int))


def _row(held: Held, product: Product | None, today: date, chain_days: int, lookup: Lookup) -> Row:
    lot, days = held.lot, (held.lot.expiry - today).days
    own = product.near_expiry_days if product else None
    return Row(
        sku=held.sku,
        name=product.name if product else held.sku,
        spec=product.spec if product else "",
        unit=product.unit if product else "",
        lot=lot.lot,
        expiry=lot.expiry,
        month_only=lot.month_only,
        produced=lot.produced,
        quantity=lot.quantity,
        apart=held.apart,
        shelf=lot.shelf,
        days=days,
        soon=days < (chain_days if own is None else own),
        barred=any(recall.hits(held.sku, lot.lot) for recall in lookup.recalls([held.sku])),
    )


def _wanted(reading: Reading, find: str, lookup: Lookup) -> frozenset[str]:
    """The products that a scan names; nothing where it is no scan of a pack."""
    code = classify(find.strip(), links=policy.in_force(reading).links) if find.strip() else None
    return lookup.skus(code) if isinstance(code, PackCode) else frozenset()


def _names(row: Row, part: str) -> bool:
    return not part or any(part in text.casefold() for text in (row.name, row.sku, row.lot, row.shelf))


def _moves(reading: Reading) -> tuple[Moved, ...]:
    rows = reading.db.execute(
        "SELECT kind, sku, lot, delta, quarantined, reason, staff_id, at FROM lot_moves ORDER BY at DESC LIMIT 20"
    )
    return tuple(msgspec.convert(dict(row), Moved) for row in rows)
