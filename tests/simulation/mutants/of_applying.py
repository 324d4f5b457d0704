"""How an agent applies events."""

from agent import cursors, file_logs, quarantine, recovery
from agent.apply import Applied, apply_page
from agent.file_logs import FileLog
from agent.follower import Follower
from agent.snapshots import left_out
from agent.transactions import Reading, Transaction
from domain.protocol import Cursor, Head, Page
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes import (
    a_frame_is_lost,
    an_event_fails_until_an_update,
    the_agent_dies_after_commits,
    the_last_frame_is_lost,
)
from tests.simulation.scenes_of_versions import (
    a_later_level_is_taken_first,
    a_question_is_settled_before_it_is_heard,
    an_older_program_follows,
    an_older_program_takes_a_snapshot,
    money_is_given_back_before_the_change_is_heard,
)


def _after(page: Page) -> Cursor:
    seq = page.events[-1].seq if page.events else page.head.seq
    return Cursor(page.head.log, page.head.log_id, seq)


def _effect_only(tx: Transaction, page: Page) -> Applied:
    with replaced((cursors, "move", lambda tx, cursor: None)):
        return apply_page(tx, page)


async def _cursor_first(self: FileLog, page: Page) -> Cursor:
    if not page.events:
        return (await self._file.awrite(lambda tx: apply_page(tx, page))).cursor
    before = await self.cursor()
    await self._file.awrite(lambda tx: cursors.move(tx, _after(page)))

    def as_before(tx: Transaction) -> Applied:
        with replaced((cursors, "cursor", lambda tx, log: before)):
            return _effect_only(tx, page)

    return (await self._file.awrite(as_before)).cursor


async def _effect_first(self: FileLog, page: Page) -> Cursor:
    applied = await self._file.awrite(lambda tx: _effect_only(tx, page))
    await self._file.awrite(lambda tx: cursors.move(tx, applied.cursor))
    return applied.cursor


class _Elsewhere:
    """Keeps the cursor in a file of its own beside the log's; both are written, one after the other."""

    def __init__(self) -> None:
        self._cursors: dict[tuple[str, str], Cursor] = {}

    def _key(self, log: FileLog) -> tuple[str, str]:
        return str(log._file.path), log.name

    async def apply(self, log: FileLog, page: Page) -> Cursor:
        before = await self.cursor(log)

        def from_there(tx: Transaction) -> Applied:
            with replaced((cursors, "cursor", lambda tx, name: before)):
                return _effect_only(tx, page)

        applied = await log._file.awrite(from_there)
        self._cursors[self._key(log)] = applied.cursor
        await log._file.awrite(lambda tx: cursors.move(tx, applied.cursor))
        return applied.cursor

    async def cursor(self, log: FileLog) -> Cursor:
        return self._cursors.get(self._key(log), Cursor(log.name, "", 0))


def _over_gaps(tx: Transaction, page: Page) -> Applied:
    """Takes what comes, whatever is missing before it."""
    known = cursors.cursor(tx, page.head.log)
    if page.events and known.log_id and page.events[0].seq > known.seq + 1:
        cursors.move(tx, Cursor(known.log, known.log_id, page.events[0].seq - 1))
    return apply_page(tx, page)


async def _deaf(self: Follower, head: Head) -> None:
    """A heartbeat is a sign of life, and says nothing."""


def _forgotten(tx: Transaction, forced: tuple[str, int] | None = None) -> int:
    """The newer program begins with what comes."""
    return tx.db.execute("DELETE FROM quarantine").rowcount


def _none(reading: Reading) -> frozenset[tuple[str, int]]:
    """Whatever took effect late is as good as if it had come in time."""
    return frozenset()


def _complete(tx: Transaction) -> None:
    """A snapshot is a snapshot."""


_elsewhere = _Elsewhere()

MUTANTS = (
    Mutant("cursor before effect", replaced((FileLog, "apply", _cursor_first)), the_agent_dies_after_commits),
    Mutant("effect before cursor", replaced((FileLog, "apply", _effect_first)), the_agent_dies_after_commits),
    Mutant(
        "cursor in the other file",
        replaced(
            (FileLog, "apply", lambda self, page: _elsewhere.apply(self, page)),
            (FileLog, "cursor", lambda self: _elsewhere.cursor(self)),
        ),
        the_agent_dies_after_commits,
    ),
    Mutant("no gap rule", replaced((file_logs, "apply_page", _over_gaps)), a_frame_is_lost),
    Mutant(
        "quarantine forgets the order",
        replaced((quarantine, "waits", lambda reading, order_id: False)),
        an_event_fails_until_an_update,
    ),
    Mutant(
        "set aside forgotten by the update",
        replaced((recovery, "retry_quarantined", _forgotten)),
        an_older_program_follows,
    ),
    Mutant("left out for good", replaced((left_out, "doubt", _complete)), an_older_program_takes_a_snapshot),
    *(
        Mutant(f"late is taken for new: {what}", replaced((quarantine, "overtaken", _none)), scene)
        for what, scene in (
            ("a question", a_question_is_settled_before_it_is_heard),
            ("an order", money_is_given_back_before_the_change_is_heard),
            ("a level", a_later_level_is_taken_first),
        )
    ),
    Mutant("heartbeat without head", replaced((Follower, "_compare", _deaf)), the_last_frame_is_lost),
)
