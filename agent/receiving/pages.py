"""Which pages take goods in just now. A scanner that serves such a page reads goods for it, and no packs of orders."""

from agent.picking import desks
from agent.staff import stations
from agent.transactions import Reading, Transaction
from domain.times import MINUTE, Millis

FORGOTTEN: Millis = 3 * MINUTE
"""A page says every minute that it is there; one that was killed is forgotten."""


def put(tx: Transaction, station: str, *, on: bool) -> None:
    tx.db.execute("DELETE FROM receiving_pages WHERE station = ? OR since < ?", (station, tx.now - FORGOTTEN))
    if on:
        stations.use(tx, station)
        tx.db.execute("INSERT INTO receiving_pages (station, since) VALUES (?, ?)", (station, tx.now))


def takes_goods(reading: Reading, station: str) -> bool:
    """Of a scanner: whether the page it serves is such a page."""
    if stations.is_page(station):
        return False
    row = reading.db.execute(
        "SELECT 1 FROM receiving_pages WHERE station = ? AND since >= ?",
        (desks.page_of(reading, station), reading.now - FORGOTTEN),
    ).fetchone()
    return row is not None
