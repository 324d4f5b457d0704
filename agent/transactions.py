"""What a job gets: a connection with a transaction open on it, the clock's word, and randomness."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from agent.engine import Connection
from agent.vault import Vault
from domain.ids import Randomness
from domain.times import Millis


class Topic(StrEnum):
    """What a commit changed, so that only those who care wake up."""

    ORDERS = "orders"
    SLIPS = "slips"
    OUTBOX = "outbox"
    STOCK = "stock"
    STORE = "store"
    CATALOGUE = "catalogue"
    ANNOUNCEMENTS = "announcements"


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent view of a file. Reading functions take it; a `Transaction` is one too."""

    db: Connection
    now: Millis
    vault: Vault


@dataclass(frozen=True, slots=True)
class Transaction(Reading):
    """A view that may be changed. The writer thread owns it; nothing may be awaited or kept of it."""

    randomness: Randomness
    touched: set[Topic] = field(default_factory=set)

    def touch(self, *topics: Topic) -> None:
        """Says what this commit changes."""
        self.touched.update(topics)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All or nothing of what happens inside, within the transaction. May be nested."""
        before = set(self.touched)
        self.db.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:  # a full disk makes SQLite take back the whole transaction by itself
                self.db.execute("ROLLBACK TO step")
                self.db.execute("RELEASE step")
            self.touched.intersection_update(before)
            raise
        self.db.execute("RELEASE step")
