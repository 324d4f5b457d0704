"""Gathers the audit file of one order from what the hub keeps (`domain.dossier` says what stands in it)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from cloud import audit, blobs, catalogue, orders, personal, sealed_file, tables, trails
from cloud.errors import HubError
from cloud.prescriptions import records
from cloud.transaction import Transaction
from domain.dossier import (
    AuditLine,
    Commitment,
    Dossier,
    Opened,
    Pack,
    PaperSlip,
    Told,
    commitment,
    image_name,
)
from domain.picks import Binding
from domain.refunds import Refund, RefundLine, RefundState
from domain.slips import SlipState, SlipStep

_PUSHES = "push:"
"""Raw pushes are sealed beside the records of the person; they are no part of the file."""


class NoReason(HubError):
    """Whoever takes an order's file away says why."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`persons`: with what is known of customer and patient, for a reader who may see it."""

    reason: str
    persons: bool = False


class Files(msgspec.Struct, frozen=True):
    """The same file twice, each sealed."""

    json: bytes
    pdf: bytes


def take(tx: Transaction, order_id: str, asked: Asked, signer: Ed25519PrivateKey, *, by: str) -> Dossier:
    """Taking it is itself audited. Raises `UnknownOrder`, `NoReason`."""
    if not asked.reason.strip():
        raise NoReason("请写明导出原因 / say why the file is taken", hint="an inspection, a complaint, a recall …")
    dossier = gather(tx, order_id, asked, signer, by=by)
    said = f"{'with' if asked.persons else 'without'} persons, {hashlib.sha256(_body(dossier)).hexdigest()}"
    audit.append(tx, dossier.store, by, "dossier.taken", order_id, f"{said}: {asked.reason}")
    return dossier


def files(dossier: Dossier, signer: Ed25519PrivateKey) -> Files:
    """Drawing it takes half a second: not in a transaction."""
    from cloud.dossier_pdf import pdf_of  # half a second that no other command of the hub need wait for

    body = _body(dossier)
    made = sealed_file.seal_json(body, signer)
    key = sealed_file.fingerprint(signer.public_key().public_bytes_raw())
    return Files(made, sealed_file.seal_pdf(pdf_of(dossier, made, key), body, signer))


def _body(dossier: Dossier) -> bytes:
    return msgspec.json.encode(dossier)


def gather(tx: Transaction, order_id: str, asked: Asked, signer: Ed25519PrivateKey, *, by: str) -> Dossier:
    known = orders.load(tx, order_id)
    record = records.of_order(tx, order_id)
    persons = _Persons(tx, order_id, signer)
    images = record.prescription.images if record is not None else ()
    return Dossier(
        chain=tx.chain,
        store=known.order.store,
        store_name=catalogue.store(tx, known.order.store).name,
        made_at=tx.now,
        made_by=by,
        reason=asked.reason,
        order=msgspec.structs.replace(known.order, rider_code=""),
        steps=trails.of_order(tx, order_id),
        packs=tuple(_pack(row) for row in _rows(tx, tables.bindings, order_id, "place")),
        prescription=record.prescription if record is not None else None,
        decisions=tuple(given.decision for given in record.decisions) if record is not None else (),
        slips=tuple(_slip(tx, row) for row in _rows(tx, tables.slips, order_id, "slip_id")),
        refunds=tuple(_refund(row) for row in _rows(tx, tables.refunds, order_id, "asked_at")),
        told=tuple(
            Told(row.kind, row.state, row.attempts, row.said, row.created_at)
            for row in _rows(tx, tables.calls, order_id, "created_at")
        ),
        audit=_audit(tx, known.order.store, order_id),
        persons=persons.commitments(),
        opened=(*persons.opened(), *_images(tx, order_id, [image.digest for image in images])) if asked.persons else (),
    )


class _Persons:
    """What is known of persons in one order. The salt is the signer's secret of each record: nobody can guess a phone
    number's commitment, and every file of the order has the same one."""

    def __init__(self, tx: Transaction, order_id: str, signer: Ed25519PrivateKey) -> None:
        p = tables.personal.c
        names = tx.connection.execute(select(p.name).where(p.chain == tx.chain, p.subject == order_id).order_by(p.name))
        self._names = [name for name in names.scalars() if not name.startswith(_PUSHES)]
        self._values = personal.get_all(tx.connection, tx.chain, tx.vault, [order_id])
        self._erased = personal.erased(tx.connection, tx.chain, order_id)
        self._order_id, self._key = order_id, signer.private_bytes_raw()

    def commitments(self) -> tuple[Commitment, ...]:
        if self._erased:
            return (Commitment("", "", erased=True),)
        return tuple(Commitment(name, commitment(self._salt(name), self._value(name))) for name in self._names)

    def opened(self) -> tuple[Opened, ...]:
        return tuple(
            Opened(name, self._salt(name).hex(), base64.b64encode(self._value(name)).decode()) for name in self._names
        )

    def _salt(self, name: str) -> bytes:
        return hmac.digest(self._key, f"dossier\0{self._order_id}\0{name}".encode(), "sha256")

    def _value(self, name: str) -> bytes:
        return self._values[self._order_id, name]


def _images(tx: Transaction, order_id: str, digests: Iterable[str]) -> Iterable[Opened]:
    """What was erased or never came is not there; its hash still stands in the prescription."""
    for digest in digests:
        found = blobs.of_order(tx.connection, tx.chain, tx.vault, order_id, digest)
        if found is not None:
            yield Opened(image_name(digest), "", base64.b64encode(found[1]).decode())


def _rows(tx: Transaction, table: Any, order_id: str, by: str) -> list[Any]:
    query = select(table).where(table.c.chain == tx.chain, table.c.order_id == order_id).order_by(table.c[by])
    return list(tx.connection.execute(query))


def _pack(row: Any) -> Pack:
    binding = msgspec.convert({name: getattr(row, name) for name in Binding.__struct_fields__}, Binding, strict=False)
    return Pack(binding, row.at, row.released_at)


def _slip(tx: Transaction, row: Any) -> PaperSlip:
    s = tables.slip_steps.c
    query = select(s.state, s.at, s.cause, s.printer).where(s.chain == tx.chain, s.slip_id == row.slip_id)
    steps = tuple(
        SlipStep(SlipState(state), at, cause, printer)
        for state, at, cause, printer in tx.connection.execute(query.order_by(s.place))
    )
    return PaperSlip(row.slip_id, row.kind, row.copy, row.state, row.evidence, row.cause, row.printer, steps)


def _refund(row: Any) -> Refund:
    lines = msgspec.json.decode(row.lines, type=tuple[RefundLine, ...])
    return Refund(
        row.refund_id, row.order_id, bool(row.full), RefundState(row.state), row.amount, row.asked_at, lines,
        row.answer_by,
    )  # fmt: skip


def _audit(tx: Transaction, store: str, order_id: str) -> tuple[AuditLine, ...]:
    """What the store's chain says of the order, each entry with the hash it follows."""
    a = tables.audit.c
    mine = select(tables.audit).where(a.chain == tx.chain, a.store == store, a.subject == order_id).order_by(a.seq)
    entries = list(tx.connection.execute(mine))
    befores = select(a.seq, a.hash).where(
        a.chain == tx.chain, a.store == store, a.seq.in_([row.seq - 1 for row in entries])
    )
    hashes = {row.seq: row.hash for row in tx.connection.execute(befores)}
    return tuple(
        AuditLine(
            row.store, row.seq, row.at, row.actor, row.action, row.subject, row.detail,
            hashes.get(row.seq - 1, audit.FIRST_HASH).hex(), row.hash.hex(),
        )
        for row in entries
    )  # fmt: skip
