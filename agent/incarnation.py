"""The incarnation of this agent's data: a random name that changes whenever the data are an older copy (facts/sync.md
R16). In this code base an incarnation is also called a *life* of the data.

With each session the hub names the newest operation that it has of this incarnation. If the outbox does not hold that
one, these data are an older copy that was put back: the agent goes on under a new incarnation, from snapshots. If the
outbox holds later ones that the hub had confirmed, the hub was put back: they are sent again under their old keys. In
both cases nothing in the outbox is lost, and nothing counts twice.
"""

import logging

from agent import cursors, outbox, store
from agent.transactions import Reading, Topic, Transaction
from domain.protocol import OutcomeState, SessionReply

log = logging.getLogger(__name__)

BYTES = 16
_NAME, _FROM = "incarnation", "incarnation_from"


def incarnation(tx: Transaction) -> str:
    """The present incarnation; made with the first session."""
    return store.fact(tx, _NAME) or _make(tx)


def known(reading: Reading) -> str:
    """The present incarnation; empty before the first session."""
    return store.fact(reading, _NAME)


def highest(reading: Reading) -> int:
    """The highest number that this outbox ever gave to an operation, though retention may have removed that one."""
    row = reading.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return 0 if row is None else int(row["seq"])


def is_older_copy(reading: Reading, reply: SessionReply) -> bool:
    """Whether these data are an older copy: the hub knows an operation of this incarnation that is not here.

    The number alone is not enough, so its key is compared too: an old copy that went on working offline has given the
    same numbers to other work.
    """
    if reply.number > highest(reading):
        return True
    row = reading.db.execute("SELECT key FROM outbox WHERE number = ?", (reply.number,)).fetchone()
    return row is not None and row["key"] != reply.key


def begin_anew(tx: Transaction) -> None:
    """Takes another incarnation and asks for snapshots. What waits in the outbox goes on waiting."""
    log.warning("these data are an older copy of what the hub knows: this agent goes on as another, from a snapshot")
    _make(tx)
    cursors.doubt(tx)


def confirmed(reading: Reading) -> int:
    """The number of the newest operation of this incarnation that the hub has confirmed; 0 for none."""
    newest = "SELECT number FROM outbox WHERE state = ? AND number > ? ORDER BY number DESC LIMIT 1"
    row = reading.db.execute(newest, (OutcomeState.DONE, began_after(reading))).fetchone()
    return 0 if row is None else int(row["number"])


def standing(reading: Reading) -> tuple[str, int]:
    """The present incarnation, and what was `confirmed` in it."""
    return known(reading), confirmed(reading)


def send_again(tx: Transaction, reply: SessionReply, confirmed: int) -> int:
    """Operations that the hub had confirmed and does not know any more wait to be sent again, under their old keys.
    Returns how many.

    `confirmed` must have been read before the session was asked for: the hub's answer cannot know what was confirmed
    meanwhile. The answer says nothing of earlier incarnations: if the hub lost anything, theirs are all sent again.
    """
    earlier = began_after(tx)
    again = _send_between(tx, max(reply.number, earlier), confirmed)
    if again:
        log.warning("the hub lost %d operations that it had confirmed: they are sent again", again)
        again += _send_between(tx, 0, earlier)
    return again


def send_all_again(tx: Transaction) -> int:
    """After the hub was restored: every operation that is still here is sent again, under its old key. Returns how
    many.

    Nobody knows which of them the hub has: it confirms some later than others with higher numbers, so the newest number
    that it names says nothing of those below. What it has, it answers as it did before.
    """
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
    """The number of the last operation before this incarnation began; 0 in the first."""
    return int(store.fact(reading, _FROM) or 0)


def _make(tx: Transaction) -> str:
    """Also notes where it begins: what was confirmed in an earlier incarnation is not looked for in this one."""
    made = tx.randomness(BYTES).hex()
    store.put(tx, **{_NAME: made, _FROM: str(highest(tx))})
    return made
