"""Exceptions: opened for a person, told to the store, closed by a choice or by themselves when their cause is gone."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from sqlalchemy import select

from cloud import audit, tables
from cloud.errors import UnknownException
from cloud.eventlog import append
from cloud.orders import Known
from cloud.statements import AnyRow, Sql, insert
from cloud.transaction import Transaction
from domain.events import ExceptionClosed, ExceptionOpened, store_log
from domain.exceptions import CHOICES, ExceptionKind, OrderException
from domain.orders import Order
from domain.quantity import Quantity
from domain.times import MINUTE, Millis

DEADLINE: Millis = 15 * MINUTE
"""To settle what is short, where the platform promised the customer no time."""

ABOUT_PRESCRIPTIONS = frozenset({ExceptionKind.PRESCRIPTION_REFUSED, ExceptionKind.PRESCRIPTION_REUSED})
ABOUT_GOODS = frozenset({ExceptionKind.SHORT, ExceptionKind.OVERSOLD, ExceptionKind.UNKNOWN_PRODUCT})

_NEW = insert(
    tables.exceptions,
    "chain", "exception_id", "store", "order_id", "kind", "lines", "opened_at", "deadline_at",
)  # fmt: skip
_LINES = Sql("UPDATE exceptions SET lines = ? WHERE chain = ? AND exception_id = ?")
_OPEN = Sql(
    """SELECT exception_id, store, order_id, kind, lines, opened_at, deadline_at FROM exceptions
    WHERE chain = ? AND order_id = ? AND closed_at IS NULL ORDER BY exception_id"""
)
_decode_lines = msgspec.json.Decoder(tuple[int, ...]).decode


def open_or_widen(
    tx: Transaction,
    store: str,
    order_id: str,
    kind: ExceptionKind,
    lines: Iterable[int] = (),
    promised_at: Millis | None = None,
) -> None:
    """One open exception of a kind per order: more lines widen it, the same again changes nothing."""
    new = tuple(sorted(set(lines)))
    for present in of_order(tx, order_id):
        if present.kind is kind:
            wider = tuple(sorted({*present.lines, *new}))
            if wider != present.lines:
                _LINES.run(tx.connection, [(msgspec.json.encode(wider), tx.chain, present.exception_id)])
                _say(tx, store, msgspec.structs.replace(present, lines=wider))
            return
    _open(tx, store, order_id, kind, new, _deadline(tx, kind, promised_at))


def _deadline(tx: Transaction, kind: ExceptionKind, promised_at: Millis | None) -> Millis | None:
    return (promised_at or tx.now + DEADLINE) if kind in ABOUT_GOODS else None


def _open(
    tx: Transaction, store: str, order_id: str, kind: ExceptionKind, lines: tuple[int, ...], deadline: Millis | None
) -> None:
    opened = OrderException(tx.new_id(), kind, order_id, lines, CHOICES[kind], tx.now, deadline)
    encoded = msgspec.json.encode(lines)
    _NEW.run(
        tx.connection,
        [(tx.chain, opened.exception_id, store, order_id, kind.value, encoded, tx.now, deadline)],
    )
    _say(tx, store, opened)


def _say(tx: Transaction, store: str, opened: OrderException) -> None:
    append(tx, store_log(store), ExceptionOpened(opened), order_id=opened.order_id)
    audit.append(tx, store, "hub", "exception.opened", opened.order_id, f"{opened.kind} lines {list(opened.lines)}")


def of_order(tx: Transaction, order_id: str) -> list[OrderException]:
    """The open ones."""
    return [exception_of(row) for row in _OPEN.named(tx.connection, tx.chain, order_id)]


def exception_of(row: AnyRow) -> OrderException:
    kind = ExceptionKind(row.kind)
    return OrderException(
        exception_id=row.exception_id,
        kind=kind,
        order_id=row.order_id,
        lines=_decode_lines(row.lines),
        choices=CHOICES[kind],
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
    )


def find_open(tx: Transaction, order_id: str, exception_id: str) -> OrderException:
    """Raises `UnknownException`, also when it was closed meanwhile."""
    for present in of_order(tx, order_id):
        if present.exception_id == exception_id:
            return present
    raise UnknownException(f"no open exception {exception_id}", hint="It may have been settled meanwhile.")


def close(
    tx: Transaction,
    store: str,
    present: OrderException,
    by: str,
    choice: str | None = None,
    lines: Mapping[int, Quantity] | None = None,
) -> None:
    """`lines` tells the store what is still short of each line it was about."""
    e = tables.exceptions.c
    tx.connection.execute(
        tables.exceptions.update()
        .where(e.chain == tx.chain, e.exception_id == present.exception_id)
        .values(closed_at=tx.now, closed_by=by, choice=choice)
    )
    closed = ExceptionClosed(present.exception_id, present.order_id, dict(lines or {}))
    append(tx, store_log(store), closed, order_id=present.order_id)
    audit.append(tx, store, by, "exception.closed", present.order_id, f"{present.kind} {choice or 'by itself'}")


def close_kinds(tx: Transaction, order: Order, kinds: Collection[ExceptionKind], by: str = "hub") -> None:
    for present in of_order(tx, order.order_id):
        if present.kind in kinds:
            close(tx, order.store, present, by)


def review(tx: Transaction, known: Known, by: str = "hub", choice: str | None = None) -> None:
    """Closes what is about goods and has lost its cause: nothing of its lines is short or unknown any more."""
    lines = {line.line_id: line for line in known.order.lines}
    for present in of_order(tx, known.order.order_id):
        if present.kind not in ABOUT_GOODS:
            continue
        unknown = present.kind is ExceptionKind.UNKNOWN_PRODUCT
        about = [lines[line_id] for line_id in present.lines if line_id in lines]
        if not any(line.wanted and (line.sku is None if unknown else line.short) for line in about):
            close(tx, known.order.store, present, by, choice, {line.line_id: line.short for line in about})


def open_of_kind(tx: Transaction, kind: ExceptionKind) -> list[tuple[str, OrderException]]:
    """Every open exception of one kind with its store."""
    e = tables.exceptions.c
    rows = tx.connection.execute(
        select(tables.exceptions).where(e.chain == tx.chain, e.kind == kind.value, e.closed_at.is_(None))
    )
    return [
        (
            row.store,
            OrderException(
                row.exception_id, kind, row.order_id, _decode_lines(row.lines), CHOICES[kind], row.opened_at, None
            ),
        )
        for row in rows
    ]
