"""Headquarters of the practising store: numbers what it tells, and answers what the clerk did as the hub and the
platforms would (`cloud/requests.py`, `cloud/facts.py`), so that exceptions close and refunds get paid."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from agent import orders, outbox, store
from agent.apply import apply_page
from agent.cursors import cursor
from agent.training import course
from agent.training.goods import Goods
from agent.training.lessons import short_of
from agent.transactions import Reading, Transaction
from domain.events import (
    Event,
    EventBody,
    ExceptionClosed,
    ExceptionOpened,
    OrderCancelled,
    RefundChanged,
    encode_body,
    store_log,
)
from domain.exceptions import Choice
from domain.operations import AnswerRefund, OperationBody, PickCompleted, SettleException, decode_body
from domain.orders import Order
from domain.personal import Personal
from domain.protocol import Head, Outcome, OutcomeState, Page
from domain.quantity import ONE, Quantity
from domain.refunds import GRANTED, Refund, RefundLine, RefundState

LOG_ID = "practice"


def place(tx: Transaction, goods: Sequence[Goods], seed: int) -> str | None:
    """The next practice order's id; None while enough are open."""
    placed = course.next_order(tx, goods, seed)
    if placed is None:
        return None
    tell(tx, placed.events, (placed.person,))
    return placed.order.order_id


def advance(tx: Transaction) -> None:
    """Each second, and after each step of the clerk: what he did is answered, and what is due happens."""
    hear(tx)
    tell(tx, course.happened(tx))


def tell(tx: Transaction, bodies: Sequence[EventBody], people: tuple[Personal, ...] = ()) -> None:
    """By the door that every event of a hub takes."""
    at = cursor(tx, store_log(store.identity(tx).store))
    events = tuple(
        Event(at.log, seq, body.kind, body.version, tx.now, msgspec.Raw(encode_body(body)), personal=people)
        for seq, body in enumerate(bodies, at.seq + 1)
    )
    apply_page(tx, Page(Head(at.log, LOG_ID, at.seq + len(events)), events))


def hear(tx: Transaction) -> None:
    """Answers everything that the clerk's work put into the outbox, in order."""
    while waiting := outbox.pending(tx):
        for operation in waiting:
            outbox.settle(tx, [Outcome(operation.key, OutcomeState.DONE)])
            tell(tx, list(_answer(tx, decode_body(operation))))


def _answer(tx: Transaction, said: OperationBody) -> Iterator[EventBody]:
    """Most facts need none."""
    match said:
        case PickCompleted():
            yield from _close_all(tx, said.order_id)
        case AnswerRefund():
            yield from _refund_answered(tx, said)
        case SettleException():
            yield from _settled(tx, said)


def _refund_answered(tx: Transaction, said: AnswerRefund) -> Iterator[EventBody]:
    refund = next(each for each in _refunds(tx, said.order_id) if each.refund_id == said.refund_id)
    if said.agree:
        yield from _granted(tx, refund)
    else:
        yield RefundChanged(msgspec.structs.replace(refund, state=RefundState.REFUSED))


def _granted(tx: Transaction, refund: Refund) -> Iterator[EventBody]:
    """The platform pays at once. Where nothing is left to deliver, the order is over."""
    order = orders.get(tx, refund.order_id)
    struck = _struck(order, (*_refunds(tx, refund.order_id), refund))
    for state in (RefundState.AGREED, RefundState.PAID):
        yield RefundChanged(msgspec.structs.replace(refund, state=state), struck)
    if all(struck.get(line.line_id, 0) >= line.quantity for line in order.lines):
        yield from _cancelled(tx, order.order_id, "customer")


def _struck(order: Order, refunds: Sequence[Refund]) -> dict[int, Quantity]:
    """Off each line in sum; the refund just granted counts whatever state its row has."""
    by_id = {refund.refund_id: refund for refund in refunds}
    granted = [each for each in by_id.values() if each.state in GRANTED or each is refunds[-1]]
    off: Counter[int] = Counter()
    for line in (line for refund in granted for line in refund.lines):
        off[line.line_id] += line.quantity
    return {line.line_id: min(off[line.line_id], line.quantity) for line in order.lines if off[line.line_id]}


def _settled(tx: Transaction, said: SettleException) -> Iterator[EventBody]:
    order = orders.get(tx, said.order_id)
    match said.choice:
        case Choice.CANCEL:
            yield from _cancelled(tx, order.order_id, "store")
        case Choice.PART_REFUND:
            yield from _granted(tx, _of_what_is_short(order, said.exception_id, tx.now))
            yield _closed(order, said.exception_id)
        case Choice.FOUND:
            yield _closed(order, said.exception_id)
            if order.in_doubt:  # still not enough: a new question
                yield ExceptionOpened(short_of(order, f"{said.exception_id}-again", tx.now))
        case Choice.SEEN:
            yield _closed(order, said.exception_id)


def _of_what_is_short(order: Order, exception_id: str, now: int) -> Refund:
    short = [(line, line.short - line.struck) for line in order.lines if line.short > line.struck]
    return Refund(
        refund_id=f"{exception_id}-back",
        order_id=order.order_id,
        full=False,
        state=RefundState.ASKED,
        amount=sum(line.price * missing // ONE for line, missing in short),
        asked_at=now,
        lines=tuple(RefundLine(line.line_id, missing) for line, missing in short),
    )


def _closed(order: Order, exception_id: str) -> ExceptionClosed:
    return ExceptionClosed(exception_id, order.order_id, {line.line_id: line.short for line in order.lines})


def _cancelled(tx: Transaction, order_id: str, by: str) -> Iterator[EventBody]:
    yield OrderCancelled(order_id, by, taken=False)
    yield from _close_all(tx, order_id)


def _close_all(tx: Transaction, order_id: str) -> Iterator[EventBody]:
    rows = tx.db.execute(
        "SELECT exception_id FROM exceptions WHERE order_id = ? AND closed_at IS NULL", (order_id,)
    ).fetchall()
    for row in rows:
        yield ExceptionClosed(row["exception_id"], order_id)


def _refunds(reading: Reading, order_id: str) -> tuple[Refund, ...]:
    rows = reading.db.execute("SELECT * FROM refunds WHERE order_id = ? ORDER BY asked_at", (order_id,)).fetchall()
    return tuple(
        msgspec.convert({**dict(row), "lines": msgspec.json.decode(row["lines"])}, Refund, strict=False) for row in rows
    )
