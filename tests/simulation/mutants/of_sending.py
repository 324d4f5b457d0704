"""How an agent keeps, sends and settles its operations."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from agent import outbox
from agent.engine import sqlite3
from agent.errors import FileClosed
from agent.file_logs import FileOutbox
from agent.files import DataFile
from agent.hub import Hub
from agent.hub_errors import HubUnreachable
from agent.sender import Sender
from agent.transactions import Reading, Transaction
from domain.ids import uuid7
from domain.operations import Operation, OperationBody, PickCompleted
from domain.protocol import Outcome, OutcomeState
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes import (
    answers_lost,
    requests_lost,
    the_agent_dies_after_commits,
    the_line_goes_silent,
    the_power_fails,
)

_send, _pending, _connect, _stream, _put = Sender._send, outbox.pending, DataFile._connect, Hub.stream, outbox.put
_commit = DataFile._commit


def _with_new_keys(reading: Reading, limit: int) -> tuple[Operation, ...]:
    """Every try gets another key, and the answer is put to the operation it was for."""
    tried = _pending(reading, limit)
    fresh = tuple(msgspec.structs.replace(each, key=f"{each.key[:24]}{reading.now % 16**12:012x}") for each in tried)
    return fresh


async def _settle_by_number(self: FileOutbox, outcomes: Sequence[Outcome]) -> None:
    def settle(tx: Transaction) -> None:
        waiting = {each.key[:24]: each.key for each in _pending(tx)}
        outbox.settle(
            tx,
            [
                msgspec.structs.replace(outcome, key=waiting[outcome.key[:24]])
                for outcome in outcomes
                if outcome.key[:24] in waiting
            ],
        )

    await self._work.awrite(settle)


async def _settled_first(self: Sender, operations: Sequence[Operation]) -> None:
    """Out of the outbox, onto the wire."""
    await self._outbox.settle([Outcome(each.key, OutcomeState.DONE) for each in operations])
    await self._hub.send(operations, await self._outbox.confirmed(), self._session)


async def _settled_anyway(self: Sender, operations: Sequence[Operation]) -> None:
    """A timeout is taken for an answer."""
    try:
        await _send(self, operations)
    except HubUnreachable:
        await self._outbox.settle([Outcome(each.key, OutcomeState.DONE) for each in operations])


def _newest_first(reading: Reading, limit: int) -> tuple[Operation, ...]:
    return tuple(reversed(_pending(reading, limit)))[:1]


def _not_synced(self: DataFile) -> sqlite3.Connection:
    db = _connect(self)
    db.execute("PRAGMA synchronous=NORMAL")
    return db


_unsaid: list[tuple[OperationBody, str | None]] = []


def _kept_back(tx: Transaction, body: OperationBody, order_id: str | None = None) -> str:
    """The work is committed; what is to be said of it is written down a moment later."""
    if body.kind != PickCompleted.kind:
        return _put(tx, body, order_id)
    _unsaid.append((body, order_id))
    return uuid7(tx.now, tx.randomness)


def _commit_then_say(self: DataFile, jobs: list[Any]) -> None:
    _commit(self, jobs)
    while _unsaid:
        asyncio.get_running_loop().call_later(0.5, _say, self, *_unsaid.pop())


def _say(file: DataFile, body: OperationBody, order_id: str | None) -> None:
    with suppress(FileClosed):
        file._submit(lambda tx: _put(tx, body, order_id))


MUTANTS = (
    Mutant(
        "new key on retry",
        replaced((outbox, "pending", _with_new_keys), (FileOutbox, "settle", _settle_by_number)),
        answers_lost,
    ),
    Mutant("drop on send", replaced((Sender, "_send", _settled_first)), requests_lost),
    Mutant("settled without an answer", replaced((Sender, "_send", _settled_anyway)), requests_lost),
    Mutant("retry reorders one order", replaced((outbox, "pending", _newest_first)), requests_lost),
    Mutant("synchronous=NORMAL", replaced((DataFile, "_connect", _not_synced)), the_power_fails),
    Mutant(
        "work and word apart",
        replaced((outbox, "put", _kept_back), (DataFile, "_commit", _commit_then_say)),
        the_agent_dies_after_commits,
    ),
    Mutant(
        "silence unnoticed",
        replaced((Hub, "stream", lambda self, cursors, *, silence: _stream(self, cursors, silence=1e9))),
        the_line_goes_silent,
    ),
)
