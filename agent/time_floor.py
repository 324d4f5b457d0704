"""The latest time this installation knows of. A clock that shows less was set back, or its battery is empty: people are
told, and nothing depends on it (facts/sync.md R15). What is removed for its age is old by headquarters' clock too."""

from agent import store
from agent.transactions import Reading, Transaction
from domain.times import MINUTE, Millis

_FACT, _TOLD = "time_seen", "time_told"
WORTH_SHOWING: Millis = 5 * MINUTE


def note(tx: Transaction, hub_ahead: Millis | None) -> None:
    """With headquarters' word (its clock less ours) that is the time, also where ours once ran ahead of it."""
    seen = tx.now + hub_ahead if hub_ahead is not None else max(floor(tx), tx.now)
    told = {_TOLD: str(seen)} if hub_ahead is not None else {}
    store.put(tx, **{_FACT: str(seen)}, **told)


def floor(reading: Reading) -> Millis:
    row = reading.db.execute("SELECT value FROM facts WHERE name = ?", (_FACT,)).fetchone()
    return int(row["value"]) if row is not None else 0


def behind(reading: Reading) -> Millis:
    """By how much this computer's clock is behind what was seen; 0 where it is not, or hardly."""
    by = floor(reading) - reading.now
    return by if by > WORTH_SHOWING else 0


def surely(reading: Reading) -> Millis:
    """So late it is whatever this computer's clock was set to: not later than headquarters said, if it ever did."""
    told = store.fact(reading, _TOLD)
    return min(reading.now, int(told)) if told else reading.now
