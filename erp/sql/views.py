"""Reads the ERP's views: of sales and receipts only what is new, counts whole.

A database gives an id before the commit that makes its row visible, so a reader that went on from the last id it saw
would lose rows. Each reading therefore begins `window` before the last one's end (facts/sync.md §1.3); what was taken
before is known by its document id. Documents are always read whole.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import sqlalchemy as sa

from domain.erp import FEED_KIND, ErpCount, ErpLevel, ErpReceipt, ErpSale
from domain.pieces import pieces
from erp import rows
from erp.books import Books, DocumentKey
from erp.errors import DatabaseGone
from erp.mapping import HandOver, ViewMapping
from erp.rows import Feed, Flaw, Piece, Row
from erp.sql.database import Database, table
from erp.sql.hand_over import Contained, contained

log = logging.getLogger(__name__)

SOURCE = "sql"
DOCUMENTS_AT_ONCE = 50
WHOLE_AGAIN_S = 3600.0
"""Levels that did not change since the last reading are skipped; once in so long all are taken."""
Value = int | str | float | Decimal | date | datetime | bytes | bool | None
By = int | datetime
"""A time as the database gives it, with its zone or without one."""
Places = dict[DocumentKey, Counter[By]]
"""By document: at which places of the view its rows stand, and how many at each; as far back as the reading began."""


class Position(msgspec.Struct, frozen=True):
    """How far a view was read: `last` is the highest value of the column it is read by. Nothing at or below `floor` is
    read: that was there before this store was connected, and the first count includes it. None: the view was empty
    then."""

    last: int | datetime | None
    floor: int | datetime | None
    as_text: bool = False
    """The database keeps its times as text."""


_position = msgspec.json.Decoder(Position)


class DocumentView:
    """Sales or receipts."""

    def __init__(self, mapping: ViewMapping, database: Database, books: Books) -> None:
        self._mapping, self._database, self._books = mapping, database, books
        self._view = table(mapping.view, *mapping.columns.values(), mapping.by)
        self._by, self._id = self._view.c[mapping.by], self._view.c[mapping.columns["document_id"]]
        self._key = [self._id] if "store" not in mapping.columns else [self._id, self._view.c[mapping.columns["store"]]]
        self._kind = FEED_KIND[ErpSale if mapping.feed is Feed.SALES else ErpReceipt]
        self._seen: Places = {}
        self._as_text = False

    def read(self) -> tuple[Flaw, ...]:
        """Takes what is new; returns the flaws of what could not be read. Raises DatabaseGone or BooksUnusable."""
        kept = self._books.position(self._mapping.view)
        if kept is None:
            self._begin()
            return ()
        position = _position.decode(kept)
        with self._database.connection() as connection:
            places = self._places_since(connection, position)
            wanted = self._wanted(places, position)
            flaws: list[Flaw] = []
            for some in pieces(wanted, DOCUMENTS_AT_ONCE):
                flaws += self._take(connection, some)
        self._seen = places
        last = max((max(of_document) for of_document in places.values()), default=position.last)
        if last != position.last:
            self._keep(Position(last, position.floor, self._as_text))
        return tuple(flaws)

    def _begin(self) -> None:
        with self._database.connection() as connection:
            newest = connection.execute(sa.select(sa.func.max(self._by))).scalar_one_or_none()
        last = None if newest is None else self._place(newest)
        self._keep(Position(last, last, self._as_text))
        log.info("the ERP's view %s is read from here on", self._mapping.view)

    def _places_since(self, connection: sa.Connection, position: Position) -> Places:
        """Documents that have rows after the beginning of this reading, each with the places of those rows."""
        found: Places = defaultdict(Counter)
        for row in connection.execute(sa.select(self._by, *self._key).where(self._behind(position))):
            key = (_text(row[2]) if len(row) > 2 else "", _text(row[1]))
            found[key][self._place(row[0])] += 1
        return found

    def _behind(self, position: Position) -> "sa.ColumnElement[bool]":
        since = _from(position, self._mapping.window)
        return self._by.is_not(None) if since is None else self._by > since

    def _place(self, value: Value) -> By:
        self._as_text = isinstance(value, str)
        return comparable(value, self._mapping)

    def _wanted(self, found: Places, position: Position) -> list[DocumentKey]:
        """Documents that were not taken yet, or have more rows than when they were taken; the oldest first."""
        known = self._known(found)
        wanted = [key for key, places in found.items() if key not in known or self._grew(key, places, position)]
        return sorted(wanted, key=lambda key: max(found[key]))

    def _grew(self, key: DocumentKey, places: Counter[By], position: Position) -> bool:
        """Whether a document that was taken has more rows by now. It is then taken once more, and a difference is told
        as one id with two bodies. The first reading after a start does not know the places of the one before; it only
        sees whether rows stand both at or before `last` and after it."""
        if key in self._seen:
            return bool(places - self._seen[key])
        behind = [place for place in places if position.last is None or max(place, position.last) != position.last]
        return 0 < len(behind) < len(places)

    def _known(self, found: Iterable[DocumentKey]) -> set[DocumentKey]:
        """The documents that were taken. A ticket may have become a sale, a return (named -R), or both."""
        names = {(store, name): ((store, name), (store, f"{name}-R")) for store, name in found}
        known = self._books.known(self._kind, [each for both in names.values() for each in both])
        return {key for key, both in names.items() if not known.isdisjoint(both)}

    def _take(self, connection: sa.Connection, keys: Sequence[DocumentKey]) -> Iterable[Flaw]:
        """Takes these documents. One that cannot be read is named each time, until the ERP mends it. The same id of
        another store is read along with them, and is known already."""
        ids = sorted({document_id for _, document_id in keys})
        read = rows_of(connection, self._view, self._mapping, sa.cast(self._id, sa.String).in_(ids))
        found, flaws = rows.read(self._mapping.feed, read, self._mapping.view, self._mapping.formats)
        good, wrong = rows.possible(found)
        return [*flaws, *wrong, *self._books.take(good, SOURCE)]

    def _keep(self, position: Position) -> None:
        self._books.keep_position(self._mapping.view, msgspec.json.encode(position).decode())


class CountView:
    """The ERP's stock: read whole, and the levels that changed are taken. Which of our documents it includes is said by
    its column, or by our hand-over table in the same database, which is read before it."""

    def __init__(self, mapping: ViewMapping, hand_over: HandOver | None, database: Database, books: Books) -> None:
        self._mapping, self._database, self._books = mapping, database, books
        self._hand_over = None if "contains" in mapping.columns else hand_over
        self._view = table(mapping.view, *mapping.columns.values())
        self._last: dict[tuple[str, str], ErpLevel] = {}
        self._whole_at = 0.0

    def read(self) -> tuple[Flaw, ...]:
        """Raises DatabaseGone or BooksUnusable."""
        with self._database.connection() as connection:
            contains = None if self._hand_over is None else contained(connection, self._hand_over, self._books)
            read = rows_of(connection, self._view, self._mapping, None, contains)
        found, flaws = rows.read(Feed.COUNTS, read, f"{self._mapping.view}-{self._books.now()}", self._mapping.formats)
        good, wrong = rows.possible(found)
        if time.monotonic() - self._whole_at > WHOLE_AGAIN_S:
            self._last, self._whole_at = {}, time.monotonic()
        refused: list[Flaw] = []
        for piece in good:
            refused += self._take(piece)
        return (*flaws, *wrong, *refused)

    def _take(self, piece: Piece) -> list[Flaw]:
        """What is refused is said by the view's name: a reading has another each time."""
        if not isinstance(piece.feed, ErpCount):
            raise AssertionError("a view of counts tells counts")
        changed = tuple(level for level in piece.feed.levels if self._last.get((piece.store, level.sku)) != level)
        if not changed:
            return []
        some = Piece(msgspec.structs.replace(piece.feed, levels=changed), piece.part, piece.store)
        if flaws := self._books.take((some,), SOURCE):
            name = piece.feed.document_id
            return [Flaw(flaw.row, flaw.why.replace(name, self._mapping.view), flaw.text) for flaw in flaws]
        self._last |= {(piece.store, level.sku): level for level in changed}
        return []


def rows_of(
    connection: sa.Connection,
    view: sa.TableClause,
    mapping: ViewMapping,
    condition: "sa.ColumnElement[bool] | None",
    contains: Contained | None = None,
    limit: int | None = None,
) -> list[Row]:
    query = sa.select(*(view.c[column].label(name) for name, column in mapping.columns.items()))
    if condition is not None:
        query = query.where(condition)
    if limit is not None:
        query = query.limit(limit)
    found = []
    for number, row in enumerate(connection.execute(query), start=1):
        fields = {name: _text(value) for name, value in row._mapping.items()}
        if contains is not None:
            fields["contains"] = str(contains(fields.get("store", "")))
        found.append(Row(number, fields))
    return found


def _from(position: Position, window: int) -> By | str | None:
    """None: from the start."""
    match position.last, position.floor:
        case None, None:
            return None
        case int(last), int() | None as floor:
            return last - window if floor is None else max(floor, last - window)
        case datetime() as last, datetime() | None as floor:
            back = last - timedelta(seconds=window)
            since = back if floor is None else max(floor, back)
            return since.isoformat(" ") if position.as_text else since
    raise DatabaseGone("the view's column was of another type before", hint="read by the same column as before")


def comparable(value: Value, mapping: ViewMapping) -> By:
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal | float) and value == int(value):
        return int(value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    raise DatabaseGone(
        f"{mapping.view}.{mapping.by} is no number and no time: {value!r}", hint="views.by names one that grows"
    )


def _text(value: Value) -> str:
    """As the same value would stand in a file."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)
