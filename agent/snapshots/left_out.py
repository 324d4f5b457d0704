"""What an older program could not read is left out of its snapshots, or cast down. Once a newer one runs here, such a
log is taken from a snapshot again: nothing else would say it (facts/sync.md R6)."""

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
    """The log goes on from a snapshot of the kinds that this program knows."""
    known = msgspec.json.encode(introducing.ACCEPTS, order="deterministic").decode()
    tx.db.execute("INSERT OR REPLACE INTO snapshots (log, accepts) VALUES (?, ?)", (name, known))


def doubt(tx: Transaction) -> None:
    """At every start. Of a log that was followed from its first event nothing was left out."""
    for name in _incomplete(tx):
        log.warning("%s goes on from a snapshot that an older program took: it is taken again", name)
        cursors.doubt(tx, name)


def _incomplete(reading: Reading) -> Iterator[str]:
    for row in reading.db.execute("SELECT log, accepts FROM snapshots ORDER BY log").fetchall():
        then = _decode(row["accepts"])
        if any(then.get(kind, 0) < introducing.ACCEPTS[kind] for kind in _kinds(row["log"])):
            yield row["log"]


def _kinds(name: str) -> set[str]:
    """That may stand in this log."""
    of_log = {body.kind for body in CHAIN_LOGS[name]} if name in CHAIN_LOGS else introducing.ACCEPTS.keys() - _OF_CHAIN
    return of_log & introducing.ACCEPTS.keys()
