"""An event of a snapshot that fails, kills, or must be understood: as one of its log (facts/sync.md R10)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent import apply, attempts, catalogue, quarantine, stopped_logs
from agent.apply import retry_quarantined
from agent.cursors import cursor
from agent.file_logs import FileLog
from agent.files import CacheFile, WorkFile
from agent.recovery import take_up
from agent.snapshots.fetching import Answer
from agent.stopped_logs import LogStopped
from agent.transactions import Transaction
from domain.events import CATALOGUE, EventBody, OrderPlaced, ProductPut, RecallPut, StockSet, StoreConfigured
from domain.orders import AcceptRule
from domain.protocol import Cursor
from domain.recalls import Recall, RecallKind
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, LOG, NOON, order
from tests.agent.snapshots.making import KEY, header, loaded, packed

STOCK = "SELECT sku, on_hand FROM stock"
SETTINGS = StoreConfigured("人民路店", AcceptRule.HUB, 0)
RECALL = RecallPut(Recall("R1", RecallKind.RECALL, "AMX", (), "召回", NOON))


class Killed(BaseException):
    """The process, at this point: nothing of it runs any more."""


class Hub:
    """Has one snapshot, for whoever asks."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @asynccontextmanager
    async def snapshot(self, log: str, etag: str, start: int, *, least: int) -> AsyncIterator[Answer]:
        yield Answer("one", KEY, start, len(self._content), self._from(start))

    async def _from(self, start: int) -> AsyncIterator[bytes]:
        yield self._content[start:]


def stumbles(tx: Transaction, body: object) -> None:
    raise ValueError("this version cannot")


def dies(tx: Transaction, body: EventBody) -> None:
    raise Killed


def settings_meet(monkeypatch: pytest.MonkeyPatch, effect: Callable[[Transaction, EventBody], None]) -> None:
    effects = dict(apply._EFFECTS)
    effects[StoreConfigured] = effect
    monkeypatch.setattr(apply, "_EFFECTS", effects)


def test_settings_that_fail_are_set_aside_and_the_rest_is_taken(
    work: WorkFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        settings_meet(patched, stumbles)
        loaded(work, tmp_path, header(), SETTINGS, StockSet("AMX", 5000, ""), OrderPlaced(order()))
    assert work.read(lambda view: cursor(view, LOG)).seq == 10
    assert [tuple(row) for row in work.read(lambda view: view.db.execute(STOCK).fetchall())] == [("AMX", 5000)]
    (kept,) = work.read(lambda view: quarantine.listed(view, 10))
    assert kept.kind == SETTINGS.kind and "this version cannot" in kept.why
    assert work.write(retry_quarantined) == 1, "another version can"


async def test_settings_that_kill_are_set_aside_after_the_third_death(
    work: WorkFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = (SETTINGS, OrderPlaced(order()))
    with monkeypatch.context() as patched:
        settings_meet(patched, dies)
        for _ in range(attempts.MOST):
            with pytest.raises(Killed):
                loaded(work, tmp_path, header(), *bodies)
            await take_up(work, "1.0")
        loaded(work, tmp_path, header(), *bodies)
        await take_up(work, "1.0")
    assert work.read(lambda view: cursor(view, LOG)).seq == 10
    (kept,) = work.read(lambda view: quarantine.listed(view, 10))
    assert "died at it 3 times" in kept.why, "and its count outlives the loading: no start of this version meets it"
    assert await take_up(work, "1.1") == 1, "the next one may"


async def test_a_product_that_fails_does_not_keep_the_recalls_away(
    cache: CacheFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = catalogue.put

    def one_fails(tx: Transaction, product: object) -> None:
        if product == AMOXICILLIN:
            raise ValueError("this version cannot")
        put(tx, IBUPROFEN)

    monkeypatch.setattr(catalogue, "put", one_fails)
    loaded(cache, tmp_path, header(CATALOGUE), ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN), RECALL)
    counted = "SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM recalls)"
    assert tuple(cache.read(lambda view: view.db.execute(counted).fetchone())) == (1, 1)
    assert cache.read(quarantine.count) == 1


async def test_a_recall_that_fails_stops_the_log_and_says_so(
    cache: CacheFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, hub = FileLog(CATALOGUE, cache), Hub(packed(header(CATALOGUE), ProductPut(AMOXICILLIN), RECALL))
    with monkeypatch.context() as patched:
        patched.setattr(catalogue, "put_recall", stumbles)
        for _ in range(2):
            with pytest.raises(LogStopped, match="recall.put"):
                await log.replace(hub)
    (stopped,) = cache.read(stopped_logs.all_of)
    assert (stopped.log, stopped.kind) == (CATALOGUE, "recall.put") and "this version cannot" in stopped.why
    assert await log.cursor() == Cursor(CATALOGUE, "", 0), "nothing of it was taken"
    assert (await log.replace(hub)).seq == 10
    assert cache.read(stopped_logs.all_of) == ()
