"""Takes a snapshot anew after an update of the program (facts/sync.md R6).

The hub leaves out of a snapshot the kinds of events that the asking program does not know, and casts others down to an
older version. When a newer program that knows more starts on the same data, no event would ever tell it what was left
out: so the log is loaded from a snapshot again.
"""

import logging
from collections.abc import Iterator

import msgspec

from agent import cursors, introducing
from agent.transactions import Reading, Transaction
from domain.events import CHAIN_LOGS

log = logging.getLogger(__name__)

_decode = msgspec.json.Decoder(dict[str, int]).decode
_OF_CHAIN = {body.kind for bodies in CHAIN_LOGS.values() for body in bodies}


def remember(tx: Transaction, name: str) -> None:
    """Notes for which kinds of events this log's snapshot was made."""
    known = msgspec.json.encode(introducing.ACCEPTS, order="deterministic").decode()
    tx.db.execute("INSERT OR REPLACE INTO snapshots (log, accepts) VALUES (?, ?)", (name, known))


def doubt(tx: Transaction) -> None:
    """Call it at every start. A log that never needed a snapshot is complete: nothing was left out of it."""
    for name in _incomplete(tx):
        log.warning("%s goes on from a snapshot that an older program took: it is taken again", name)
        cursors.doubt(tx, name)


def _incomplete(reading: Reading) -> Iterator[str]:
    for row in reading.db.execute("SELECT log, accepts FROM snapshots ORDER BY log").fetchall():
        then = _decode(row["accepts"])
        if any(then.get(kind, 0) < introducing.ACCEPTS[kind] for kind in _kinds(row["log"])):
            yield row["log"]


def _kinds(name: str) -> set[str]:
    """The kinds of events that may stand in this log and that this program knows."""
    of_log = {body.kind for body in CHAIN_LOGS[name]} if name in CHAIN_LOGS else introducing.ACCEPTS.keys() - _OF_CHAIN
    return of_log & introducing.ACCEPTS.keys()
