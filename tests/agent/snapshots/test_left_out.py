"""An update brings what an older program's snapshot had to leave out, and asks for nothing else."""

from pathlib import Path

import pytest

from agent import introducing
from agent.cursors import DOUBTED, cursor
from agent.files import CacheFile, WorkFile
from agent.recovery import take_up
from domain.events import CATALOGUE, OrderPlaced, ProductPut, RefundChanged
from tests.agent.core.hub import AMOXICILLIN, LOG, Hub, order
from tests.agent.snapshots.making import header, loaded


async def log_id(file: WorkFile | CacheFile, name: str) -> str:
    """After a start of today's program."""
    await take_up(file, "2.0")
    return file.read(lambda view: cursor(view, name)).log_id


@pytest.mark.parametrize("then", [{}, {RefundChanged.kind: 0}], ids=["left out", "cast down"])
async def test_a_log_is_taken_again_that_an_older_program_took(
    work: WorkFile, cache: CacheFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: dict[str, int]
) -> None:
    known = {kind: version for kind, version in introducing.ACCEPTS.items() if kind != RefundChanged.kind}
    with monkeypatch.context() as older:
        older.setattr(introducing, "ACCEPTS", {**known, **then})
        loaded(work, tmp_path, header(), OrderPlaced(order()))
        loaded(cache, tmp_path, header(CATALOGUE), ProductPut(AMOXICILLIN))
        assert await log_id(work, LOG) == "first", "as long as the same program runs"
    assert await log_id(cache, CATALOGUE) == "first", "no refund stands in the catalogue"
    assert await log_id(work, LOG) == DOUBTED
    assert await log_id(work, LOG) == DOUBTED
    loaded(work, tmp_path, header(), OrderPlaced(order()))
    assert await log_id(work, LOG) == "first"


async def test_of_a_log_that_was_followed_from_its_beginning_nothing_is_missing(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    assert await log_id(work, LOG) == "first"
