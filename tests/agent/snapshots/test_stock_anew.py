"""A snapshot's stock is of the moment it was made, whatever the store did, told or was answered until it is loaded."""

from pathlib import Path

import msgspec
import pytest

from agent import incarnation, outbox, stock
from agent.files import WorkFile
from domain.events import StockSet
from domain.operations import SaleLine
from domain.protocol import Outcome, OutcomeState
from domain.quantity import units
from tests.agent.core.hub import Hub
from tests.agent.snapshots.making import header, loaded

ON_HAND = "SELECT on_hand FROM stock"


@pytest.mark.parametrize(
    ("heard", "left"), [({}, 47), ({"mine": 1}, 48), ({"mine": 3}, 50), ({"of another": 3}, 47), (None, 49)]
)
def test_what_it_does_not_contain_is_done_again(
    hub: Hub, work: WorkFile, tmp_path: Path, heard: dict[str, int] | None, left: int
) -> None:
    """Three sales, of which the first two are answered. One that does not say what it contains is an older hub's."""
    hub.tell(StockSet("AMX", units(100), ""))
    mine = work.write(incarnation.incarnation)
    for _ in range(3):
        work.write(lambda tx: stock.record_sale(tx, [SaleLine("AMX", units(1))]))
    keys = [operation.key for operation in work.read(outbox.pending)]
    work.write(lambda tx: outbox.settle(tx, [Outcome(key, OutcomeState.DONE) for key in keys[:2]]))
    said = None if heard is None else {mine if life == "mine" else life: number for life, number in heard.items()}
    loaded(work, tmp_path, msgspec.structs.replace(header(), heard=said), StockSet("AMX", units(50), ""))
    assert work.read(lambda view: view.db.execute(ON_HAND).fetchone())["on_hand"] == units(left)
