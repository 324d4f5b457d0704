"""What the hub's core works in: one database transaction with its clock, randomness and what it leaves to do.

Events and audit entries are collected here and written once, at the end (`cloud.commit`): numbers are then given in one
go, and locks are taken in one order everywhere: orders, stock keys, heads of logs, heads of audits, each sorted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from cloud import sqlite
from cloud.memory import Memory
from cloud.statements import Sql
from cloud.vault import Vault
from domain.events import EventBody
from domain.ids import Randomness, uuid7
from domain.protocol import Head
from domain.times import Millis

StockKey = tuple[str, str]
"""(store, sku)."""
_SAVEPOINT, _RELEASE = Sql("SAVEPOINT step"), Sql("RELEASE SAVEPOINT step")
_ROLLBACK = Sql("ROLLBACK TO SAVEPOINT step")


class AllTakenBack(BaseException):
    """The database took back more than the savepoint: all that was done since BEGIN, as SQLite does on a full disk.

    No rule may catch it and go on: what went before was to be answered as kept, and what came after would be committed
    by itself.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class AuditEntry(msgspec.Struct, frozen=True):
    """One line of the audit. `store` is "" for the chain's own. Nothing about a person stands in it."""

    store: str
    at: Millis
    actor: str
    action: str
    subject: str
    detail: str


class PendingEvent(msgspec.Struct, frozen=True):
    """An event before it has its number. `personal` names the records that travel beside it."""

    log: str
    body: EventBody
    order_id: str | None
    personal: tuple[str, ...]


class Cause(msgspec.Struct, frozen=True):
    """The operation of a store that is being applied: the incarnation of the store's data, and its number there."""

    incarnation: str
    number: int


@dataclass(slots=True)
class Transaction:
    """`news` (where logs with new events stand), `happened` and `stock_news` are for after the commit.

    `may_retry`: this is not the last attempt, so a conflict with another transaction is passed on, not settled here.
    """

    connection: Connection
    chain: str
    now: Millis
    randomness: Randomness
    vault: Vault
    memory: Memory = field(default_factory=Memory)
    may_retry: bool = False
    news: dict[str, Head] = field(default_factory=dict)
    happened: list[AuditEntry] = field(default_factory=list)
    stock_news: set[StockKey] = field(default_factory=set)
    pending: list[PendingEvent] = field(default_factory=list)
    keys: dict[str, AESGCM | None] = field(default_factory=dict)
    """Of the persons met in this transaction, by subject; None for one that was erased."""
    cause: Cause | None = None
    of_earlier_life: bool = False
    """What is applied now was done by an earlier incarnation of the store's data, which does not know it any more."""
    untold: set[StockKey] = field(default_factory=set)
    """Levels that moved so without their stores knowing it; `cloud.commit` tells them before the commit."""

    def new_id(self) -> str:
        return uuid7(self.now, self.randomness)

    @property
    def locks_rows(self) -> bool:
        """PostgreSQL: several transactions at once. SQLite has one writer, and no `FOR UPDATE`."""
        return self.connection.dialect.name != "sqlite"

    @contextmanager
    def applying(self, cause: Cause) -> Iterator[None]:
        self.cause = cause
        try:
            yield
        finally:
            self.cause = None

    @contextmanager
    def telling(self, of_earlier_life: bool) -> Iterator[None]:
        self.of_earlier_life = of_earlier_life
        try:
            yield
        finally:
            self.of_earlier_life = False

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All of the block or nothing of it, the collected events and audit entries included."""
        events, entries = len(self.pending), len(self.happened)
        stock_news, untold = set(self.stock_news), set(self.untold)
        _SAVEPOINT.do(self.connection)
        try:
            yield
            _RELEASE.do(self.connection)
        except BaseException as error:
            self._take_back(error)
            del self.pending[events:], self.happened[entries:]
            self.stock_news, self.untold = stock_news, untold
            self.memory.forget()
            self.keys.clear()
            raise

    def _take_back(self, error: BaseException) -> None:
        if not self.locks_rows and not sqlite.in_transaction(self.connection):
            raise AllTakenBack(error) from error
        _ROLLBACK.do(self.connection)
        _RELEASE.do(self.connection)
