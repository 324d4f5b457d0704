"""What any store sold, and what became free again, put together into a few events every few seconds: no sale waits for
the log that all stores share (facts/compliance.md R5).

Of each code that `cloud.codes.news` noted it is looked up how things are now: a note says only that something changed,
and those of several transactions may be met in any order. A crash takes back event and notes alike.
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
        """All there is, in pieces: orders come in between."""
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
    """Who sold a code first is who sold it: a second sale is an exception of its own. Parts of opened packs are not
    among them: what is left of one is its store's to know."""
    first: dict[str, ListedCode] = {}
    rows = _SOLD.rows(tx.connection, tx.chain, codes, tx.chain, codes)
    for code, store, at in sorted(rows, key=lambda row: (row[2], row[1])):
        first.setdefault(code, ListedCode(code, store, at))
    return first
