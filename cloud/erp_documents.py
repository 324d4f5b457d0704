"""Our documents for the chain's ERP, as the hub knows them: written in a store or at headquarters, by whoever the
chain's policy lets hand them over. Their effects say what a count does not yet contain."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import func, select

from cloud import audit, tables
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.erp import DocumentState, ErpDocument
from domain.erp_stock import Effect

_DOCUMENT = Sql(
    """INSERT INTO erp_documents (chain, store, document_id, number, kind, state, order_id, body, written_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, store, document_id) DO UPDATE SET
    number = excluded.number, state = excluded.state, reason = '', reference = '', answered_at = NULL,
    body = excluded.body WHERE erp_documents.number < excluded.number"""
)
_EFFECT = Sql(
    """INSERT INTO erp_effects (chain, store, sku, document_id, number, delta) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, store, sku, document_id) DO UPDATE SET number = excluded.number, delta = excluded.delta,
    refused = 0"""
)
_ANSWER = Sql(
    """UPDATE erp_documents SET state = ?, reason = ?, reference = ?, answered_at = ?
    WHERE chain = ? AND store = ? AND document_id = ? AND number = ?"""
)
_REFUSED = Sql("UPDATE erp_effects SET refused = ? WHERE chain = ? AND store = ? AND document_id = ? AND number = ?")
_OPEN = Sql(
    """SELECT sku, number, delta, refused FROM erp_effects WHERE chain = ? AND store = ? AND sku = ANY(?)
    AND (number > ? OR refused = 1)"""
)


def write(tx: Transaction, store: str, document: ErpDocument, *, by: str) -> None:
    """New, or numbered anew to be handed over again; the same number twice is one document."""
    body, order_id = msgspec.json.encode(document), document.order_id or None
    row = (
        tx.chain, store, document.document_id, document.number, document.kind.value, DocumentState.WAITING.value,
        order_id, body, tx.now,
    )  # fmt: skip
    if _DOCUMENT.run(tx.connection, [row]) == 0:
        return
    effects = sorted(document.effects.items())
    _EFFECT.run(
        tx.connection,
        [(tx.chain, store, sku, document.document_id, document.number, delta) for sku, delta in effects],
    )
    audit.append(tx, store, by, "erp.documented", document.document_id, f"{document.kind} {document.number}")


def answer(
    tx: Transaction,
    store: str,
    document_id: str,
    number: int,
    state: DocumentState,
    *,
    by: str,
    reason: str = "",
    reference: str = "",
) -> None:
    """What the ERP said of it under that number; a word about an earlier number changes nothing."""
    row = (state.value, reason, reference, tx.now, tx.chain, store, document_id, number)
    if _ANSWER.run(tx.connection, [row]) == 0:
        return
    refused = int(state is DocumentState.REFUSED)
    _REFUSED.run(tx.connection, [(refused, tx.chain, store, document_id, number)])
    audit.append(tx, store, by, "erp.answered", document_id, f"{number} {state} {reason or reference}".strip())


def effects(tx: Transaction, store: str, skus: Sequence[str], contains: int) -> dict[str, list[Effect]]:
    """By product: what a count up to that number does not contain."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for sku, number, delta, refused in _OPEN.rows(tx.connection, tx.chain, store, list(skus), contains):
        found[sku].append(Effect(number, delta, bool(refused)))
    return found


def last_number(tx: Transaction, store: str) -> int:
    d = tables.erp_documents.c
    query = select(func.max(d.number)).where(d.chain == tx.chain, d.store == store)
    return int(tx.connection.execute(query).scalar_one() or 0)
