"""How a log begins anew: compacted, restored, from a snapshot."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agent import file_logs, incarnation, taking_over
from agent.snapshots.loading import load
from agent.transactions import Transaction
from cloud import eventlog, evidence, restoring, sweeper
from cloud.agents import Agent
from cloud.high_water import HighWater
from cloud.known import settled
from cloud.snapshots import writing
from cloud.snapshots.cache import Snapshot, SnapshotCache
from cloud.statements import Sql
from domain.protocol import Cursor, Head, Page, Report
from domain.times import Millis
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes import (
    a_log_is_compacted,
    an_old_image_knows_the_beginning,
    an_old_image_meets_an_old_snapshot,
)
from tests.simulation.scenes_of_hub import (
    the_hub_forgets_what_a_platform_said,
    the_hub_is_restored,
    the_hub_is_restored_to_before_an_update,
    the_hub_is_restored_twice,
    the_hubs_machine_forgets_a_session,
    the_hubs_machine_forgets_operations,
    the_hubs_machine_forgets_operations_of_a_busy_store,
)

_page, _write, _begin_anew = eventlog.page, writing.write, restoring.begin_anew
_NEXT_ID = Sql("SELECT log, log_id FROM log_heads WHERE chain = ?")
_COUNTED = Sql("UPDATE log_heads SET log_id = ?, head = head - ?, floor = floor - ? WHERE chain = ? AND log = ?")


def _whatever_is_left(*args: Any, **kwargs: Any) -> Page:
    """A cursor below the floor gets what there still is."""
    page = _page(*args, **kwargs)
    cursor: Cursor = kwargs["cursor"]
    if page.reset and cursor.log_id == page.head.log_id and cursor.seq < page.head.floor:
        kwargs["cursor"] = msgspec.structs.replace(cursor, seq=page.head.floor)
        return _page(*args, **kwargs)
    return page


def _counted(tx: Any, why: str) -> None:
    """The incarnation is a number in the same database, and the next one is one more."""
    before = _NEXT_ID.rows(tx.connection, tx.chain)
    _begin_anew(tx, why)
    rows = [(f"{int(log_id, 16) + 1:032x}", restoring.JUMP, restoring.JUMP, tx.chain, log) for log, log_id in before]
    _COUNTED.run(tx.connection, rows)
    tx.news.update((head.log, head) for head in eventlog.heads(tx.connection, tx.chain, [row[0] for row in before]))


def _load_all(tx: Transaction, *args: Any) -> Any:
    """Everything begins anew, what nobody has heard of as well."""
    tx.db.execute("DELETE FROM outbox WHERE state = 'pending'")
    return load(tx, *args)


async def _never(self: SnapshotCache, kept: Snapshot) -> bool:
    """A snapshot serves as long as its tail is short, whatever its store did since."""
    return False


def _head_of_later(path: Any, head: Head, *rest: Any) -> int:
    """The rows are read, then an event comes, then the head is read."""
    return _write(path, msgspec.structs.replace(head, seq=head.seq + 1), *rest)


def _not_shown(tx: Any, agent: Agent, confirmed: int, cursors: Sequence[Cursor]) -> bool:
    """What was confirmed proves nothing."""
    return False


async def _not_listened(self: HighWater, agent: Agent, report: Report) -> None:
    """What was confirmed is looked for in sessions and before newer operations only."""


def _whenever_it_came(connection: Any, chain: str, now: Millis, begun_at: Millis) -> dict[str, frozenset[str]]:
    """Also where it came before the hub was put back."""
    return settled(connection, chain, now, 0)


MUTANTS = (
    Mutant("no floor rule", replaced((eventlog, "page", _whatever_is_left)), a_log_is_compacted),
    Mutant(
        "counter log id",
        replaced((restoring, "begin_anew", _counted), (evidence, "of_operations", _not_shown)),
        the_hub_is_restored_twice,
    ),
    Mutant("reset drops the outbox", replaced((file_logs, "load", _load_all)), a_log_is_compacted),
    Mutant("snapshot and head read apart", replaced((writing, "write", _head_of_later)), a_log_is_compacted),
    Mutant("old snapshot serves", replaced((SnapshotCache, "_is_outdone", _never)), an_old_image_meets_an_old_snapshot),
    Mutant(
        "what is known was not packed",
        replaced((taking_over, "was_packed", lambda reading, order_id, done: False)),
        an_old_image_knows_the_beginning,
    ),
    Mutant(
        "restored hub believed",
        replaced(
            (incarnation, "send_again", lambda tx, reply, confirmed: 0),
            (incarnation, "send_all_again", lambda tx: 0),
        ),
        the_hub_is_restored,
    ),
    Mutant(
        "forgotten operations prove nothing",
        replaced((evidence, "of_operations", _not_shown)),
        the_hubs_machine_forgets_operations,
    ),
    Mutant(
        "reports prove nothing",
        replaced((HighWater, "reported", _not_listened)),
        the_hubs_machine_forgets_operations,
    ),
    Mutant(
        "newer operations hide the forgotten",
        replaced((evidence, "look_for", lambda tx, agent, confirmed: None)),
        the_hubs_machine_forgets_operations_of_a_busy_store,
    ),
    Mutant(
        "what just came is not asked about",
        replaced((sweeper, "settled", _whenever_it_came)),
        the_hub_forgets_what_a_platform_said,
    ),
    Mutant(
        "a forgotten session proves nothing",
        replaced((evidence, "of_token", lambda tx, token: False)),
        the_hubs_machine_forgets_a_session,
    ),
    Mutant(
        "only the newest sent again",
        replaced((incarnation, "send_all_again", lambda tx: 0)),
        the_hub_is_restored_to_before_an_update,
    ),
)
