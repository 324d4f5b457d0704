"""How the hub takes operations and numbers events."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Connection, delete

from cloud import calls, eventlog, evidence, operations, tables
from cloud.agents import Agent
from cloud.codes import gathering
from cloud.embedded_writing import EmbeddedWriting
from cloud.jobs import Committed, Job, Run
from cloud.set_aside import entries as set_aside
from cloud.transaction import Transaction
from domain.operations import Operation, SaleRecorded
from domain.protocol import Head, Outcome, OutcomeState
from domain.times import HOUR
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes import (
    answer_lost_before_hours_alone,
    answers_lost,
    the_hub_dies_around_commits,
    the_last_box_is_sold_twice,
)
from tests.simulation.scenes_of_versions import an_old_image_meets_an_older_hub, an_older_hub_is_updated
from tests.simulation.writing import VirtualWriting

_before, _keep, _carry, _lock = operations._before, operations._keep, EmbeddedWriting._carry, eventlog._lock_heads
_outcome = operations._outcome


def _unknown(tx: Transaction, agent: Agent, key: str) -> None:
    """As if nothing had ever come under this key."""


def _keep_the_last(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes, outcome: Outcome) -> None:
    o = tables.operations.c
    tx.connection.execute(delete(tables.operations).where(o.chain == tx.chain, o.key == operation.key))
    _keep(tx, agent, operation, body_hash, outcome)


def _forget_old(tx: Transaction, agent: Agent, key: str) -> tuple[bytes, Outcome] | None:
    """A cache with a time limit."""
    o = tables.operations.c
    old = (o.chain == tx.chain, o.received_at < tx.now - HOUR)
    tx.connection.execute(delete(tables.operations).where(*old))
    return _before(tx, agent, key)


def _look_away(tx: Transaction, agent: Agent, confirmed: int) -> None:
    """Else a store tells the hub what it answered and lost."""


def _answer_first(self: EmbeddedWriting, group: Sequence[Job]) -> Committed:
    """The answer leaves, and what it says is written a moment later. Not what the caller leases and what is gathered:
    both go on as long as there is some."""
    if any(isinstance(job, Run) and _goes_on(job.job) for job in group):
        return _carry(self, group)
    with self._place.database.writing.connect() as connection, connection.begin() as transaction:
        place = self._place
        tx = Transaction(connection, place.chain, place.clock(), place.randomness, place.vault, place.memory)
        answers = self._answers(tx, group)
        transaction.rollback()
    asyncio.get_running_loop().call_later(0.2, _carry, self, group)
    return Committed(answers)


def _goes_on(job: object) -> bool:
    return job is gathering.gather or (isinstance(job, partial) and job.func is calls.due)


def _outcome_refusing(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes) -> Outcome:
    """A rule that does not hold is answered with no, whatever has happened."""
    if operation.kind == SaleRecorded.kind:
        return Outcome(operation.key, OutcomeState.REFUSED, "there is not enough of it")
    return _outcome(tx, agent, operation, body_hash)


class _Sequence:
    """Numbers from a sequence of their own, as an identity column gives them: no rollback takes one back."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], int] = {}

    def lock(self, tx: Transaction, logs: list[str]) -> dict[str, Head]:
        heads = _lock(tx, logs)
        counts = {log: sum(event.log == log for event in tx.pending) for log in logs}
        for log, head in heads.items():
            seq = max(head.seq, self._given.get((log, head.log_id), 0))
            self._given[log, head.log_id] = seq + counts[log]
            heads[log] = Head(log, head.log_id, seq, head.floor)
        return heads


_sequence = _Sequence()


def _done_all(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes) -> Outcome:
    """What an older hub cannot read it need not."""
    outcome = _outcome(tx, agent, operation, body_hash)
    return Outcome(operation.key, OutcomeState.DONE) if outcome.state is OutcomeState.UNKNOWN_KIND else outcome


def _none(connection: Connection, chain: str, store: str) -> Iterator[Operation]:
    """A snapshot tells what headquarters knows, not what it keeps unread."""
    return iter(())


MUTANTS = (
    Mutant(
        "no dedupe", replaced((operations, "_before", _unknown), (operations, "_keep", _keep_the_last)), answers_lost
    ),
    Mutant("time-limited dedupe", replaced((operations, "_before", _forget_old)), answer_lost_before_hours_alone),
    Mutant(
        "answer before commit",
        replaced((VirtualWriting, "_carry", _answer_first), (evidence, "look_for", _look_away)),
        the_hub_dies_around_commits,
        late=True,
    ),
    Mutant(
        "nothing waits behind an unknown kind",
        replaced((set_aside, "holds", lambda tx, store, order_id, key: False)),
        an_older_hub_is_updated,
    ),
    Mutant(
        "an unknown kind is answered as done", replaced((operations, "_outcome", _done_all)), an_older_hub_is_updated
    ),
    Mutant(
        "what is kept unread is not given back",
        replaced((set_aside, "waiting", _none)),
        an_old_image_meets_an_older_hub,
    ),
    Mutant("fact refused", replaced((operations, "_outcome", _outcome_refusing)), the_last_box_is_sold_twice),
    Mutant(
        "numbers survive a rollback", replaced((eventlog, "_lock_heads", _sequence.lock)), the_hub_dies_around_commits
    ),
)
