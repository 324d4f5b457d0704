"""How the hub's tables are written down: the few kinds of columns, keys and indexes there are."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal_column,
)
from sqlalchemy.schema import SchemaItem

Whole = Integer().with_variant(BigInteger(), "postgresql")

metadata = MetaData()


def table(name: str, *items: SchemaItem, key: tuple[str, ...], large: bool = False) -> Table:
    """SQLite: STRICT, and clustered by its key, except where rows are `large`: of those few fit into a node of the
    tree, so that each new one would rewrite several nodes; they stand in order of arrival beside a small index."""
    return Table(
        name,
        metadata,
        Column("chain", Text, nullable=False),
        *items,
        PrimaryKeyConstraint("chain", *key),
        sqlite_strict=True,
        sqlite_with_rowid=large,
    )


def text(name: str, default: str | None = None) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default=default)


def whole(name: str, default: int | None = None) -> "Column[int]":
    return Column(name, Whole, nullable=False, server_default=None if default is None else str(default))


def maybe_text(name: str) -> "Column[str]":
    return Column(name, Text)


def maybe_whole(name: str) -> "Column[int]":
    return Column(name, Whole)


def blob(name: str) -> "Column[bytes]":
    return Column(name, LargeBinary, nullable=False)


def written(value: str) -> ColumnElement[str]:
    """Stands in the statement itself: a condition with bound values is not recognised as that of a partial index."""
    return literal_column(f"'{value}'")


def index_of(
    name: str, condition: ColumnElement[bool], *columns: "Column[str] | Column[int]", unique: bool = False
) -> None:
    """A partial index: as small as what is under way, however long the history."""
    Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
