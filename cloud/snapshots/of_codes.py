"""The log of code lists folded: every code on every list, five hundred to a row; in front the names of all stores."""

from collections.abc import Iterator

from cloud.codes.lists import IN_ONE_EVENT
from cloud.snapshots.rows import Row, View
from cloud.statements import Sql
from domain.code_lists import CodeList, ListedCode
from domain.events import CodesListed

_CODES = Sql("SELECT code, store, at FROM listed_codes WHERE chain = ? AND list = ? AND code > ? ORDER BY code LIMIT ?")
_STORES = Sql("SELECT store, name FROM stores WHERE chain = ?")


def _names(view: View) -> dict[str, str]:
    return {row[0]: row[1] for row in _STORES.rows(view.connection, view.chain)}


def fold(view: View) -> Iterator[Row]:
    yield Row(CodesListed(CodeList.SOLD, names=_names(view)))
    for of in CodeList:
        after = ""
        while rows := _CODES.rows(view.connection, view.chain, of.value, after, IN_ONE_EVENT):
            yield Row(CodesListed(of, tuple(ListedCode(*row) for row in rows)))
            after = rows[-1][0]
