"""What is long over about the ERP leaves the hub, in small batches. The id of a sale or receipt stays known for ever,
so that it counts once; an effect stays until a count has contained it, for without it sold stock would come back.
"""

import asyncio
import logging
from functools import partial

import msgspec

from cloud.erp import aside
from cloud.statements import Sql, Value
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.times import DAY, Millis

log = logging.getLogger(__name__)

KEPT: Millis = 400 * DAY
"""A business year and the time to close it."""
COUNTS_KNOWN: Millis = 7 * DAY
"""The id of a count, as in a store: one that comes again later is older than the last and changes nothing."""
FILES_KNOWN: Millis = 180 * DAY
"""What stood in a file, as in a store. Its documents are known by their ids for longer."""
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


_COUNTS = Sql(
    """DELETE FROM erp_feeds WHERE chain = ? AND (store, kind, document_id, part) IN (
    SELECT store, kind, document_id, part FROM erp_feeds WHERE chain = ? AND at < ? AND kind = 'count' LIMIT ?)"""
)
_FILES = Sql(
    """DELETE FROM erp_files WHERE chain = ? AND hash IN (
    SELECT hash FROM erp_files WHERE chain = ? AND at < ? AND (state = 'done' OR seen_at IS NOT NULL) LIMIT ?)"""
)
_HELD = Sql(
    """DELETE FROM erp_aside WHERE chain = ? AND entry_id IN (SELECT entry_id FROM erp_aside
    WHERE chain = ? AND at < ? AND ended_at IS NULL AND reason = 'unknown_store' LIMIT ?)"""
)


class Removal(msgspec.Struct, frozen=True):
    """`statement` takes the chain twice, before when, and how many."""

    what: str
    statement: Sql
    kept: Millis = KEPT
    first: tuple[bytes, ...] = ()
    """Values before those."""


REMOVALS = (
    Removal("effects", _EFFECTS),
    Removal("documents", _DOCUMENTS),
    Removal("bodies of feeds", _BODIES, first=(b"",)),
    Removal("ids of counts", _COUNTS, COUNTS_KNOWN),
    Removal("files", _FILES, FILES_KNOWN),
    Removal("feeds that somebody looked at", _ASIDE),
    Removal("feeds of stores that never came", _HELD, aside.HELD),
)


class Removing:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def run(self) -> None:
        """All that is due."""
        for removal in REMOVALS:
            gone = 0
            while done := await self._writer.run(partial(remove_some, removal=removal)):
                gone += done
                await asyncio.sleep(PAUSE_S)
            if gone:
                log.info("the ERP's old rows were removed: %d %s", gone, removal.what)


def remove_some(tx: Transaction, removal: Removal) -> int:
    row: tuple[Value, ...] = (*removal.first, tx.chain, tx.chain, tx.now - removal.kept, AT_ONCE)
    return removal.statement.run(tx.connection, [row])
