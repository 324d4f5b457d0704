"""How a transaction of the core begins and ends: what it collected is numbered and written just before COMMIT."""

from collections.abc import Iterator
from contextlib import contextmanager

from cloud import audit, eventlog, shelf
from cloud.database import Database
from cloud.transaction import AllTakenBack, Transaction
from cloud.vault import Vault
from domain.ids import Randomness
from domain.times import Clock


def finish(tx: Transaction) -> None:
    """The last thing before COMMIT. Heads are locked here and nowhere else: logs first, then audits, each sorted."""
    shelf.tell_untold(tx)
    eventlog.number(tx)
    audit.chain_up(tx)


@contextmanager
def transact(
    database: Database, chain: str, clock: Clock, randomness: Randomness, vault: Vault
) -> Iterator[Transaction]:
    """One transaction by itself: for command lines and tests. A running hub goes through `cloud.writer`."""
    try:
        with database.write() as connection:
            tx = Transaction(connection, chain, clock(), randomness, vault)
            yield tx
            finish(tx)
    except AllTakenBack as taken:
        raise taken.error from taken
