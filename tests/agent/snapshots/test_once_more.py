"""After the hub was put back, nobody knows what the first snapshot contains: another is asked for once nothing told is
in doubt."""

import asyncio
from pathlib import Path

from agent import incarnation, outbox, stock, store
from agent.cursors import DOUBTED, cursor
from agent.file_logs import FileOutbox
from agent.files import WorkFile
from domain.events import StockSet
from domain.operations import SaleLine
from domain.protocol import Outcome, OutcomeState
from domain.quantity import units
from tests.agent.core.hub import LOG, STORE, Hub
from tests.agent.snapshots.making import header, loaded


def sell(work: WorkFile) -> str:
    work.write(lambda tx: stock.record_sale(tx, [SaleLine("AMX", units(1))]))
    return work.read(outbox.pending)[-1].key


def answer(work: WorkFile, key: str) -> None:
    asyncio.run(FileOutbox(work).settle([Outcome(key, OutcomeState.DONE)]))


def is_doubted(work: WorkFile) -> bool:
    return work.read(lambda reading: cursor(reading, LOG)).log_id == DOUBTED


def put_back(hub: Hub, work: WorkFile, folder: Path) -> tuple[str, str]:
    """Two sales, the first of them confirmed before; both are in doubt."""
    work.write(lambda tx: store.put(tx, store=STORE))
    work.write(incarnation.incarnation)
    hub.tell(StockSet("AMX", units(100), ""))
    confirmed = sell(work)
    answer(work, confirmed)
    waiting = sell(work)
    assert not is_doubted(work), "as long as the hub is the same"
    loaded(work, folder, header(log_id="another"), StockSet("AMX", units(50), "", heard={}))
    return confirmed, waiting


def test_when_all_in_doubt_is_answered(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    confirmed, waiting = put_back(hub, work, tmp_path)
    sell(work)
    for key, doubted in ((confirmed, False), (waiting, True)):
        answer(work, key)
        assert is_doubted(work) is doubted
    loaded(work, tmp_path, header(log_id="another"), StockSet("AMX", units(50), ""))
    answer(work, sell(work))
    assert not is_doubted(work), "one is enough"


def test_when_the_last_in_doubt_does_not_pass_the_door(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    confirmed, _ = put_back(hub, work, tmp_path)
    answer(work, confirmed)
    (last,) = work.read(outbox.pending)
    asyncio.run(FileOutbox(work).not_taken(last, "HTTP 422"))
    assert is_doubted(work), "no other answer comes before something else is done here"
