"""Copying every row that can be read from a damaged file into a new one: table by table, from both ends towards the
damage, then between, then by what other tables know of its keys."""

import itertools
import logging
from collections.abc import Generator, Iterator, Sequence

import msgspec

from agent.engine import Connection, sqlite3
from agent.storage.looking_in import UNREADABLE

log = logging.getLogger(__name__)

_AT_ONCE = 500
_MOST_PROBES = 50_000
"""Looks into one damaged region: each costs microseconds, and a region may be as wide as a table."""
NOT_COPIED = frozenset({"cursors", "sqlite_sequence", "_sqlite_migrations"})
"""The logs are read anew from a snapshot; the rest is the new file's own."""

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_ALL = _LEAST
"""Nothing of what was asked for is damaged. No id of ours is so small."""
Row = tuple[object, ...]


class Copied(msgspec.Struct, frozen=True):
    """`gaps` counts regions that could not be read, `lost` the most rows that can have been in them: None where
    nobody can tell."""

    kept: int = 0
    gaps: int = 0
    lost: int | None = 0

    @property
    def whole(self) -> bool:
        return not self.gaps and self.lost == 0


class Table(msgspec.Struct, frozen=True):
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """Of a table WITHOUT ROWID; empty where rows have ids."""


def tables(db: Connection) -> tuple[Table, ...]:
    """Of a sound file, in the order in which they were made."""
    names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").fetchall()
    return tuple(_table(db, str(row["name"])) for row in names if row["name"] not in NOT_COPIED)


def _table(db: Connection, name: str) -> Table:
    columns = db.execute(f'PRAGMA table_info("{name}")').fetchall()
    without = db.execute("SELECT wr FROM pragma_table_list WHERE name = ? AND schema = 'main'", (name,)).fetchone()
    key = sorted((column["pk"], str(column["name"])) for column in columns if column["pk"]) if without["wr"] else []
    return Table(name, tuple(str(column["name"]) for column in columns), tuple(name for _, name in key))


def copy(source: Connection, target: Connection, table: Table) -> Copied:
    """What `source` has of a table that stands empty in `target`. Its own columns are copied: a damaged schema may
    not name them all."""
    try:
        there = {str(row["name"]) for row in source.execute(f'PRAGMA table_info("{table.name}")')}
    except UNREADABLE:
        there = set()
    shared = tuple(name for name in table.columns if name in there)
    if not shared:
        return Copied(gaps=1, lost=None)
    into = _Into(target, table.name, shared)
    reading = _ByKey(source, table, shared, target) if table.key else _ById(source, table, shared)
    for row in reading.rows():
        into.add(row)
    into.flush()
    return Copied(into.kept, reading.gaps, None if reading.lost is None else reading.lost + into.refused)


class _Into:
    """Rows that the new file's rules refuse were damaged without looking it."""

    def __init__(self, target: Connection, table: str, columns: Sequence[str]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self._target, self._insert = target, f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
        self._waiting: list[Row] = []
        self.kept = self.refused = 0

    def add(self, row: Row) -> None:
        self._waiting.append(row)
        if len(self._waiting) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        rows, self._waiting = self._waiting, []
        self._target.execute("SAVEPOINT rows")
        try:
            self._target.executemany(self._insert, rows)
            self.kept += len(rows)
        except (sqlite3.IntegrityError, UnicodeEncodeError):
            self._target.execute("ROLLBACK TO rows")
            self._one_by_one(rows)
        self._target.execute("RELEASE rows")

    def _one_by_one(self, rows: Sequence[Row]) -> None:
        for row in rows:
            try:
                self._target.execute(self._insert, row)
                self.kept += 1
            except (sqlite3.IntegrityError, UnicodeEncodeError):
                self.refused += 1


class _Run:
    """Rows of one statement until the damage."""

    def __init__(self, source: Connection, statement: str, values: Sequence[object] = ()) -> None:
        self._source, self._statement, self._values = source, statement, values
        self.whole = False

    def __iter__(self) -> Iterator[Row]:
        try:
            for row in self._source.execute(self._statement, self._values):
                yield tuple(row)
        except UNREADABLE as error:
            log.debug("a region cannot be read: %s", error)
            return
        self.whole = True


class _ById:
    """A table whose rows have ids. Ids are given out in order, so that a gap's width is the most that it held."""

    def __init__(self, source: Connection, table: Table, columns: Sequence[str]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        self._source, self._between = source, f'SELECT {names}, rowid FROM "{table.name}" WHERE rowid BETWEEN ? AND ?'
        self.gaps = 0
        self.lost: int | None = 0

    def rows(self) -> Iterator[Row]:
        last = yield from self._read(_LEAST, _MOST, "ASC")
        if last is _ALL:
            return
        self.gaps = 1
        low = 1 if last is None else last + 1  # our ids begin with 1
        first = yield from self._read(low, _MOST, "DESC")
        if first is None:
            self.lost = None
        elif first is not _ALL:
            yield from self._bisect(low, first - 1)

    def _bisect(self, low: int, high: int) -> Iterator[Row]:
        """Both ends may be lost. What is found leaves narrower regions; an id that cannot be looked for is lost."""
        regions, probes, lost = [(low, high)], 0, 0
        while regions and probes < _MOST_PROBES:
            low, high = regions.pop()
            if low > high:
                continue
            probes += 1
            middle = (low + high) // 2
            up = yield from self._read(middle, high, "ASC")
            if up is None:
                lost += 1
                regions.append((middle + 1, high))
            elif up is not _ALL:
                regions.append((up + 1, high))
            down = yield from self._read(low, middle - 1, "DESC")
            if down is not _ALL:
                regions.append((low, (middle if down is None else down) - 1))
        self.lost = lost + sum(max(high - low + 1, 0) for low, high in regions)

    def _read(self, low: int, high: int, order: str) -> Generator[Row, None, int | None]:
        """Returns the last id that could be read, None before the first, `_ALL` where there was no damage."""
        last: int | None = None
        run = _Run(self._source, f"{self._between} ORDER BY rowid {order}", (low, high))
        for *row, id in run:
            last = _id(id)
            yield tuple(row)
        return _ALL if run.whole else last


class _ByKey:
    """A table that is the tree of its key. Between the two sides of a damage only keys known from elsewhere help."""

    def __init__(self, source: Connection, table: Table, columns: Sequence[str], target: Connection) -> None:
        names, keys = ", ".join(f'"{name}"' for name in columns), [f'"{name}"' for name in table.key]
        self._source, self._target, self._first = source, target, table.key[0]
        self._select = f'SELECT {names} FROM "{table.name}"'
        self._up, self._down = ", ".join(keys), ", ".join(f"{key} DESC" for key in keys)
        self._places = [columns.index(name) for name in table.key if name in columns]
        self.gaps = 0
        self.lost: int | None = 0

    def rows(self) -> Iterator[Row]:
        seen = set[Row]()
        for row in (run := _Run(self._source, f"{self._select} ORDER BY {self._up}")):
            seen.add(self._key(row))
            yield row
        if run.whole:
            return
        self.gaps, self.lost = 1, None
        below = _Run(self._source, f"{self._select} ORDER BY {self._down}")
        for row in itertools.chain(below, self._known_elsewhere()):
            if self._key(row) not in seen:
                seen.add(self._key(row))
                yield row

    def _known_elsewhere(self) -> Iterator[Row]:
        probe = f'{self._select} WHERE "{self._first}" = ?'
        for value in itertools.islice(_values_known(self._target, self._first), _MOST_PROBES):
            yield from _Run(self._source, probe, (value,))

    def _key(self, row: Row) -> Row:
        return tuple(row[place] for place in self._places)


def _values_known(target: Connection, column: str) -> Iterator[object]:
    """What was copied already under this column's name: an order's id, a code."""
    rows = target.execute(
        "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = ?",
        (column,),
    ).fetchall()
    if not rows:
        return
    union = " UNION ".join(f'SELECT "{column}" FROM "{row["name"]}" WHERE "{column}" IS NOT NULL' for row in rows)
    for row in target.execute(union).fetchall():
        yield row[0]


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0
