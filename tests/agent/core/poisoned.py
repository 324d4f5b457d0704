"""A process that takes up its data file and applies one page, of which one event may kill it. For its test to run.

python -m tests.agent.core.poisoned WORK_DB VERSION KILLED_BY [--forced]

Prints what it could apply, as JSON. KILLED_BY is the order whose urging ends the process at once, or `nothing`.
"""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from agent import apply, attempts, quarantine
from agent.apply import Applied, apply_page, retry_quarantined
from agent.files import WorkFile
from agent.recovery import take_up
from agent.transactions import Transaction
from domain.events import EventBody, OrderPlaced, OrderUrged
from domain.protocol import Head, Page
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.core.hub import LOG, NOON, event, order

POISON = 3
BODIES: tuple[EventBody, ...] = (
    OrderPlaced(order("o1")),
    OrderPlaced(order("o2")),
    OrderUrged("o1", NOON),
    OrderUrged("o1", NOON + 1),
    OrderUrged("o2", NOON),
)
PAGE = Page(Head(LOG, "first", len(BODIES)), tuple(event(seq, body) for seq, body in enumerate(BODIES, 1)))


class Told(msgspec.Struct, frozen=True):
    """`urged` by order; `deaths` at the poison."""

    applied: Applied
    retried: int
    set_aside: tuple[int, ...]
    urged: dict[str, int]
    deaths: int


async def main(work_db: str, version: str, killed_by: str, forced: str = "") -> None:
    urge = apply._EFFECTS[OrderUrged]

    def deadly(tx: Transaction, body: EventBody) -> None:
        if isinstance(body, OrderUrged) and body.order_id == killed_by:
            os._exit(9)
        urge(tx, body)

    apply._EFFECTS[OrderUrged] = deadly
    with WorkFile(Path(work_db), master_key=MASTER_KEY) as work:
        retried = await take_up(work, version)
        applied = await work.awrite(lambda tx: apply_page(tx, PAGE))
        if forced:
            retried += await work.awrite(lambda tx: retry_quarantined(tx, (LOG, POISON)))
        rows = work.read(lambda view: view.db.execute("SELECT order_id, urged_at FROM orders").fetchall())
        told = Told(
            applied,
            retried,
            tuple(each.seq for each in work.read(lambda view: quarantine.listed(view, 10))),
            {row["order_id"]: row["urged_at"] for row in rows if row["urged_at"] is not None},
            work.read(lambda view: attempts.deaths(view, LOG, POISON)),
        )
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
