"""Our documents as rows of the ERP's hand-over table, and its answers in it.

Killed between the row and our note of it, the row is found by its number and not written again. The table must keep a
row for a day after it was answered, or keep `document_id` unique: a row that is gone looks like one never written.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
import sqlalchemy as sa

from domain.erp import DocumentState, ErpDocument
from domain.pieces import pieces
from erp import spoken
from erp.books import Answer, Books
from erp.mapping import HandOver
from erp.sql.database import Database, table

log = logging.getLogger(__name__)

AT_ONCE = 200


class HandingOver:
    """In the connector's thread. Raises DatabaseGone or BooksUnusable: then it is tried again."""

    def __init__(self, mapping: HandOver, database: Database, books: Books) -> None:
        self._mapping, self._database, self._books = mapping, database, books
        self._table = the_table(mapping)

    def hand_over(self) -> int:
        """What waits is written down there; returns how many rows."""
        told = self._books.waiting()
        if not told:
            return 0
        number = self._table.c[self._mapping.columns["number"]]
        with self._database.connection() as connection:
            there = connection.execute(sa.select(number).where(number.in_([each.number for each in told]))).scalars()
            known = {int(each) for each in there}
            rows = [self._row(each) for each in told if each.number not in known]
            if rows:
                connection.execute(sa.insert(self._table), rows)
        self._books.delivered([each.number for each in told])
        log.info("%d documents were written into the ERP's table", len(rows))
        return len(told)

    def follow_answers(self) -> None:
        owed = sorted(self._books.numbers(DocumentState.DELIVERED))
        for some in pieces(owed, AT_ONCE):
            if answers := self._answers(some):
                self._books.answer(answers)

    def _answers(self, numbers: Sequence[int]) -> list[Answer]:
        mapping, columns = self._mapping, self._table.c
        number, state = columns[mapping.columns["number"]], columns[mapping.state]
        more = [columns[name] for name in (mapping.reason, mapping.reference) if name]
        query = sa.select(number, state, *more).where(number.in_(numbers), state.is_not(None))
        found = []
        with self._database.connection() as connection:
            for row in connection.execute(query):
                said = row[1]
                if _means(said, mapping.booked) or _means(said, mapping.refused):
                    rest = ["" if each is None else str(each).strip() for each in row[2:]]
                    reason = rest.pop(0) if mapping.reason else ""
                    found.append(Answer(int(row[0]), _means(said, mapping.booked), reason, rest[0] if rest else ""))
        return found

    def _row(self, document: ErpDocument) -> dict[str, object]:
        told = msgspec.structs.asdict(spoken.document(document))
        told["body"] = spoken.as_json(document).decode()
        return {column: told[name] for name, column in self._mapping.columns.items()}


def the_table(mapping: HandOver) -> sa.TableClause:
    answers = [name for name in (mapping.state, mapping.reason, mapping.reference) if name]
    return table(mapping.table, *mapping.columns.values(), *answers)


Contained = Callable[[str], int]
"""By store: up to which number the ERP has booked all of its documents."""


def contained(connection: sa.Connection, mapping: HandOver, books: Books) -> Contained:
    """As far as it was handed over; asked before the stock is read it can only be too low, which is safe. What was
    refused is in no count anyway."""
    before = books.last_handed_over()
    columns = the_table(mapping).c
    number, state = columns[mapping.columns["number"]], columns[mapping.state]
    unanswered = books.numbers(DocumentState.DELIVERED)
    owed = {each for each in unanswered if each <= before}
    if not owed:
        return lambda store: before
    rows = connection.execute(sa.select(number, state).where(number.between(min(owed), before)))
    booked = {int(each) for each, said in rows if _means(said, mapping.booked)}
    open_at: dict[str, int] = defaultdict(lambda: before + 1)
    for each in owed - booked:
        store = unanswered[each]
        open_at[store] = min(open_at[store], each)
    return lambda store: open_at[store] - 1


def _means(said: object, words: Iterable[str]) -> bool:
    return said is not None and str(said).strip().casefold() in {word.casefold() for word in words}
