"""Takes in one pack after another, a receipt each, until it is killed."""

import sys
from pathlib import Path

from agent.catalogue import lookup_in
from agent.files import CacheFile, WorkFile
from agent.receiving import committing, drafts, scanning
from agent.receiving.editing import Edit, edit
from agent.staff import stations
from agent.transactions import Transaction
from domain.events import PolicySet
from domain.policy import ChainPolicy
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.core.hub import AMOXICILLIN, Hub
from tests.agent.goods.conftest import OURS
from tests.agent.picking.conftest import pack


def main(folder: Path) -> None:
    with WorkFile(folder / "work.db", master_key=MASTER_KEY) as work, CacheFile(folder / "cache.db") as cache:
        if work.read(lambda reading: reading.db.execute("SELECT count(*) FROM set_by_hub").fetchone()[0]) == 0:
            hub = Hub(work, cache)
            hub.teach(AMOXICILLIN)
            hub.tell(PolicySet(ChainPolicy(owners=OURS)))
        lookup = lookup_in(cache)
        number = work.read(lambda reading: reading.db.execute("SELECT count(*) FROM code_lots").fetchone()[0])

        def step(tx: Transaction) -> None:
            actor = stations.actor(tx, "page:1")
            scanning.scan(tx, pack(number), actor, lookup)
            draft = drafts.draft(tx, lookup)
            edit(tx, Edit(draft.lines[0].line_id, f"L{number % 7}", "2028-06-30", "2026-07-01"), lookup)
            committing.commit(tx, draft.receipt_id, actor, lookup)

        while True:
            work.write(step)
            number += 1
            print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
