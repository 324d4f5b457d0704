"""Which order lies in front of whom. A scanner that nobody signed in at serves the page used last: one counter with one
scanner and one page is one desk."""

from agent.staff import stations
from agent.transactions import Reading, Transaction
from domain.picks import PickState
from domain.times import MINUTE, Millis

IN_USE: Millis = 15 * MINUTE
"""A page untouched for so long has nobody in front of it, as far as a scanner between two pages goes."""


def holder(reading: Reading, station: str) -> str:
    """The station in whose name a station holds orders: a scanner's page, if it has one."""
    return page_of(reading, station) or station


def page_of(reading: Reading, station: str) -> str | None:
    """The page a scanner serves; None for one at which somebody works apart from all pages."""
    if stations.is_page(station):
        return station
    row = reading.db.execute("SELECT station FROM stations WHERE through = ?", (station,)).fetchone()
    if row is not None:
        return str(row["station"])
    if any(who.station == station for who in stations.at_scanners(reading)):
        return None
    return stations.last_page(reading)


def at(reading: Reading, station: str) -> str | None:
    """The order in front of this station: what was opened last, at the scanner or on its page. Between several pages
    in use, a scanner stays with the order it opened itself."""
    page = page_of(reading, station)
    own = _opened_at(reading, station)
    if page is None or page == station or (own is not None and _pages_in_use(reading) > 1):
        return own
    row = reading.db.execute(
        "SELECT order_id FROM desks WHERE device IN (?, ?) ORDER BY turn DESC", (station, page)
    ).fetchone()
    return None if row is None else str(row["order_id"])


def sit_down(tx: Transaction, station: str, order_id: str) -> None:
    tx.db.execute(
        "INSERT INTO desks (device, order_id, turn, used_at)"
        " VALUES (?, ?, (SELECT coalesce(max(turn), 0) + 1 FROM desks), ?)"
        " ON CONFLICT DO UPDATE SET order_id = excluded.order_id, turn = excluded.turn, used_at = excluded.used_at",
        (station, order_id, tx.now),
    )


def clear(tx: Transaction, order_id: str) -> None:
    """Nobody has it in front of them any more."""
    tx.db.execute("DELETE FROM desks WHERE order_id = ?", (order_id,))


def only_one(reading: Reading) -> tuple[str | None, bool]:
    """The only order in work, if there is just one; and whether any is."""
    rows = reading.db.execute("SELECT order_id FROM picks WHERE state = ? LIMIT 2", (PickState.PICKING,)).fetchall()
    return (str(rows[0]["order_id"]) if len(rows) == 1 else None), bool(rows)


def _opened_at(reading: Reading, station: str) -> str | None:
    row = reading.db.execute("SELECT order_id FROM desks WHERE device = ?", (station,)).fetchone()
    return None if row is None else str(row["order_id"])


def _pages_in_use(reading: Reading) -> int:
    row = reading.db.execute(
        "SELECT count(*) FROM stations WHERE station GLOB 'page:?*' AND used_at > ?", (reading.now - IN_USE,)
    ).fetchone()
    return int(row[0])
