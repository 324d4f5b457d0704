"""What passes between the loop and the writing threads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloud.database import Database
from cloud.memory import Memory
from cloud.received import Received
from cloud.transaction import AuditEntry, StockKey, Transaction
from cloud.vault import Vault
from domain.ids import Randomness
from domain.protocol import Head
from domain.times import Clock

Settle = Callable[[Any, BaseException | None], None]
"""Gives a waiter its answer or its error; must run in the loop's thread."""


@dataclass(frozen=True, slots=True)
class Run:
    job: Callable[[Transaction], Any]
    settle: Settle


@dataclass(frozen=True, slots=True)
class Accept:
    received: Received
    settle: Settle


Job = Run | Accept


@dataclass(frozen=True, slots=True)
class Committed:
    """One transaction's end: every answer of it, and what it leaves to tell."""

    answers: Sequence[tuple[Settle, Any, BaseException | None]]
    news: Sequence[Head] = ()
    happened: Sequence[AuditEntry] = ()
    stock_news: frozenset[StockKey] = frozenset()


Done = Callable[[Sequence[Committed]], None]


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a writing thread finds what its transactions are made of."""

    database: Database
    chain: str
    clock: Clock
    randomness: Randomness
    vault: Vault
    memory: Memory = field(default_factory=Memory)
