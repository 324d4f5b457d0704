"""Refunds: a list beside each order, every one with a life of its own (facts/channels.md §7)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import select

from cloud import audit, exceptions, moves, orders, personal, reservations, tables
from cloud.channels.base import Refunded, RefundedLine
from cloud.orders import Known
from cloud.prescriptions import standing
from cloud.statements import AnyRow
from cloud.transaction import Transaction
from domain.events import RefundChanged
from domain.exceptions import ExceptionKind
from domain.orders import OrderLine
from domain.personal import Words, refund_reason
from domain.quantity import Quantity
from domain.refunds import GRANTED, Refund, RefundLine, RefundState, progress

_decode_lines = msgspec.json.Decoder(tuple[RefundLine, ...]).decode


def apply(tx: Transaction, known: Known, said: Refunded) -> None:
    """What the platform says of a refund; a repeat or an earlier state changes nothing."""
    before = find(tx, known.order.order_id, said.refund_id)
    if before is None:
        refund = _first_heard(tx, known, said)
    else:
        refund = _heard_again(known, before, said)
        if refund == before:
            return
    if said.reason:
        reason = msgspec.json.encode(Words(said.reason))
        personal.put(tx, known.order.order_id, refund_reason(said.refund_id), reason)
    _write(tx, refund)
    after = _strike(tx, known)
    struck = {line.line_id: line.struck for line in after.order.lines if line.struck}
    orders.tell(tx, after, RefundChanged(refund, struck), personal_names=(refund_reason(said.refund_id),))
    audit.append(
        tx, known.order.store, known.order.channel, f"refund.{refund.state}", known.order.order_id,
        f"{'full' if refund.full else 'part'} refund, {refund.amount} fen",
    )  # fmt: skip
    if unmatched(refund, said):
        exceptions.open_or_widen(tx, known.order.store, refund.order_id, ExceptionKind.REFUND_UNCLEAR)
    if refund.full and refund.state in GRANTED and not known.gone:
        moves.cancel(tx, after, "customer")  # the whole order was given back before it left the store
    else:
        exceptions.review(tx, after)
        standing.review(tx, after)


def answered(tx: Transaction, known: Known, refund_id: str, state: RefundState) -> None:
    """The platform took our answer to a refund."""
    order = known.order
    apply(tx, known, Refunded(order.channel_order_id, refund_id, state, None, None, (), "", None, None))


def _first_heard(tx: Transaction, known: Known, said: Refunded) -> Refund:
    """A push that does not say whether it is about the whole order: without lines it is."""
    full = said.full if said.full is not None else not said.lines
    return Refund(
        refund_id=said.refund_id,
        order_id=known.order.order_id,
        full=full,
        state=said.state,
        amount=said.amount if said.amount is not None else known.order.total if full else 0,
        asked_at=said.asked_at or tx.now,
        lines=() if full else match_lines(known.order.lines, said.lines),
        answer_by=said.answer_by,
    )


def _heard_again(known: Known, before: Refund, said: Refunded) -> Refund:
    """Fields that this push does not carry stay as they were."""
    state = progress(before.state, said.state)
    if state is before.state:
        return before
    lines = match_lines(known.order.lines, said.lines) if said.lines and not before.full else before.lines
    return msgspec.structs.replace(
        before,
        state=state,
        amount=before.amount if said.amount is None else said.amount,
        lines=lines,
        answer_by=said.answer_by or before.answer_by,
    )


def match_lines(lines: Sequence[OrderLine], refunded: Iterable[RefundedLine]) -> tuple[RefundLine, ...]:
    """The order's lines behind a channel's skus; a sku on several lines is taken from the first that has some left."""
    left = {line.line_id: line.quantity for line in lines}
    found: list[RefundLine] = []
    for one in refunded:
        missing = one.quantity
        for line in lines:
            taken = min(missing, left[line.line_id]) if line.channel_sku == one.channel_sku else 0
            if taken:
                left[line.line_id] -= taken
                missing -= taken
                found.append(RefundLine(line.line_id, taken))
    return tuple(found)


def unmatched(refund: Refund, said: Refunded) -> bool:
    """Whether the platform gives back goods that the order does not have: a picker would not know what to leave out."""
    asked = sum(line.quantity for line in said.lines)
    return not refund.full and sum(line.quantity for line in refund.lines) < asked


def find(tx: Transaction, order_id: str, refund_id: str) -> Refund | None:
    return of_order(tx, order_id).get(refund_id)


def of_order(tx: Transaction, order_id: str) -> dict[str, Refund]:
    r = tables.refunds.c
    rows = tx.connection.execute(select(tables.refunds).where(r.chain == tx.chain, r.order_id == order_id))
    return {row.refund_id: refund_of(row) for row in rows}


def refund_of(row: AnyRow) -> Refund:
    return Refund(
        refund_id=row.refund_id,
        order_id=row.order_id,
        full=bool(row.full),
        state=RefundState(row.state),
        amount=row.amount,
        asked_at=row.asked_at,
        lines=_decode_lines(row.lines),
        answer_by=row.answer_by,
    )


def _write(tx: Transaction, refund: Refund) -> None:
    r = tables.refunds.c
    key = (r.chain == tx.chain, r.order_id == refund.order_id, r.refund_id == refund.refund_id)
    tx.connection.execute(tables.refunds.delete().where(*key))
    tx.connection.execute(
        tables.refunds.insert().values(
            chain=tx.chain,
            order_id=refund.order_id,
            refund_id=refund.refund_id,
            full=int(refund.full),
            state=refund.state.value,
            amount=refund.amount,
            lines=msgspec.json.encode(refund.lines),
            asked_at=refund.asked_at,
            answer_by=refund.answer_by,
        )
    )


def _strike(tx: Transaction, known: Known) -> Known:
    """Strikes what all granted part refunds take off, and gives back what was reserved for it."""
    struck = _struck(of_order(tx, known.order.order_id))
    lines = [
        msgspec.structs.replace(line, struck=min(struck.get(line.line_id, 0), line.quantity))
        for line in known.order.lines
    ]
    changed = {new.line_id: new.struck for new, old in zip(lines, known.order.lines, strict=True) if new != old}
    if not changed:
        return known
    orders.put_struck(tx, known.order.order_id, changed)
    if known.open and known.picked_at is None:
        lines = list(reservations.adjust(tx, known.order, lines))
    return orders.with_lines(known, lines)


def _struck(refunds: Mapping[str, Refund]) -> dict[int, Quantity]:
    struck: dict[int, Quantity] = {}
    for refund in refunds.values():
        for line in refund.lines if refund.state in GRANTED else ():
            struck[line.line_id] = struck.get(line.line_id, 0) + line.quantity
    return struck
