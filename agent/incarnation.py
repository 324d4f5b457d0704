"""Which life of its data this agent is in, and what the hub's answer says of it (facts/sync.md R16).

The hub names the newest operation that it has of this life. If the outbox does not hold that one, these data are an
older copy that was put back: the agent goes on in a new life, from snapshots. If the outbox holds later ones that the
hub has confirmed, the hub was put back: they are sent again under their old keys. In both cases nothing in the outbox
is lost, and nothing counts twice.
"""

import logging

from agent import cursors, outbox, store
from agent.transactions import Reading, Topic, Transaction
from domain.protocol import OutcomeState, SessionReply

log = logging.getLogger(__name__)

BYTES = 16
_NAME, _FROM = "incarnation", "incarnation_from"


def incarnation(tx: Transaction) -> str:
    """Made once, with the first session."""
    return store.fact(tx, _NAME) or _make(tx)


def known(reading: Reading) -> str:
    """Empty before the first session."""
    return store.fact(reading, _NAME)


def highest(reading: Reading) -> int:
    """Of any operation that this outbox ever held, though retention may have taken it since."""
    row = reading.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return 0 if row is None else int(row["seq"])


def is_older_copy(reading: Reading, reply: SessionReply) -> bool:
    """A number alone is not enough: an old copy that went on offline has given the same numbers to other work."""
    if reply.number > highest(reading):
        return True
    row = reading.db.execute("SELECT key FROM outbox WHERE number = ?", (reply.number,)).fetchone()
    return row is not None and row["key"] != reply.key


def begin_anew(tx: Transaction) -> None:
    """Another life: the store's log is taken from a snapshot. What waits in the outbox goes on waiting."""
    log.warning("these data are an older copy of what the hub knows: this agent goes on as another, from a snapshot")
    _make(tx)
    cursors.doubt(tx)


def confirmed(reading: Reading) -> int:
    """The number of the newest operation that the hub has confirmed in this life; 0 for none."""
    newest = "SELECT number FROM outbox WHERE state = ? AND number > ? ORDER BY number DESC LIMIT 1"
    row = reading.db.execute(newest, (OutcomeState.DONE, began_after(reading))).fetchone()
    return 0 if row is None else int(row["number"])


def standing(reading: Reading) -> tuple[str, int]:
    """This life, and what was `confirmed` in it."""
    return known(reading), confirmed(reading)


def send_again(tx: Transaction, reply: SessionReply, confirmed: int) -> int:
    """What the hub had confirmed and does not know any more waits again, under its old key. Returns how much.

    `confirmed` is from before the session was asked for: what was confirmed meanwhile the answer cannot know. Of the
    lives before this one the answer says nothing.
    """
    earlier = began_after(tx)
    again = _send_between(tx, max(reply.number, earlier), confirmed)
    if again:
        log.warning("the hub lost %d operations that it had confirmed: they are sent again", again)
        again += _send_between(tx, 0, earlier)
    return again


def send_all_again(tx: Transaction) -> int:
    """The hub was restored: nobody knows what it has. The newest number that it names says nothing of those below, as
    they are not confirmed in the order of their numbers. All that is still here goes again, under its old keys, and
    what the hub has it answers as it did. Returns how much."""
    again = _send_between(tx, 0, highest(tx)) + outbox.send_again(tx)
    if again:
        log.warning("the hub was restored: all %d operations that it had confirmed are sent again", again)
    return again


def _send_between(tx: Transaction, after: int, last: int) -> int:
    again = tx.db.execute(
        "UPDATE outbox SET state = 'pending', settled_at = NULL WHERE state = ? AND number > ? AND number <= ?",
        (OutcomeState.DONE, after, last),
    )
    if again.rowcount:
        tx.touch(Topic.OUTBOX)
    return again.rowcount


def began_after(reading: Reading) -> int:
    """The last operation of the lives before this one."""
    return int(store.fact(reading, _FROM) or 0)


def _make(tx: Transaction) -> str:
    """What was settled in an earlier life is not looked for in this one."""
    made = tx.randomness(BYTES).hex()
    store.put(tx, **{_NAME: made, _FROM: str(highest(tx))})
    return made
