"""Puts codes that any store sold, and those that became free again, on the chain's list, gathered into a few events
every few seconds: so no sale waits for the log that all stores share (facts/compliance.md R5).

A note of `cloud.codes.news` says only that something changed about a code; how things are is looked up here, as notes
of several transactions may come in any order. Notes are deleted in the transaction that writes the event.
"""

from functools import partial

import msgspec
from sqlalchemy import Connection

from cloud.codes import lists
from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.code_lists import CodeList, ListedCode

SECONDS = 3.0
AT_ONCE = 500
"""Notes in one transaction."""

_NOTES = Sql("SELECT news_id, codes FROM code_news WHERE chain = ? ORDER BY news_id LIMIT ?")
_TOLD = Sql("DELETE FROM code_news WHERE chain = ? AND news_id = ?")
_SOLD = Sql(
    """SELECT code, store, at FROM bindings
    WHERE chain = ? AND code = ANY(?) AND released_at IS NULL AND opened = 0
    UNION ALL SELECT code, store, at FROM sale_codes WHERE chain = ? AND code = ANY(?)"""
)
_decode = msgspec.json.Decoder(list[str]).decode


class Gathering:
    def __init__(self, writer: Writer, chain: str) -> None:
        self._writer, self._chain = writer, chain

    async def run(self) -> None:
        """Gathers all notes there are, some in each transaction, so that orders come in between."""
        while await self._writer.read(partial(is_due, chain=self._chain)):
            await self._writer.run(gather)


def is_due(connection: Connection, chain: str) -> bool:
    return bool(_NOTES.rows(connection, chain, 1))


def gather(tx: Transaction) -> None:
    lists.hold_log(tx)
    notes = _NOTES.rows(tx.connection, tx.chain, AT_ONCE)
    codes = sorted({code for _, body in notes for code in _decode(body)})
    known, now = lists.listed(tx, CodeList.SOLD, codes), _first_sales(tx, codes)
    lists.drop(tx, CodeList.SOLD, [code for code in sorted(known) if code not in now])
    lists.put(tx, CodeList.SOLD, [sale for code, sale in sorted(now.items()) if known.get(code) != sale])
    _TOLD.run(tx.connection, [(tx.chain, news_id) for news_id, _ in notes])


def _first_sales(tx: Transaction, codes: list[str]) -> dict[str, ListedCode]:
    """By code: the first sale of each that is sold now; a second sale is an exception of its own. Packs opened to be
    sold in parts are not among them: only their store knows what is left."""
    first: dict[str, ListedCode] = {}
    rows = _SOLD.rows(tx.connection, tx.chain, codes, tx.chain, codes)
    for code, store, at in sorted(rows, key=lambda row: (row[2], row[1])):
        first.setdefault(code, ListedCode(code, store, at))
    return first
