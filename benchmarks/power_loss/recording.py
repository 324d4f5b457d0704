"""One store and its hub at work, each under the recorder, in one world for each mode, side by side, with the same
orders: `python -m benchmarks.power_loss.recording FOLDER ORDERS MODE…`, begun with the recorder preloaded.

What works there is the kill campaign's: whole programs with files, sockets, printer and scanner; orders are bought,
printed, picked, handed over. Here also a sale, a backup and a change of key, and both programs are killed once, so that
what recovery writes is recorded as well.
"""

import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from agent.engine import Connection
from agent.files import DataFile
from benchmarks.kill_campaign.buyers import orders
from benchmarks.kill_campaign.course import come_to_rest
from benchmarks.kill_campaign.field import UP_S, Field, wait_until
from benchmarks.kill_campaign.flaws import FLAWS
from benchmarks.kill_campaign.haste import swap
from benchmarks.kill_campaign.nest import Nest
from benchmarks.kill_campaign.shop import Away
from benchmarks.power_loss.worlds import EARLY, FULL, MODES, NORMAL, OFF, SIDES, STORE, Ledger, World
from cloud import sqlite
from domain.quantity import ONE
from tests.power import shim

SEED = 20_261_122
PER_SECOND = 6.0
CHECKPOINT_PAGES = 60
"""So that a run of seconds sees what a day sees."""
_PATIENCE_S = 90.0


def recorded(mode: str, folder: Path) -> None:
    """In a life, before its program begins; a second life goes on in the same log."""
    begun_as = folder.with_name(f"{folder.name}.begun")
    if not begun_as.exists():
        shutil.copytree(folder, begun_as)
    _set_pragmas(mode)
    if mode == EARLY:
        _be_early(folder.with_name(f"{folder.name}.marks"))
    shim.record(folder, folder.with_name(f"{folder.name}.power"))


def _set_pragmas(mode: str) -> None:
    pragmas = [f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}"]
    if mode in (NORMAL, OFF):
        pragmas.append(f"PRAGMA synchronous={mode}")
    connect, set_up = DataFile._connect, sqlite._set_up_writing

    def connected(self: DataFile) -> Connection:
        db = connect(self)
        for pragma in pragmas:
            db.execute(pragma)
        return db

    def set_up_further(connection: Any, entry: Any) -> None:
        set_up(connection, entry)
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    swap(DataFile, "_connect", connected)
    swap(sqlite, "_set_up_writing", set_up_further)


def _be_early(marks: Path) -> None:
    """Two flaws of the kill campaign. There each kills its program at the very moment, once; that is noted as done."""
    marks.mkdir(exist_ok=True)
    for flaw in ("answer_before_commit", "cursor_first"):
        (marks / f"{flaw}.died").touch()
        FLAWS[flaw](marks)


def live(world: World, nest: Nest, count: int) -> None:
    flaw = f"recorded {world.mode}"
    wanted = orders(count, (STORE,), SEED)
    world.folder.mkdir(parents=True)
    with Field(world.folder, nest, wanted, stores=(STORE,), seed=SEED, flaws=(flaw, flaw)) as field:
        field.work(PER_SECOND)
        shop = field.shops[0]
        _until(lambda: len(field.buyers.ledger.answered) >= count // 2)
        for path, body in (("/api/backup", {}), ("/api/device-key", {}), ("/api/sales", _SALE)):
            _surely(partial(shop.post, path, **body))
        if world.mode == FULL:
            for life in field.lives:
                life.kill()
                life.begin()
                wait_until(partial(field.is_up, life), UP_S)
        field.buyers.wait()
        if come_to_rest(field) is None:
            raise RuntimeError(f"the recorded world {world.mode} does not come to rest")
        field.leave()
        for life in reversed(field.lives):
            life.end()
        for side in SIDES:
            shutil.copytree(world.files(side), world.to_read(side))
        good = {verdict.code for verdict in field.ears[0].verdicts if verdict.good}
        ledger = Ledger(set(field.buyers.ledger.answered.values()), good, field.clerks[0].sold)
        world.ledger_file.write_bytes(msgspec.json.encode(ledger))


_SALE: dict[str, Any] = {"lines": [{"sku": "AMX", "quantity": ONE}]}


def _surely(ask: Callable[[], object]) -> None:
    """The page may just be on its way up."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            ask()
        except Away:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _until(met: Callable[[], bool]) -> None:
    wait_until(met, _PATIENCE_S)


def main(folder: Path, count: int, modes: list[str]) -> None:
    for mode in MODES:
        FLAWS[f"recorded {mode}"] = partial(recorded, mode)
    failed: list[threading.ExceptHookArgs] = []
    threading.excepthook = failed.append
    with ExitStack() as stack:
        nests = [stack.enter_context(Nest()) for _ in modes]  # before there is a second thread
        threads = [
            threading.Thread(target=live, args=(World(folder / mode, mode), nest, count), name=mode)
            for mode, nest in zip(modes, nests, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise RuntimeError("a recorded world failed") from failed[0].exc_value


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
