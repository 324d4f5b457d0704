"""Loads a snapshot: replaces everything that its log had caused here, and moves the cursor, in one transaction of the
file that the log lives in (facts/sync.md R4). Readers see the old state until it is committed."""

import logging

import msgspec

from agent import attempts, cursors, incarnation, quarantine, stopped_logs
from agent.contained import Heard
from agent.snapshots import left_out, of_chain, of_store, once_more
from agent.snapshots.reading import Snapshot, SnapshotUnusable
from agent.transactions import Transaction
from domain.events import STORE_LOGS
from domain.protocol import Cursor, SnapshotHeader

log = logging.getLogger(__name__)


class Replaced(msgspec.Struct, frozen=True):
    """Where the log stands now. `other`: it is another incarnation than before."""

    cursor: Cursor
    other: bool


def load(tx: Transaction, name: str, header: SnapshotHeader, snapshot: Snapshot) -> Replaced:
    """Raises `SnapshotUnusable` for one that is not this log's, or older than what is here, and `SnapshotStops`."""
    known = cursors.cursor(tx, name)
    if header.log != name:
        raise SnapshotUnusable(f"the snapshot is of {header.log}, not of {name}", spoilt=True)
    if known.log_id == header.log_id and header.seq < known.seq:
        raise SnapshotUnusable(f"the snapshot of {name} is of {header.seq}, {known.seq} was applied", spoilt=True)
    other = cursors.is_another(known, header.log_id)
    quarantine.clear(tx, name)
    stopped_logs.clear(tx, name)
    if name.startswith(STORE_LOGS):
        heard = None if header.heard is None else Heard(header.heard, header.left_out)
        of_store.load(tx, snapshot.events(), heard, other=other)
    else:
        of_chain.load(tx, name, snapshot.events())
    attempts.clear(tx, name)
    now = Cursor(name, header.log_id, header.seq)
    cursors.move(tx, now)
    left_out.remember(tx, name)
    if other and name.startswith(STORE_LOGS):
        incarnation.send_all_again(tx)
        once_more.ask(tx)
    tx.note(log, "%s goes on from a snapshot at %d (was at %d%s)", name, now.seq, known.seq, ", restored" * other)
    return Replaced(now, other)
