"""Our documents for the chain's ERP, as the hub knows them. A document is handed over either by its store or by
headquarters (`ours`), as the chain's policy says. Their effects are what an ERP count may not include yet.

Headquarters' own are numbered over all stores. Giving a number locks the counter until the transaction ends, so that a
higher number is never seen before a lower one. A number is at least the time in seconds: a hub that was restored goes
on above every number that the ERP already has.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from cloud import audit, tables
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from domain.erp import LONGEST_REASON, NO_REASON, OWED, DocumentState, ErpDocument
from domain.erp_stock import Effect
from domain.times import SECOND

_DOCUMENT = Sql(
    """INSERT INTO erp_documents (chain, store, document_id, number, kind, state, order_id, body, written_at, ours)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, store, document_id) DO UPDATE SET
    number = excluded.number, state = excluded.state, reason = '', reference = '', answered_at = NULL,
    delivered_at = NULL, body = excluded.body, written_at = excluded.written_at
    WHERE erp_documents.number < excluded.number"""
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
_TO_STORE = Sql(
    """UPDATE erp_documents SET ours = 0, number = ?, body = ?
    WHERE chain = ? AND store = ? AND document_id = ? AND ours = 1 AND state = 'waiting'"""
)
_REFUSED = Sql("UPDATE erp_effects SET refused = ? WHERE chain = ? AND store = ? AND document_id = ? AND number = ?")
_OPEN = Sql(
    """SELECT sku, number, delta, refused FROM erp_effects WHERE chain = ? AND store = ? AND sku = ANY(?)
    AND (number > ? OR refused = 1)"""
)
_NUMBER = Sql(
    """INSERT INTO erp_numbers (chain, last) VALUES (?, ?) ON CONFLICT (chain) DO UPDATE SET
    last = CASE WHEN erp_numbers.last >= excluded.last THEN erp_numbers.last + 1 ELSE excluded.last END
    RETURNING last"""
)
_ONE = Sql("SELECT * FROM erp_documents WHERE chain = ? AND store = ? AND document_id = ? FOR UPDATE")
_OURS = Sql("SELECT * FROM erp_documents WHERE chain = ? AND number = ? AND ours = 1 FOR UPDATE")
_DELIVERED = Sql(
    """UPDATE erp_documents SET state = 'delivered', delivered_at = ?
    WHERE chain = ? AND number = ? AND ours = 1 AND state = 'waiting'"""
)
_IS_OWED = "ours = 1 AND state IN ('waiting', 'delivered')"
"""Written as the index erp_documents_ours_owed has it, so that it is used: the connectors ask every few seconds."""
_OWED = Sql(f"SELECT body FROM erp_documents WHERE chain = ? AND {_IS_OWED} AND number > ? ORDER BY number LIMIT ?")
_OWED_OF = Sql(
    f"SELECT body FROM erp_documents WHERE chain = ? AND store = ? AND {_IS_OWED} AND number > ?"
    " ORDER BY number LIMIT ?"
)
_WAITING = Sql(
    f"SELECT body FROM erp_documents WHERE chain = ? AND {_IS_OWED} AND state = 'waiting' ORDER BY number LIMIT ?"
)
_NUMBERS = Sql(f"SELECT number, store FROM erp_documents WHERE chain = ? AND {_IS_OWED} AND state = ?")
_HANDED_OVER = Sql(
    f"""SELECT max(number) FROM erp_documents WHERE chain = ? AND ours = 1 AND number < coalesce(
    (SELECT min(number) FROM erp_documents WHERE chain = ? AND {_IS_OWED} AND state = 'waiting'),
    9223372036854775807)"""
)
_decode = msgspec.json.Decoder(ErpDocument).decode


def write_own(tx: Transaction, store: str, document: ErpDocument) -> None:
    """Writes a document that headquarters hands over; once for each id, whatever number it came with."""
    if _ONE.rows(tx.connection, tx.chain, store, document.document_id):
        return
    numbered = msgspec.structs.replace(document, number=_next_number(tx, store), store=store)
    write(tx, store, numbered, by="hub", ours=True)


def write_stores(tx: Transaction, store: str, document: ErpDocument, *, by: str) -> bool:
    """Writes a document that its store hands over. One that headquarters wrote of the same fact, not knowing that the
    store would, becomes the store's, unless the ERP has it already. False where the store told this one before."""
    rows = _ONE.named(tx.connection, tx.chain, store, document.document_id)
    if not rows or not rows[0].ours:
        write(tx, store, document, by=by)
        return not rows
    row = (document.number, msgspec.json.encode(document), tx.chain, store, document.document_id)
    if _TO_STORE.run(tx.connection, [row]):
        _put_effects(tx, store, document)
        audit.append(tx, store, by, "erp.documented", document.document_id, f"{document.kind} {document.number}")
    return True


def write(tx: Transaction, store: str, document: ErpDocument, *, by: str, ours: bool = False) -> None:
    """Writes a new document, or one that was numbered anew to be handed over again; the same number twice is one
    document. `ours`: headquarters hands it over, not its store."""
    body, order_id = msgspec.json.encode(document), document.order_id or None
    row = (
        tx.chain, store, document.document_id, document.number, document.kind.value, DocumentState.WAITING.value,
        order_id, body, tx.now, int(ours),
    )  # fmt: skip
    if _DOCUMENT.run(tx.connection, [row]) == 0:
        return
    _put_effects(tx, store, document)
    audit.append(tx, store, by, "erp.documented", document.document_id, f"{document.kind} {document.number}")


def _put_effects(tx: Transaction, store: str, document: ErpDocument) -> None:
    effects = sorted(document.effects.items())
    _EFFECT.run(
        tx.connection,
        [(tx.chain, store, sku, document.document_id, document.number, delta) for sku, delta in effects],
    )


def _next_number(tx: Transaction, store: str) -> int:
    """Also above the numbers that the store gave itself, while it handed documents over."""
    least = max(tx.now // SECOND, last_number(tx, store) + 1)
    ((number,),) = _NUMBER.rows(tx.connection, tx.chain, least)
    return int(number)


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
    """Notes what the ERP answered to the document under this number; an answer to an earlier number changes nothing."""
    row = (state.value, reason, reference, tx.now, tx.chain, store, document_id, number)
    if _ANSWER.run(tx.connection, [row]) == 0:
        return
    refused = int(state is DocumentState.REFUSED)
    _REFUSED.run(tx.connection, [(refused, tx.chain, store, document_id, number)])
    audit.append(tx, store, by, "erp.answered", document_id, f"{number} {state} {reason or reference}".strip())


def acknowledge(tx: Transaction, number: int, reference: str, *, by: str) -> str:
    """The ERP booked one of headquarters' own; saying so twice is no error. Returns why that cannot be; empty where it
    can."""
    if (row := _own(tx, number)) is None:
        return f"没有编号为 {number} 的单据"
    if DocumentState(row.state) not in (DocumentState.ACKNOWLEDGED, DocumentState.SETTLED):
        _answered(tx, row, DocumentState.ACKNOWLEDGED, by=by, reference=reference[:LONGEST_REASON])
    return ""


def refuse(tx: Transaction, number: int, reason: str, *, by: str) -> str:
    """The ERP refused one of headquarters' own. What it has booked it cannot refuse. Returns as `acknowledge` does."""
    if (row := _own(tx, number)) is None:
        return f"没有编号为 {number} 的单据"
    state = DocumentState(row.state)
    if state in OWED:
        _answered(tx, row, DocumentState.REFUSED, by=by, reason=reason.strip()[:LONGEST_REASON] or NO_REASON)
    elif state is not DocumentState.REFUSED:
        return "这张单据 ERP 已经入账，不能再拒收"
    return ""


def delivered(tx: Transaction, numbers: Sequence[int]) -> None:
    """The ERP has these of headquarters' own."""
    _DELIVERED.run(tx.connection, [(tx.now, tx.chain, number) for number in numbers])


def owed(
    connection: Connection, chain: str, *, after: int, limit: int, store: str | None = None
) -> tuple[ErpDocument, ...]:
    """Headquarters' own that the ERP has not answered, in order."""
    if store is None:
        found = _OWED.rows(connection, chain, after, limit)
    else:
        found = _OWED_OF.rows(connection, chain, store, after, limit)
    return tuple(_decode(body) for (body,) in found)


def waiting(connection: Connection, chain: str, *, limit: int) -> tuple[ErpDocument, ...]:
    """Headquarters' own that were not handed over yet, in order."""
    return tuple(_decode(body) for (body,) in _WAITING.rows(connection, chain, limit))


def numbers(connection: Connection, chain: str, *, state: DocumentState) -> dict[int, str]:
    """Numbers of headquarters' own documents in that state (one of those that are owed), each with its store."""
    return dict(_NUMBERS.rows(connection, chain, state.value))


def last_handed_over(connection: Connection, chain: str) -> int:
    """The number up to which all of headquarters' own were handed over; 0 before the first."""
    ((last,),) = _HANDED_OVER.rows(connection, chain, chain)
    return int(last or 0)


def settle(tx: Transaction, number: int, reason: str, *, by: str) -> bool:
    """A person booked it in the ERP by hand. False where it is not refused, or not headquarters' own."""
    row = _own(tx, number)
    if row is None or row.state != DocumentState.REFUSED:
        return False
    _answered(tx, row, DocumentState.SETTLED, by=by, reason=reason.strip()[:LONGEST_REASON])
    return True


def again(tx: Transaction, number: int, *, by: str) -> int | None:
    """What kept the ERP from booking it is mended: its new number. None where it is not refused, or not ours."""
    row = _own(tx, number)
    if row is None or row.state != DocumentState.REFUSED:
        return None
    document = msgspec.structs.replace(_decode(row.body), number=_next_number(tx, row.store))
    write(tx, row.store, document, by=by, ours=True)
    return document.number


def _own(tx: Transaction, number: int) -> AnyRow | None:
    rows = _OURS.named(tx.connection, tx.chain, number)
    return rows[0] if rows else None


def _answered(
    tx: Transaction, row: AnyRow, state: DocumentState, *, by: str, reason: str = "", reference: str = ""
) -> None:
    answer(tx, row.store, row.document_id, row.number, state, by=by, reason=reason, reference=reference)


def effects(tx: Transaction, store: str, skus: Sequence[str], contains: int) -> dict[str, list[Effect]]:
    """By product: what our documents changed that a count up to number `contains` does not include."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for sku, number, delta, refused in _OPEN.rows(tx.connection, tx.chain, store, list(skus), contains):
        found[sku].append(Effect(number, delta, bool(refused)))
    return found


def last_of_all(tx: Transaction, store: str) -> int:
    """The highest number that a count of this store can include, its own or headquarters'; 0 before the first."""
    own = tx.connection.execute(select(tables.erp_numbers.c.last).where(tables.erp_numbers.c.chain == tx.chain))
    return max(int(own.scalar_one_or_none() or 0), last_number(tx, store))


def last_number(tx: Transaction, store: str) -> int:
    d = tables.erp_documents.c
    query = select(func.max(d.number)).where(d.chain == tx.chain, d.store == store)
    return int(tx.connection.execute(query).scalar_one() or 0)
