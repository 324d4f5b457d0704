"""A store's orders in its snapshot: all that are open, and those of the last days, each with everything known of it.

Persons go along only where the store still needs them: with open orders, and with the reasons of refunds.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from cloud import exceptions, orders, refunding
from cloud.prescriptions import records
from cloud.snapshots.rows import AT_ONCE, INTEREST, Row, View
from cloud.statements import AnyRow, Sql
from domain.blobs import Blob
from domain.events import (
    DoneInStore,
    ExceptionOpened,
    OrderCancelled,
    OrderPlaced,
    OrderUrged,
    PrescriptionChanged,
    RefundChanged,
    RiderMoved,
)
from domain.ids import first_uuid7
from domain.lots import LotSource
from domain.orders import OPEN, Order, OrderState, RiderState
from domain.personal import PersonalName, refund_reason
from domain.picks import Binding, Entry
from domain.policy import Waiver
from domain.prescriptions import prescription_record
from domain.refunds import Refund

_OPEN_BEFORE = Sql(
    """SELECT * FROM orders WHERE chain = ? AND store = ? AND state IN ('accepted', 'picked', 'placed')
    AND order_id > ? AND order_id < ? AND placed_seq <> -1 ORDER BY order_id LIMIT ?"""
)
_SINCE = Sql(
    """SELECT * FROM orders WHERE chain = ? AND store = ? AND order_id > ? AND placed_seq <> -1
    ORDER BY order_id LIMIT ?"""
)
_LINES = Sql("SELECT * FROM order_lines WHERE chain = ? AND order_id = ANY(?) ORDER BY order_id, line_id")
_REFUNDS = Sql("SELECT * FROM refunds WHERE chain = ? AND order_id = ANY(?) ORDER BY order_id, asked_at, refund_id")
_EXCEPTIONS = Sql(
    """SELECT * FROM exceptions WHERE chain = ? AND order_id = ANY(?) AND closed_at IS NULL
    ORDER BY order_id, exception_id"""
)
_BINDINGS = Sql(
    """SELECT * FROM bindings WHERE chain = ? AND order_id = ANY(?) AND released_at IS NULL ORDER BY order_id, place"""
)
_TRAILS = Sql(
    """SELECT order_id, seq, hash FROM trail WHERE chain = ? AND order_id = ANY(?) AND seq = (SELECT max(later.seq)
    FROM trail AS later WHERE later.chain = trail.chain AND later.order_id = trail.order_id)"""
)
_PRESCRIPTIONS = Sql("SELECT * FROM prescriptions WHERE chain = ? AND order_id = ANY(?)")
_IMAGES = Sql(
    """SELECT prescription_id, digest, size, media_type FROM prescription_images
    WHERE chain = ? AND prescription_id = ANY(?) AND state = 'here' ORDER BY prescription_id, place"""
)
_DECISIONS = Sql(
    "SELECT * FROM prescription_decisions WHERE chain = ? AND prescription_id = ANY(?) ORDER BY prescription_id, place"
)

Rows = dict[str, list[AnyRow]]
"""By order, or by prescription."""


class _Batch(msgspec.Struct, frozen=True):
    lines: Rows
    refunds: Rows
    exceptions: Rows
    bindings: Rows
    trails: Rows
    prescriptions: Rows
    images: Rows
    decisions: Rows


def fold(view: View, store: str) -> Iterator[Row]:
    for rows in _batches(view, store):
        batch = _look_up(view, [row.order_id for row in rows])
        for row in rows:
            yield from _of_order(row, batch)


def _batches(view: View, store: str) -> Iterator[Sequence[AnyRow]]:
    """First older orders that are still open, then all of the last days. Ids sort by the time of the order."""
    since, after = first_uuid7(max(view.now - INTEREST, 0)), ""
    while rows := _OPEN_BEFORE.named(view.connection, view.chain, store, after, since, AT_ONCE):
        yield rows
        after = rows[-1].order_id
    after = since
    while rows := _SINCE.named(view.connection, view.chain, store, after, AT_ONCE):
        yield rows
        after = rows[-1].order_id


def _look_up(view: View, order_ids: list[str]) -> _Batch:
    prescriptions = _found(view, _PRESCRIPTIONS, order_ids)
    ids = [row.prescription_id for rows in prescriptions.values() for row in rows]
    return _Batch(
        lines=_found(view, _LINES, order_ids),
        refunds=_found(view, _REFUNDS, order_ids),
        exceptions=_found(view, _EXCEPTIONS, order_ids),
        bindings=_found(view, _BINDINGS, order_ids),
        trails=_found(view, _TRAILS, order_ids),
        prescriptions=prescriptions,
        images=_found(view, _IMAGES, ids, by="prescription_id"),
        decisions=_found(view, _DECISIONS, ids, by="prescription_id"),
    )


def _found(view: View, query: Sql, ids: list[str], by: str = "order_id") -> Rows:
    found: Rows = defaultdict(list)
    for row in query.named(view.connection, view.chain, ids) if ids else ():
        found[getattr(row, by)].append(row)
    return found


def _of_order(row: AnyRow, batch: _Batch) -> Iterator[Row]:
    of = row.order_id
    order = orders.order_of(row, tuple(map(orders.line_of, batch.lines[of])))
    open_ = order.state in OPEN
    recipient = (PersonalName.RECIPIENT.value,) if open_ else ()
    yield Row(OrderPlaced(order, _done(row, batch)), of, recipient)
    if order.state is OrderState.CANCELLED:
        yield Row(OrderCancelled(of, row.cancelled_by, bool(row.taken)), of)
    if open_ and row.urged_at is not None:
        yield Row(OrderUrged(of, row.urged_at), of)
    if open_ and order.rider is not RiderState.NONE:
        yield Row(RiderMoved(of, order.rider), of, (PersonalName.RIDER.value,))
    yield from _refunds(order, [refunding.refund_of(one) for one in batch.refunds[of]])
    for one in batch.exceptions[of]:
        yield Row(ExceptionOpened(exceptions.exception_of(one)), of)
    yield from _prescriptions(order, batch)


def _done(row: AnyRow, batch: _Batch) -> DoneInStore | None:
    last = batch.trails[row.order_id][0] if batch.trails[row.order_id] else None
    done = DoneInStore(
        printed_at=row.printed_at,
        trail_seq=0 if last is None else last.seq,
        trail_hash="" if last is None else last.hash,
        bindings=tuple(map(_binding, batch.bindings[row.order_id])),
    )
    return None if done == DoneInStore() else done


def _binding(row: AnyRow) -> Binding:
    return Binding(
        line_id=row.line_id,
        code=row.code,
        quantity=row.quantity,
        lot=row.lot,
        lot_source=None if row.lot_source is None else LotSource(row.lot_source),
        expiry=None if row.expiry is None else date.fromisoformat(row.expiry),
        month_only=bool(row.month_only),
        entry=Entry(row.entry),
        waiver=None if row.waiver is None else Waiver(row.waiver),
        photo=row.photo,
        opened=bool(row.opened),
        staff_id=row.staff_id,
    )


def _refunds(order: Order, refunds: Sequence[Refund]) -> Iterator[Row]:
    struck = {line.line_id: line.struck for line in order.lines if line.struck}
    for refund in refunds:
        yield Row(RefundChanged(refund, struck), order.order_id, (refund_reason(refund.refund_id),))


def _prescriptions(order: Order, batch: _Batch) -> Iterator[Row]:
    for row in batch.prescriptions[order.order_id]:
        of = row.prescription_id
        images = tuple(Blob(one.digest, one.size, one.media_type) for one in batch.images[of])
        decisions = tuple(map(records.given_of, batch.decisions[of]))
        body = PrescriptionChanged(records.prescription_of(row, images, decisions))
        yield Row(body, order.order_id, (prescription_record(of),) if order.state in OPEN else ())
