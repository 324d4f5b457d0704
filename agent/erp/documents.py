"""Our documents for the ERP: written in the transaction that did the work, owed until the ERP answered, for ever.

    waiting → delivered → acknowledged | refused(reason) → again under a new number, or settled by a person

A number is never given twice: it is at least the clock's second, so that a file that is new, salvaged or put back from
an older copy goes on above all that the ERP already has. Numbers grow, and leave gaps.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from agent import outbox, policy, store
from agent.engine import sqlite3
from agent.errors import NotFound, NotNow
from agent.transactions import Reading, Topic, Transaction
from domain.erp import (
    LONGEST_REASON,
    NO_REASON,
    OWED,
    UNNUMBERED,
    DocumentKind,
    DocumentState,
    ErpDocument,
    ErpDocumentLine,
)
from domain.erp_lines import of_order
from domain.events import ErpDocumentKept
from domain.modes import Mode
from domain.operations import ErpAnswered, ErpDocumented
from domain.orders import Order
from domain.policy import ErpDelivery
from domain.quantity import Quantity
from domain.times import SECOND, Millis

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
IS_OWED = "state IN ('waiting', 'delivered')"
"""Written as the index erp_documents_owed has it, so that it is used: connectors ask every few seconds, and must not
read what was answered long ago."""
_document = msgspec.json.Decoder(ErpDocument)


class Document(msgspec.Struct, frozen=True):
    """One of our documents, with what became of it."""

    document: ErpDocument
    state: DocumentState
    reason: str
    reference: str
    written_at: Millis
    delivered_at: Millis | None
    answered_at: Millis | None


def delivery(reading: Reading) -> ErpDelivery:
    """Who hands documents over to the ERP. Nobody while the store is on trial or trains: then the other system does."""
    identity = store.identity(reading)
    in_earnest = identity.mode is Mode.LIVE and not identity.training
    return policy.in_force(reading).erp if in_earnest else ErpDelivery.NONE


def write(
    tx: Transaction,
    kind: DocumentKind,
    document_id: str,
    lines: Iterable[ErpDocumentLine],
    *,
    order: Order | None = None,
    reason: str = "",
    staff_id: str = "",
    only_here: bool = False,
) -> None:
    """Writes a document, once for each id. Does nothing where the store hands no documents over, or without lines.

    Where headquarters hands documents over, it writes them itself from the facts that it hears. Only what is known
    `only_here` is sent to it as a document, without a number, which headquarters gives it.
    """
    told, by = tuple(lines), delivery(tx)
    if not told or by is ErpDelivery.NONE or (by is ErpDelivery.HEADQUARTERS and not only_here):
        return
    if _known(tx, document_id):
        return
    number = _next_number(tx) if by is ErpDelivery.STORE else UNNUMBERED
    document = ErpDocument(
        number, document_id, kind, tx.now, told,
        reason=reason, staff_id=staff_id, store=store.identity(tx).store, **of_order(order),
    )  # fmt: skip
    if by is ErpDelivery.HEADQUARTERS:
        outbox.put(tx, ErpDocumented(document), document.order_id)
    else:
        _put_own(tx, document)


def _put_own(tx: Transaction, document: ErpDocument) -> None:
    tx.db.execute(
        "INSERT INTO erp_documents (document_id, number, kind, order_id, body, state, written_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            document.document_id, document.number, document.kind, document.order_id, msgspec.json.encode(document),
            DocumentState.WAITING, tx.now,
        ),
    )  # fmt: skip
    _put_effects(tx, document)
    outbox.put(tx, ErpDocumented(document))
    tx.touch(Topic.ERP)
    tx.note(log, "document %d for the ERP: %s %s", document.number, document.kind, document.document_id)


def keep(tx: Transaction, told: ErpDocumentKept) -> None:
    """Takes back a document that was lost with the store's data file, as headquarters kept it. One that is known here
    is left as it is. It may be handed over once more than needed: the ERP books by its id."""
    document = told.document
    if _known(tx, document.document_id):
        return
    state = DocumentState.WAITING if told.state in OWED else told.state
    tx.db.execute(
        "INSERT INTO erp_documents (document_id, number, kind, order_id, body, state, reason, reference, written_at,"
        " answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            document.document_id, document.number, document.kind, document.order_id, msgspec.json.encode(document),
            state, told.reason, told.reference, told.written_at, None if state in OWED else tx.now,
        ),
    )  # fmt: skip
    _put_effects(tx, document, refused=state is DocumentState.REFUSED)
    tx.touch(Topic.ERP)
    tx.note(log, "document %d for the ERP is here again, from headquarters: %s", document.number, state)


def _put_effects(tx: Transaction, document: ErpDocument, *, refused: bool = False) -> None:
    by_lot: dict[tuple[str, str], Quantity] = defaultdict(int)
    for line in document.lines:
        by_lot[line.sku, line.lot] += line.effect
    tx.db.executemany(
        "INSERT INTO erp_effects (sku, lot, document_id, number, delta, refused) VALUES (?, ?, ?, ?, ?, ?)",
        [(sku, lot, document.document_id, document.number, delta, refused) for (sku, lot), delta in by_lot.items()],
    )


def _known(reading: Reading, document_id: str) -> bool:
    row = reading.db.execute("SELECT 1 FROM erp_documents WHERE document_id = ?", (document_id,)).fetchone()
    return row is not None


def _next_number(tx: Transaction) -> int:
    return max(last_number(tx) + 1, tx.now // SECOND)


def last_number(reading: Reading) -> int:
    """0 before the first."""
    return int(reading.db.execute("SELECT coalesce(max(number), 0) FROM erp_documents").fetchone()[0])


def owed(reading: Reading, after: int = 0, limit: int = MOST_AT_ONCE) -> tuple[Document, ...]:
    """Still to be handed over or to be answered, in order."""
    rows = reading.db.execute(
        f"SELECT * FROM erp_documents WHERE {IS_OWED} AND number > ? ORDER BY number LIMIT ?", (after, limit)
    )
    return tuple(map(_read, rows))


def waiting(reading: Reading, limit: int = MOST_AT_ONCE) -> tuple[ErpDocument, ...]:
    """Still to be handed over, in order."""
    rows = reading.db.execute(
        f"SELECT * FROM erp_documents WHERE {IS_OWED} AND state = 'waiting' ORDER BY number LIMIT ?", (limit,)
    )
    return tuple(_read(row).document for row in rows)


def last_handed_over(reading: Reading) -> int:
    """The number up to which all documents were handed over (a later one may be answered already); 0 before the
    first."""
    first_waiting = f"SELECT min(number) FROM erp_documents WHERE {IS_OWED} AND state = 'waiting'"
    row = reading.db.execute(
        "SELECT coalesce(max(number), 0) FROM erp_documents"
        f" WHERE number < coalesce(({first_waiting}), 9223372036854775807)"
    ).fetchone()
    return int(row[0])


def numbers(reading: Reading, state: DocumentState) -> frozenset[int]:
    """The numbers of documents in that state, which must be one of those that are owed."""
    rows = reading.db.execute(f"SELECT number FROM erp_documents WHERE {IS_OWED} AND state = ?", (state,))
    return frozenset(row["number"] for row in rows)


def delivered(tx: Transaction, numbers: Sequence[int]) -> None:
    """Notes that these documents were handed over."""
    tx.db.executemany(
        "UPDATE erp_documents SET state = 'delivered', delivered_at = ? WHERE number = ? AND state = 'waiting'",
        [(tx.now, number) for number in numbers],
    )
    tx.touch(Topic.ERP)


def acknowledge(tx: Transaction, number: int, reference: str = "") -> None:
    """The ERP booked it; `reference` is its own number for it. Twice is once. Raises NotFound."""
    found = get(tx, number)
    if found.state not in (DocumentState.ACKNOWLEDGED, DocumentState.SETTLED):
        _answer(tx, found, DocumentState.ACKNOWLEDGED, reference=reference[:LONGEST_REASON])


def refuse(tx: Transaction, number: int, reason: str) -> None:
    """The ERP did not book it. Twice is once. Raises NotFound, and NotNow for one that it booked."""
    found = get(tx, number)
    if found.state in OWED:
        _answer(tx, found, DocumentState.REFUSED, reason=reason.strip()[:LONGEST_REASON] or NO_REASON)
    elif found.state is not DocumentState.REFUSED:
        raise NotNow("这张单据 ERP 已经入账，不能再拒收")


def settle(tx: Transaction, document_id: str, reason: str) -> None:
    """A person booked it in the ERP by hand: the next count contains it. Raises NotNow."""
    found = _refused(tx, document_id)
    if not reason.strip():
        raise NotNow("请填写在 ERP 中如何处理的")
    _answer(tx, found, DocumentState.SETTLED, reason=reason.strip()[:LONGEST_REASON])


def again(tx: Transaction, document_id: str) -> None:
    """What kept the ERP from booking it is mended: it is handed over under a new number. Raises NotNow."""
    found = _refused(tx, document_id)
    document = msgspec.structs.replace(found.document, number=_next_number(tx))
    tx.db.execute(
        "UPDATE erp_documents SET number = ?, body = ?, state = 'waiting', reason = '', delivered_at = NULL,"
        " answered_at = NULL WHERE document_id = ?",
        (document.number, msgspec.json.encode(document), document_id),
    )
    tx.db.execute(
        "UPDATE erp_effects SET number = ?, refused = 0 WHERE document_id = ?", (document.number, document_id)
    )
    outbox.put(tx, ErpDocumented(document))
    tx.touch(Topic.ERP)
    tx.note(log, "document %s for the ERP is handed over again as %d", document_id, document.number)


def _refused(reading: Reading, document_id: str) -> Document:
    row = reading.db.execute("SELECT * FROM erp_documents WHERE document_id = ?", (document_id,)).fetchone()
    if row is None:
        raise NotFound(f"没有这张 ERP 单据：{document_id}")
    found = _read(row)
    if found.state is not DocumentState.REFUSED:
        raise NotNow("这张单据没有被 ERP 拒收")
    return found


def _answer(tx: Transaction, found: Document, state: DocumentState, *, reason: str = "", reference: str = "") -> None:
    document = found.document
    tx.db.execute(
        "UPDATE erp_documents SET state = ?, reason = ?, reference = ?, answered_at = ? WHERE number = ?",
        (state, reason, reference, tx.now, document.number),
    )
    tx.db.execute(
        "UPDATE erp_effects SET refused = ? WHERE document_id = ?",
        (state is DocumentState.REFUSED, document.document_id),
    )
    outbox.put(tx, ErpAnswered(document.document_id, document.number, state, reason, reference))
    tx.touch(Topic.ERP)
    tx.note(log, "document %d for the ERP is %s", document.number, state)


def get(reading: Reading, number: int) -> Document:
    """Raises NotFound."""
    row = reading.db.execute("SELECT * FROM erp_documents WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise NotFound(f"没有编号为 {number} 的 ERP 单据")
    return _read(row)


def refused(reading: Reading, limit: int = MOST_AT_ONCE) -> tuple[Document, ...]:
    rows = reading.db.execute("SELECT * FROM erp_documents WHERE state = 'refused' ORDER BY number LIMIT ?", (limit,))
    return tuple(map(_read, rows))


def latest(reading: Reading, limit: int) -> tuple[Document, ...]:
    rows = reading.db.execute("SELECT * FROM erp_documents ORDER BY number DESC LIMIT ?", (limit,))
    return tuple(map(_read, rows))


def _read(row: sqlite3.Row) -> Document:
    return Document(
        _document.decode(row["body"]),
        DocumentState(row["state"]),
        row["reason"],
        row["reference"],
        row["written_at"],
        row["delivered_at"],
        row["answered_at"],
    )
