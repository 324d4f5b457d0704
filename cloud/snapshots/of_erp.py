"""A store's part of its snapshot: the documents that its ERP has still to book, or refused, and those of the last days.
If the store's data file is lost, they are handed over all the same."""

from collections.abc import Iterator

import msgspec

from cloud.snapshots.rows import Row, View
from cloud.statements import Sql
from domain.erp import DocumentState, ErpDocument
from domain.events import ErpDocumentKept
from domain.times import DAY, Millis

LATELY: Millis = 3 * DAY
"""A count that does not contain them yet may still be on its way."""
_KEPT = Sql(
    """SELECT body, state, reason, reference, written_at FROM erp_documents WHERE chain = ? AND store = ? AND ours = 0
    AND (state IN ('waiting', 'delivered', 'refused') OR written_at > ?) ORDER BY number"""
)
_decode = msgspec.json.Decoder(ErpDocument).decode


def fold(view: View, store: str) -> Iterator[Row]:
    for body, state, reason, reference, written_at in _KEPT.rows(view.connection, view.chain, store, view.now - LATELY):
        yield Row(ErpDocumentKept(_decode(body), DocumentState(state), reason, reference, written_at))
