"""Negative controls: flaws of hub or agent, patched into a process ("life") before it begins. The campaign must catch
each of them. Where a flaw shows only between two steps, the process kills itself there, once."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from agent import cursors, outbox, slips
from agent.apply import Applied, apply_page
from agent.file_logs import FileLog, FileOutbox
from agent.scanners.worker import ScannerWorker
from agent.transactions import Reading, Transaction
from agent.verdicts import told
from benchmarks.kill_campaign.haste import swap
from cloud import operations
from cloud.embedded_writing import EmbeddedWriting
from cloud.jobs import Accept, Committed, Job
from cloud.transaction import Transaction as HubTransaction
from domain.operations import Operation
from domain.protocol import Cursor, Outcome, OutcomeState, Page
from domain.slips import IN_FLIGHT, SlipState

_LEAVES_S = 0.1
"""An answer that was let go is out of the house by then."""


def die_once(marks: Path, flaw: str) -> None:
    """At this very point, the first time only."""
    mark = marks / f"{flaw}.died"
    if not mark.exists():
        mark.touch()
        time.sleep(_LEAVES_S)
        os.kill(os.getpid(), signal.SIGKILL)


def new_key_on_retry(_: Path) -> None:
    """The agent: an operation that has to be sent again is sent under another key."""
    pending, settle = outbox.pending, outbox.settle
    seen: set[str] = set()
    real: dict[str, str] = {}

    def renamed(operation: Operation) -> Operation:
        if operation.key not in seen:
            seen.add(operation.key)
            return operation
        key = f"{operation.key[:-12]}{os.urandom(6).hex()}"
        real[key] = operation.key
        return msgspec.structs.replace(operation, key=key)

    def pending_again(reading: Reading, limit: int = 100) -> tuple[Operation, ...]:
        return tuple(map(renamed, pending(reading, limit)))

    def settled(tx: Transaction, outcomes: Iterable[Outcome]) -> None:
        settle(tx, [msgspec.structs.replace(one, key=real.get(one.key, one.key)) for one in outcomes])

    swap(outbox, "pending", pending_again)
    swap(outbox, "settle", settled)


def drop_on_send(_: Path) -> None:
    """The agent: an operation is done with as soon as it is sent, whatever becomes of it."""
    pending = FileOutbox.pending

    async def forgetful(self: FileOutbox, limit: int) -> Sequence[Operation]:
        operations = await pending(self, limit)
        await self.settle([Outcome(one.key, OutcomeState.DONE) for one in operations])
        return operations

    swap(FileOutbox, "pending", forgetful)


def cursor_first(marks: Path) -> None:
    """The agent: the cursor moves in a transaction of its own, before the effect."""

    async def apply(self: FileLog, page: Page) -> Cursor:
        before = await self.cursor()
        if page.events and before.log_id == page.head.log_id:
            ahead = Cursor(self.name, page.head.log_id, page.events[-1].seq)
            await self._file.awrite(lambda tx: cursors.move(tx, ahead))
            if any(event.kind == "order.placed" for event in page.events):
                die_once(marks, "cursor_first")
        return (await self._file.awrite(lambda tx: late(tx, before, page))).cursor

    def late(tx: Transaction, before: Cursor, page: Page) -> Applied:
        if before.log_id:
            cursors.move(tx, before)
        return apply_page(tx, page)

    swap(FileLog, "apply", apply)


def sound_before_commit(marks: Path) -> None:
    """The agent: a good verdict is heard while its transaction is still open."""
    real = ScannerWorker._judged

    def judged(self: ScannerWorker, scan: Any) -> Any:
        write = self._work.write

        def early(step: Callable[[Transaction], Any]) -> Any:
            def heard(tx: Transaction) -> Any:
                scanned = step(tx)
                verdict = told(scanned, scan.device)
                if verdict.good and verdict.line_id is not None:
                    self._hearing.on_verdict(verdict)
                    die_once(marks, "sound_before_commit")
                return scanned

            return write(heard)

        swap(self._work, "write", early)
        try:
            return real(self, scan)
        finally:
            swap(self._work, "write", write)

    swap(ScannerWorker, "_judged", judged)


def prints_what_is_unknown(_: Path) -> None:
    """The agent: a slip that was in flight at the crash is simply sent again."""

    def recover(tx: Transaction) -> int:
        return tx.db.execute(
            "UPDATE slips SET state = ? WHERE state IN (?, ?)", (SlipState.NOT_PRINTED, *IN_FLIGHT)
        ).rowcount

    swap(slips, "recover", recover)


def answer_before_commit(marks: Path) -> None:
    """The hub: a channel hears that its order was taken before it is on disk."""
    real = EmbeddedWriting._answers

    def answers(self: EmbeddedWriting, tx: HubTransaction, group: Sequence[Job]) -> Any:
        made = real(self, tx, group)
        self._done([Committed(made)])
        if any(isinstance(job, Accept) for job in group):
            die_once(marks, "answer_before_commit")
        return made

    swap(EmbeddedWriting, "_answers", answers)


def no_dedupe(_: Path) -> None:
    """The hub: an operation that comes again is done again."""
    before, keep = operations._before, operations._keep

    def kept(tx: HubTransaction, agent: Any, operation: Operation, *rest: Any) -> None:
        if before(tx, agent, operation.key) is not None:
            operation = msgspec.structs.replace(operation, key=f"{operation.key[:-12]}{os.urandom(6).hex()}")
        keep(tx, agent, operation, *rest)

    swap(operations, "_before", lambda *_: None)
    swap(operations, "_keep", kept)


FLAWS: dict[str, Callable[[Path], None]] = {
    flaw.__name__: flaw
    for flaw in (
        new_key_on_retry, drop_on_send, cursor_first, sound_before_commit, prints_what_is_unknown,
        answer_before_commit, no_dedupe,
    )
}  # fmt: skip
