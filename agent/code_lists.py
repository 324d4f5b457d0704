"""The chain's lists of pack codes in the cache file: what any store sold, what is recalled or banned.

A million of them are some 40 MB; finding one is a step or two down a tree, which no scan notices.
"""

from collections.abc import Iterable

import msgspec

from agent.transactions import Reading, Transaction
from domain.code_lists import CodeList
from domain.events import CodesListed, CodesUnlisted
from domain.times import Millis

_NUMBERS = {CodeList.SOLD: 1, CodeList.RECALLED: 2, CodeList.BANNED: 3}
"""As the table has them: never changed, only added to."""
_LISTS = {number: of for of, number in _NUMBERS.items()}


class Listing(msgspec.Struct, frozen=True):
    """One code on one list. `store` and `at` are of the sale; `name` is the store's, as headquarters told it."""

    list: CodeList
    store: str = ""
    name: str = ""
    at: Millis = 0


def put(tx: Transaction, told: CodesListed) -> None:
    for store, name in told.names.items():
        tx.db.execute(
            "INSERT INTO stores (store, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name",
            (store, name),
        )
    numbers = {store: _number(tx, store) for store in {each.store for each in told.codes}}
    tx.db.executemany(
        "INSERT INTO listed_codes (code, list, store, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET store = excluded.store, at = excluded.at",
        [(each.code, _NUMBERS[told.list], numbers[each.store], each.at) for each in told.codes],
    )


def drop(tx: Transaction, told: CodesUnlisted) -> None:
    tx.db.executemany(
        "DELETE FROM listed_codes WHERE code = ? AND list = ?", [(code, _NUMBERS[told.list]) for code in told.codes]
    )


def clear(tx: Transaction) -> None:
    tx.db.execute("DELETE FROM listed_codes")
    tx.db.execute("DELETE FROM stores")


def listings(reading: Reading, codes: Iterable[str]) -> dict[str, tuple[Listing, ...]]:
    """Of these codes those that are on a list."""
    found = ((code, _of(reading, code)) for code in codes)
    return {code: listings for code, listings in found if listings}


def _of(reading: Reading, code: str) -> tuple[Listing, ...]:
    rows = reading.db.execute(
        "SELECT l.list, l.at, s.store, s.name FROM listed_codes l LEFT JOIN stores s ON s.number = l.store"
        " WHERE l.code = ? ORDER BY l.list",
        (code,),
    ).fetchall()
    return tuple(Listing(_LISTS[row["list"]], row["store"] or "", row["name"] or "", row["at"]) for row in rows)


def _number(tx: Transaction, store: str) -> int:
    if not store:
        return 0
    tx.db.execute("INSERT INTO stores (store, name) VALUES (?, '') ON CONFLICT DO NOTHING", (store,))
    row = tx.db.execute("SELECT number FROM stores WHERE store = ?", (store,)).fetchone()
    return int(row["number"])
