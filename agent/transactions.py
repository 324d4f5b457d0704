"""What a job gets: a connection with a transaction open on it, the clock's word, and randomness."""

import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, cast

from agent.crash_mark import CrashMark
from agent.engine import Connection
from agent.vault import Vault
from domain.ids import Randomness
from domain.times import Millis

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Topic(StrEnum):
    """What a commit changed, so that only those who care wake up."""

    ORDERS = "orders"
    SLIPS = "slips"
    WAITING = "waiting"
    """Slips that a printer may take now: more of them, others, or fewer because nobody needs them."""
    OUTBOX = "outbox"
    STOCK = "stock"
    STORE = "store"
    CATALOGUE = "catalogue"
    ANNOUNCEMENTS = "announcements"
    PRINTERS = "printers"
    BLOBS = "blobs"
    SET_ASIDE = "set_aside"
    """Events or operations that a person should look at: more of them, or fewer."""
    ERP = "erp"
    DIAGNOSIS = "diagnosis"
    """Headquarters wants one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent view of a file. Reading functions take it; a `Transaction` is one too."""

    db: Connection
    now: Millis
    vault: Vault


@dataclass(frozen=True, slots=True)
class Note:
    """One line for the log, written once what it tells is on the disk. `about` are its fields."""

    log: logging.Logger
    words: str
    values: tuple[object, ...]
    about: dict[str, object]

    def write(self) -> None:
        self.log.info(self.words, *self.values, extra=self.about)


@dataclass(frozen=True, slots=True)
class Transaction(Reading):
    """A view that may be changed. The writer thread owns it; nothing may be awaited or kept of it."""

    randomness: Randomness
    mark: CrashMark
    """Says at which event this process died, should it."""
    touched: set[Topic] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    _made: dict[tuple[Callable[..., object], Hashable], object] = field(default_factory=dict, init=False)

    def touch(self, *topics: Topic) -> None:
        """Says what this commit changes."""
        self.touched.update(topics)

    def once(self, make: Callable[["Transaction", K], T], about: K) -> T:
        """What `make` finds, looked for once however many events of a page ask. `about` names all that can change it
        within one job."""
        if (make, about) not in self._made:
            self._made[make, about] = make(self, about)
        return cast(T, self._made[make, about])

    def forget(self) -> None:
        """What was found `once`: another job, or one that was taken back, changes what there is to find."""
        self._made.clear()

    def note(self, log: logging.Logger, words: str, *values: object, **about: object) -> None:
        """A change of state for the log; what is taken back is not told. Ids and numbers only, no words of people."""
        self.notes.append(Note(log, words, values, about))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All or nothing of what happens inside, within the transaction. May be nested."""
        before, notes_before = set(self.touched), len(self.notes)
        self.db.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:  # a full disk makes SQLite take back the whole transaction by itself
                self.db.execute("ROLLBACK TO step")
                self.db.execute("RELEASE step")
            self.touched.intersection_update(before)
            del self.notes[notes_before:]
            self.forget()
            raise
        self.db.execute("RELEASE step")
