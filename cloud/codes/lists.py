"""The chain's lists of pack codes, as the log `codes` has told them: codes are put on, taken off, counted.

Call `hold_log` before a change: then only one process at a time changes them.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from cloud import tables
from cloud.eventlog import append, hold
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from domain.code_lists import CodeList, ListedCode
from domain.events import CODES, CodesListed, CodesUnlisted
from domain.pieces import pieces

IN_ONE_EVENT = 500
"""Codes; some 20 KB."""

_LISTED = Sql("SELECT code, store, at FROM listed_codes WHERE chain = ? AND list = ? AND code = ANY(?)")
_UNLIST = Sql("DELETE FROM listed_codes WHERE chain = ? AND list = ? AND code = ?")
_LIST = insert(tables.listed_codes, "chain", "list", "code", "store", "at")
_NAMES = Sql("SELECT store, name FROM stores WHERE chain = ? AND store = ANY(?)")


class Counted(msgspec.Struct, frozen=True):
    """How many codes are on each list."""

    sold: int = 0
    recalled: int = 0
    banned: int = 0


def hold_log(tx: Transaction) -> None:
    hold(tx, CODES)


def listed(tx: Transaction, of: CodeList, codes: Sequence[str]) -> dict[str, ListedCode]:
    """Those of these codes that are on the list, by code."""
    rows = _LISTED.rows(tx.connection, tx.chain, of.value, list(codes))
    return {code: ListedCode(code, store, at) for code, store, at in rows}


def put(tx: Transaction, of: CodeList, new: Sequence[ListedCode]) -> None:
    """Puts codes on the list that are new there, or have another sale than before."""
    _UNLIST.run(tx.connection, [(tx.chain, of.value, each.code) for each in new])
    _LIST.run(tx.connection, [(tx.chain, of.value, each.code, each.store, each.at) for each in new])
    for some in pieces(new, IN_ONE_EVENT):
        append(tx, CODES, CodesListed(of, tuple(some), names(tx.connection, tx.chain, [each.store for each in some])))


def drop(tx: Transaction, of: CodeList, gone: Sequence[str]) -> None:
    _UNLIST.run(tx.connection, [(tx.chain, of.value, code) for code in gone])
    for some in pieces(gone, IN_ONE_EVENT):
        append(tx, CODES, CodesUnlisted(of, tuple(some)))


def counted(connection: Connection, chain: str) -> Counted:
    c = tables.listed_codes.c
    rows = connection.execute(select(c.list, func.count()).where(c.chain == chain).group_by(c.list))
    return msgspec.convert({row[0]: row[1] for row in rows}, Counted)


def names(connection: Connection, chain: str, stores: Sequence[str]) -> dict[str, str]:
    wanted = sorted({store for store in stores if store})
    return {row[0]: row[1] for row in _NAMES.rows(connection, chain, wanted)} if wanted else {}
