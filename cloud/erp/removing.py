"""What the ERP has booked long ago leaves the hub, in small batches. An id stays known for ever, so that it counts
once; an effect stays until a count has contained it, for without it sold stock would come back."""

import asyncio
import logging
from functools import partial

from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.times import DAY, Clock, Millis

log = logging.getLogger(__name__)

KEPT: Millis = 400 * DAY
"""A business year and the time to close it."""
AT_ONCE = 500
PAUSE_S = 0.05
_EFFECTS = Sql(
    """DELETE FROM erp_effects WHERE chain = ? AND (store, sku, document_id) IN (
    SELECT e.store, e.sku, e.document_id FROM erp_documents d
    JOIN erp_effects e ON e.chain = d.chain AND e.store = d.store AND e.document_id = d.document_id
    LEFT JOIN erp_levels l ON l.chain = e.chain AND l.store = e.store AND l.sku = e.sku
    WHERE d.chain = ? AND d.answered_at < ? AND d.state IN ('acknowledged', 'settled') AND e.refused = 0
    AND (l.contains >= e.number OR e.delta = 0) LIMIT ?)"""
)
_DOCUMENTS = Sql(
    """DELETE FROM erp_documents WHERE chain = ? AND (store, document_id) IN (
    SELECT d.store, d.document_id FROM erp_documents d
    WHERE d.chain = ? AND d.answered_at < ? AND d.state IN ('acknowledged', 'settled')
    AND NOT EXISTS (SELECT 1 FROM erp_effects e
        WHERE e.chain = d.chain AND e.store = d.store AND e.document_id = d.document_id) LIMIT ?)"""
)
_BODIES = Sql(
    """UPDATE erp_feeds SET body = ? WHERE chain = ? AND (store, kind, document_id, part) IN (
    SELECT f.store, f.kind, f.document_id, f.part FROM erp_feeds f
    WHERE f.chain = ? AND f.at < ? AND length(f.body) > 0 LIMIT ?)"""
)
_ASIDE = Sql(
    """DELETE FROM erp_aside WHERE chain = ? AND entry_id IN (
    SELECT entry_id FROM erp_aside WHERE chain = ? AND ended_at < ? LIMIT ?)"""
)


class Removing:
    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer, self._clock = writer, clock

    async def run(self) -> None:
        """All that is due."""
        before = self._clock() - KEPT
        gone = 0
        for statement in (_EFFECTS, _DOCUMENTS, _BODIES, _ASIDE):
            while done := await self._writer.run(partial(remove_some, statement=statement, before=before)):
                gone += done
                await asyncio.sleep(PAUSE_S)
        if gone:
            log.info("%d old rows about the ERP were removed", gone)


def remove_some(tx: Transaction, statement: Sql, before: Millis) -> int:
    head: tuple[bytes, ...] = (b"",) if statement is _BODIES else ()
    return statement.run(tx.connection, [(*head, tx.chain, tx.chain, before, AT_ONCE)])
