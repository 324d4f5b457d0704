"""Who works where. A station is where one person stands: a tab of the page (`page:…`) or a scanner.

A scanner that nobody signed in at belongs to the page used last: a counter with one scanner needs one sign-in. A
sign-in ends when somebody ends it, when the station was idle for as long as the chain says, and when headquarters no
longer names the colleague.
"""

import logging

from agent import policy
from agent.errors import NotSignedIn
from agent.staff import colleagues
from agent.transactions import Reading, Topic, Transaction
from domain.staff import Actor, Staff
from domain.times import DAY, MINUTE

log = logging.getLogger(__name__)
PAGE = "page:"
"""How a page's station begins, and all of it for a request that does not say which tab it comes from."""
_FORGOTTEN = DAY
"""A tab unused for so long is closed."""


def actor(reading: Reading, station: str) -> Actor:
    """Who works there now; `staff_id` is empty where nobody is signed in."""
    staff = _at(reading, station)
    if staff is None and not is_page(station):
        staff = _at(reading, last_page(reading))
    return _acting(station, staff)


def worker(tx: Transaction, station: str) -> Actor:
    """As `actor`, for a step of work: the station is in use from now on. Raises NotSignedIn where the chain wants to
    know who picks and nobody is signed in."""
    who = actor(tx, station)
    use(tx, station)
    if must_sign_in(tx, who):
        raise NotSignedIn("请先刷工牌或输入密码登录")
    return who


def must_sign_in(reading: Reading, who: Actor) -> bool:
    """Where headquarters named nobody, nobody can."""
    return not who.staff_id and policy.in_force(reading).sign_in and bool(colleagues.everybody(reading))


def use(tx: Transaction, station: str) -> None:
    """Its idle time begins anew, and that of the page whose sign-in a scanner borrows."""
    borrowed = last_page(tx) if not is_page(station) and _at(tx, station) is None else station
    for used in {station, borrowed}:
        if _at(tx, used) is None:
            _leave(tx, used)  # what idled too long does not come back to life
        tx.db.execute(
            "INSERT INTO stations (station, used_at) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET used_at = excluded.used_at",
            (used, tx.now),
        )


def last_page(reading: Reading) -> str:
    """The page used last; the nameless one where none was."""
    row = reading.db.execute(
        "SELECT station FROM stations WHERE station GLOB 'page:*' ORDER BY used_at DESC, station LIMIT 1"
    ).fetchone()
    return PAGE if row is None else str(row["station"])


def at_scanners(reading: Reading) -> tuple[Actor, ...]:
    """Who signed in with a scanner of their own."""
    rows = reading.db.execute(
        "SELECT station FROM stations WHERE station NOT GLOB 'page:*' AND staff_id != '' ORDER BY station"
    ).fetchall()
    return tuple(who for row in rows if (who := _acting(row["station"], _at(reading, row["station"]))).staff_id)


def sign_in(tx: Transaction, staff: Staff, station: str) -> None:
    """Whoever worked there before is signed out. A badge read by a scanner also signs in the page beside it, unless
    somebody signed in there otherwise."""
    tx.db.execute("DELETE FROM stations WHERE used_at < ?", (tx.now - _FORGOTTEN,))
    _enter(tx, staff, station, "")
    page = last_page(tx)
    if not is_page(station) and (_at(tx, page) is None or _through(tx, page) == station):
        _enter(tx, staff, page, station)
    tx.note(log, "%s signed in at %s", staff.staff_id, station)
    tx.touch(Topic.STORE)


def sign_out(tx: Transaction, station: str) -> None:
    """With a page the scanner that signed it in, and the other way round; a scanner that borrows, the page."""
    with_it = {station, _through(tx, station)}
    if not is_page(station) and _at(tx, station) is None:
        with_it.add(last_page(tx))
    through = tx.db.execute("SELECT station FROM stations WHERE through = ?", (station,)).fetchall()
    for one in with_it | {str(row["station"]) for row in through}:
        _leave(tx, one)
    tx.touch(Topic.STORE)


def is_page(station: str) -> bool:
    return station.startswith(PAGE)


def _acting(station: str, staff: Staff | None) -> Actor:
    return Actor(station) if staff is None else Actor(station, staff.staff_id, staff.name, staff.roles)


def _at(reading: Reading, station: str) -> Staff | None:
    row = reading.db.execute("SELECT staff_id, used_at FROM stations WHERE station = ?", (station,)).fetchone()
    if row is None or not row["staff_id"]:
        return None
    idle = policy.in_force(reading).idle_sign_out_minutes * MINUTE
    if idle and reading.now - row["used_at"] > idle:
        return None
    return colleagues.find(reading, row["staff_id"])


def _through(reading: Reading, station: str) -> str:
    row = reading.db.execute("SELECT through FROM stations WHERE station = ?", (station,)).fetchone()
    return "" if row is None else str(row["through"])


def _enter(tx: Transaction, staff: Staff, station: str, through: str) -> None:
    tx.db.execute(
        "INSERT INTO stations (station, used_at, staff_id, since, through) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET used_at = excluded.used_at, staff_id = excluded.staff_id,"
        " since = excluded.since, through = excluded.through",
        (station, tx.now, staff.staff_id, tx.now, through),
    )


def _leave(tx: Transaction, station: str) -> None:
    tx.db.execute("UPDATE stations SET staff_id = '', since = NULL, through = '' WHERE station = ?", (station,))
