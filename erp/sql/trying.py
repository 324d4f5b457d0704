"""The mapping's views and table, asked for their first rows: for `yaolink-agent erp check`."""

import sqlalchemy as sa

from erp import rows
from erp.mapping import HandOver, ViewMapping
from erp.rows import Feed, Flaw, Piece
from erp.sql.database import Database, table
from erp.sql.hand_over import the_table
from erp.sql.views import comparable, rows_of

FIRST_ROWS = 20


def try_view(view: ViewMapping, database: Database) -> tuple[tuple[Piece, ...], tuple[Flaw, ...], int]:
    """Raises DatabaseGone, which names what the database does not have."""
    columns = [*view.columns.values(), *([view.by] if view.by else [])]
    asked = table(view.view, *columns)
    with database.connection() as connection:
        found = rows_of(connection, asked, view, None, limit=FIRST_ROWS)
        if view.by:
            newest = connection.execute(sa.select(sa.func.max(asked.c[view.by]))).scalar_one_or_none()
            if newest is not None:
                comparable(newest, view)
    if view.feed is not Feed.COUNTS:
        found = found[:-1] if len(found) == FIRST_ROWS else found  # the last document may go on behind it
    pieces, flaws = rows.read(view.feed, found, view.view, view.formats)
    good, wrong = rows.possible(pieces)
    return tuple(good), (*flaws, *wrong), len(found)


def try_hand_over(mapping: HandOver, database: Database) -> int:
    """How many rows it has. Raises DatabaseGone."""
    asked = the_table(mapping)
    with database.connection() as connection:
        connection.execute(sa.select(*asked.c).limit(1)).all()
        return int(connection.execute(sa.select(sa.func.count()).select_from(asked)).scalar_one())
