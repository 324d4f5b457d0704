"""Begins all logs anew after the hub was restored from a backup.

Such a hub has forgotten events that agents applied, and would give their numbers to other events. So every log becomes
another incarnation, with a new log id, and every agent begins with a snapshot (facts/sync.md R4, R5). The command that
restores says so; otherwise `cloud.high_water` notices it.
"""

import logging
from collections.abc import Mapping

from cloud import audit, eventlog, sessions
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.protocol import Cursor, Head
from domain.times import Millis

log = logging.getLogger(__name__)

JUMP = 1_000_000
"""The numbers go on so far ahead: none that any agent ever saw is given again, and a count that says up to which event
its store knew headquarters' levels is plainly from before."""

RESTORED = "hub.restored"
"""How the audit names it."""

_HEADS = Sql("SELECT log, log_id, head, floor FROM log_heads WHERE chain = ? ORDER BY log FOR UPDATE")
_ANEW = Sql("UPDATE log_heads SET log_id = ?, head = ?, floor = ?, restored_at = ? WHERE chain = ? AND log = ?")
_RESTORED_AT = Sql("SELECT restored_at FROM log_heads WHERE chain = ? AND log = ?")


def begin_anew(tx: Transaction, why: str) -> None:
    """Every log of the chain is another one from this commit on, and every agent introduces itself again."""
    heads = [
        Head(name, tx.randomness(eventlog.LOG_ID_BYTES).hex(), head + JUMP, head + JUMP)
        for name, _, head, _ in _HEADS.rows(tx.connection, tx.chain)
    ]
    _ANEW.run(tx.connection, [(head.log_id, head.seq, head.floor, tx.now, tx.chain, head.log) for head in heads])
    tx.news.update((head.log, head) for head in heads)
    sessions.end_all(tx, skip=JUMP)
    audit.append(tx, "", "hub", RESTORED, "", why)
    log.warning("the logs begin anew: %s", why)


def restored_at(tx: Transaction, name: str) -> Millis:
    """When the log's incarnation began because the hub was restored; 0 where it never was."""
    rows = _RESTORED_AT.rows(tx.connection, tx.chain, name)
    return int(rows[0][0]) if rows else 0


def is_ahead(head: Head, cursor: Cursor) -> bool:
    """Whether the cursor is beyond the head: an agent applied what this hub, as far as it knows, never wrote."""
    return cursor.log_id != "" and cursor.log_id == head.log_id and cursor.seq > head.seq


def believe(tx: Transaction, cursor: Cursor) -> bool:
    """True, and the logs begin anew: the agent with this cursor is ahead. Asked of the database, as the logs may have
    gone on or begun anew meanwhile."""
    found = eventlog.heads(tx.connection, tx.chain, [cursor.log])
    if not found or not is_ahead(found[0], cursor):
        return False
    begin_anew(tx, f"an agent has applied {cursor.seq} of {cursor.log}, the hub knows {found[0].seq}")
    return True


def went_back(tx: Transaction, known: Mapping[str, int]) -> bool:
    """True, and the logs begin anew: some log is gone or lower than this process saw it, as after a failover to a
    database that lagged behind. Logs that began anew meanwhile stand higher, so they are not mistaken for that."""
    now = {head.log: head.seq for head in eventlog.heads(tx.connection, tx.chain, known)}
    for name, seq in sorted(known.items()):
        if now.get(name, -1) < seq:
            begin_anew(tx, f"{name} stands at {now.get(name, 'nothing')}, and was at {seq} while the hub ran")
            return True
    return False
