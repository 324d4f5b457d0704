"""One order with everything that belongs to it; the person masked (facts/compliance.md R16)."""

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from cloud import personal, tables
from cloud.orders import line_of
from cloud.vault import Vault
from cloud.views import orders
from cloud.views.exceptions import ExceptionRow, of_order
from cloud.views.orders import OrderRow
from domain import masking
from domain.money import Fen
from domain.orders import OrderLine
from domain.personal import PersonalName, Recipient
from domain.prescriptions import PrescriptionState
from domain.quantity import Quantity
from domain.refunds import RefundLine
from domain.times import Millis


class LineRow(msgspec.Struct, frozen=True):
    """`reserved` is what is promised to it now, `codes` the trace codes bound to it."""

    line: OrderLine
    reserved: Quantity
    codes: tuple[str, ...]


class StepRow(msgspec.Struct, frozen=True):
    """`at` by the store's clock."""

    state: str
    cause: str
    printer: str
    at: Millis


class SlipRow(msgspec.Struct, frozen=True):
    """`copy` above 0 is a reprint; `steps` is empty for what older agents told."""

    slip_id: str
    kind: str
    copy: int
    state: str
    evidence: str | None
    cause: str
    printer: str
    at: Millis
    steps: tuple[StepRow, ...]


class RefundRow(msgspec.Struct, frozen=True):
    refund_id: str
    full: bool
    state: str
    amount: Fen
    asked_at: Millis
    answer_by: Millis | None
    lines: tuple[RefundLine, ...]


class CallRow(msgspec.Struct, frozen=True):
    call_id: str
    kind: str
    state: str
    attempts: int
    said: str
    created_at: Millis
    next_at: Millis


class PushRow(msgspec.Struct, frozen=True):
    push_id: str
    topic: str
    state: str
    received_at: Millis


class AuditRow(msgspec.Struct, frozen=True):
    at: Millis
    actor: str
    action: str
    detail: str


class Person(msgspec.Struct, frozen=True):
    """As much as may be shown. None of it stands anywhere but here and on the slip."""

    name: str
    phone: str
    remark: str


class Standing(msgspec.Struct, frozen=True):
    """How its prescription stands."""

    prescription_id: str
    state: PrescriptionState


class OrderView(msgspec.Struct, frozen=True):
    """`person` is None once it was erased."""

    order: OrderRow
    code: str
    channel_order_id: str
    person: Person | None
    lines: tuple[LineRow, ...]
    slips: tuple[SlipRow, ...]
    refunds: tuple[RefundRow, ...]
    calls: tuple[CallRow, ...]
    exceptions: tuple[ExceptionRow, ...]
    pushes: tuple[PushRow, ...]
    audit: tuple[AuditRow, ...]
    prescription: Standing | None
    """None where the order needs none."""


def view(connection: Connection, chain: str, vault: Vault, order_id: str) -> OrderView | None:
    order = orders.one(connection, chain, order_id)
    if order is None:
        return None
    read = _Reading(connection, chain, order_id)
    kept = read.rows(tables.orders)[0]
    return OrderView(
        order=order,
        code=kept.code,
        channel_order_id=kept.channel_order_id,
        person=person(connection, chain, vault, order_id),
        lines=_lines(read),
        slips=_slips(connection, read),
        refunds=_refunds(read),
        calls=tuple(
            CallRow(row.call_id, row.kind, row.state, row.attempts, row.said, row.created_at, row.next_at)
            for row in read.rows(tables.calls, "created_at")
        ),
        exceptions=of_order(connection, chain, order_id),
        pushes=_pushes(connection, chain, order_id),
        audit=_audit(connection, chain, order_id),
        prescription=_prescription(read),
    )


class _Reading:
    """Rows of one order."""

    def __init__(self, connection: Connection, chain: str, order_id: str) -> None:
        self._connection, self._chain, self._order_id = connection, chain, order_id

    def rows(self, table: Any, *by: str) -> list[Any]:
        query = select(table).where(table.c.chain == self._chain, table.c.order_id == self._order_id)
        return list(self._connection.execute(query.order_by(*[table.c[name] for name in by])))


def _lines(read: _Reading) -> tuple[LineRow, ...]:
    reservations = {row.line_id: row for row in read.rows(tables.reservations)}
    bindings = read.rows(tables.bindings, "place")
    found = []
    for row in read.rows(tables.order_lines, "line_id"):
        reservation = reservations.get(row.line_id)
        found.append(
            LineRow(
                line=line_of(row),
                reserved=reservation.quantity if reservation is not None and reservation.state == "held" else 0,
                codes=tuple(bound.code for bound in bindings if bound.line_id == row.line_id and bound.code),
            )
        )
    return tuple(found)


def _slips(connection: Connection, read: _Reading) -> tuple[SlipRow, ...]:
    """In the order in which they were wanted: their ids begin with that moment."""
    return tuple(
        SlipRow(
            slip_id=row.slip_id,
            kind=row.kind,
            copy=row.copy,
            state=row.state,
            evidence=row.evidence,
            cause=row.cause,
            printer=row.printer,
            at=row.at,
            steps=_steps(connection, row.chain, row.slip_id),
        )
        for row in read.rows(tables.slips, "slip_id")
    )


def _steps(connection: Connection, chain: str, slip_id: str) -> tuple[StepRow, ...]:
    s = tables.slip_steps.c
    query = select(s.state, s.cause, s.printer, s.at).where(s.chain == chain, s.slip_id == slip_id)
    return tuple(StepRow(*row) for row in connection.execute(query.order_by(s.place)))


def _refunds(read: _Reading) -> tuple[RefundRow, ...]:
    return tuple(
        RefundRow(
            refund_id=row.refund_id,
            full=bool(row.full),
            state=row.state,
            amount=row.amount,
            asked_at=row.asked_at,
            answer_by=row.answer_by,
            lines=msgspec.json.decode(row.lines, type=tuple[RefundLine, ...]),
        )
        for row in read.rows(tables.refunds, "asked_at")
    )


def _prescription(read: _Reading) -> Standing | None:
    rows = read.rows(tables.prescriptions)
    return Standing(rows[0].prescription_id, PrescriptionState(rows[0].state)) if rows else None


def _pushes(connection: Connection, chain: str, order_id: str) -> tuple[PushRow, ...]:
    """Found by what is sealed under the order: pushes have no index by order, which intake would pay for."""
    r, p = tables.personal.c, tables.pushes.c
    sealed = select(r.name).where(r.chain == chain, r.subject == order_id, r.name.like("push:%"))
    ids = [name.removeprefix("push:") for name in connection.execute(sealed).scalars()]
    query = select(p.push_id, p.topic, p.state, p.received_at).where(p.chain == chain, p.push_id.in_(ids))
    return tuple(PushRow(*row) for row in connection.execute(query.order_by(p.received_at, p.push_id)))


def _audit(connection: Connection, chain: str, order_id: str) -> tuple[AuditRow, ...]:
    a = tables.audit.c
    query = select(a.at, a.actor, a.action, a.detail).where(a.chain == chain, a.subject == order_id)
    return tuple(AuditRow(*row) for row in connection.execute(query.order_by(a.at, a.seq)))


def person(connection: Connection, chain: str, vault: Vault, order_id: str) -> Person | None:
    body = personal.get(connection, chain, vault, order_id, PersonalName.RECIPIENT)
    if body is None:
        return None
    recipient = msgspec.json.decode(body, type=Recipient)
    return Person(masking.name(recipient.name), masking.phone(recipient.phone), masking.text(recipient.remark))
