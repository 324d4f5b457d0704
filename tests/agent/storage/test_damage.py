"""A damaged work file: the agent starts, sends what can still be read, prints nothing twice, and says what happened."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from agent import outbox, slips, store
from agent.cursors import DOUBTED, cursor
from agent.engine import sqlite3
from agent.errors import SchemaTooNew
from agent.files import CacheFile, WorkFile
from agent.storage import backups, story
from agent.storage.opening import prepare
from agent.storage.story import Kind, Told
from agent.transactions import Reading
from domain.events import OrderPlaced
from domain.operations import SaleRecorded
from domain.slips import SlipState
from domain.times import MINUTE
from tests.agent.core.hub import LOG, Hub, order
from tests.agent.storage import store_files
from tests.agent.storage.store_files import DAMAGES, Damage, clock, opened, pending

SEEDS = int(os.environ.get("DAMAGE_SEEDS", "3"))
"""Of each kind of damage."""


def unseen(reading: Reading) -> tuple[Told, ...]:
    return story.unseen(reading)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_whatever_can_be_read_is_sent_and_the_rest_is_told(
    made: Path, tmp_path: Path, damage: Damage, seed: int
) -> None:
    path = store_files.copy(made, tmp_path / "data")
    before = pending(path)
    lies_on = store_files.page_of_each(path, before)
    printing = {slip_id for slip_id, state in _slips(path).items() if state == "sending"}
    touched = damage(path, Random(seed))
    with opened(path) as work:
        told, operations = work.read(unseen), work.read(lambda reading: outbox.pending(reading, 10_000))
        states = work.read(store_files.slip_states)
    after = {operation.key: bytes(operation.body) for operation in operations}
    readable = {key for key in before if lies_on[key] not in touched}
    assert readable <= after.keys(), f"{len(readable - after.keys())} operations that could be read were lost"
    assert all(after[key] == before[key] for key in readable)
    lost = len(before) - len(after)  # a bit inside a text changes it unseen until the night's check of the indexes
    if lost > 0:
        assert told and told[-1].what.kind is Kind.WORK_REBUILT
        assert told[-1].what.unsent_lost is None or told[-1].what.unsent_lost >= lost
    if told:
        assert (path.parent / told[-1].what.aside).exists()
    assert all(states.get(slip_id) in ("unknown", None) for slip_id in printing), "in doubt before, in doubt now"
    assert len(operations) == len({operation.number for operation in operations})


def _slips(path: Path) -> dict[str, str]:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return dict(db.execute("SELECT slip_id, state FROM slips").fetchall())
    finally:
        db.close()


def test_a_sound_file_is_left_alone(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    with opened(path) as work:
        assert work.read(unseen) == ()
    assert [file.name for file in path.parent.iterdir() if "damaged" in file.name] == []


def test_a_wal_that_is_gone_loses_what_was_in_it_and_nothing_else(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    whole = pending(path)
    with opened(path) as work:
        work.write(lambda tx: outbox.put(tx, SaleRecorded("late", ())))
        cut = store_files.copy(path.parent, tmp_path / "cut")
    cut.with_name("work.db-wal").unlink()
    with opened(cut) as work:
        left = {operation.key for operation in work.read(lambda reading: outbox.pending(reading, 10_000))}
    assert whole.keys() <= left


def test_a_backup_gives_back_what_the_damage_took(made: Path, tmp_path: Path) -> None:
    """The first page is gone, and with it who this store is: only the backup knows."""
    path = store_files.copy(made, tmp_path / "data")
    backups.back_up(path.parent, clock)
    store_files.first_page(path, Random(1))
    with opened(path) as work:
        told, identity = work.read(unseen), work.read(store.identity)
        orders, sold = work.read(_count("orders")), work.read(_count("sold"))
    assert (identity.store, identity.hub_url) == ("S1", "http://hub")
    assert (orders, sold) == (store_files.ORDERS, store_files.ORDERS)
    assert told[0].what.filled > 500 and told[0].what.backup


def test_a_slip_of_the_backup_that_may_have_been_printed_since_is_asked_about(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    backups.back_up(path.parent, clock)
    store_files.first_page(path, Random(1))
    with opened(path) as work:
        assert set(work.read(store_files.slip_states).values()) == {"unknown"}


def test_an_order_told_anew_after_lost_slips_is_asked_about_and_not_printed(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    store_files.first_page(path, Random(1))
    with opened(path) as work, CacheFile(path.with_name("cache.db"), clock=clock) as cache:
        hub = Hub(work, cache)
        hub.log_id = "after"
        hub.tell(OrderPlaced(order("o1")))
        hub.tell(OrderPlaced(order("o99", placed_at=clock() + MINUTE)))
        states = work.read(lambda reading: [slips.of_order(reading, each)[0].state for each in ("o1", "o99")])
    assert states == [SlipState.UNKNOWN, SlipState.ACCEPTED]


def test_a_file_that_is_gone_is_rebuilt_from_its_backup(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    before = pending(path)
    backups.back_up(path.parent, clock)
    for file in path.parent.glob("work.db*"):
        file.unlink()
    with opened(path) as work:
        told = work.read(unseen)
        after = {operation.key for operation in work.read(lambda reading: outbox.pending(reading, 10_000))}
    assert before.keys() <= after and told[0].what.kind is Kind.WORK_MISSING


def test_numbers_go_on_and_the_logs_are_read_anew(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    store_files.zero(path, Random(4))
    checking_finds = path.with_name("work.db.suspect")
    checking_finds.write_text("for the test", encoding="utf-8")
    with opened(path) as work:
        key = work.write(lambda tx: outbox.put(tx, SaleRecorded("new", ())))
        last = work.read(lambda reading: outbox.pending(reading, 10_000))[-1]
        at = work.read(lambda reading: cursor(reading, LOG))
    assert last.key == key and last.number > store_files.SALES
    assert at.seq == 0 and at.log_id == DOUBTED
    assert not checking_finds.exists()


@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_a_power_cut_between_the_renamings_loses_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    path = store_files.copy(made, tmp_path / "data")
    before = pending(path)
    store_files.zero(path, Random(3))
    path.with_name("work.db.suspect").write_text("for the test", encoding="utf-8")
    path.with_name("work.db-wal").write_bytes(b"")
    done, real = 0, Path.rename

    def cut(source: Path, target: Path) -> None:
        nonlocal done
        if done == renamed:
            raise PowerCut
        done += 1
        real(source, target)

    monkeypatch.setattr(Path, "rename", lambda self, target: cut(self, target))
    with suppress(PowerCut):
        prepare(path.parent, clock)
    assert done == renamed
    monkeypatch.undo()
    with opened(path) as work:
        after = {operation.key for operation in work.read(lambda reading: outbox.pending(reading, 10_000))}
        told = work.read(unseen)
    assert len(before.keys() - after) <= (told[0].what.unsent_lost or 0)
    assert len(list(path.parent.glob("work.db.damaged.*Z"))) == 1 and not list(path.parent.glob("*.rebuilt.*"))


class PowerCut(Exception):
    pass


def test_the_control_a_program_that_starts_fresh_is_caught(made: Path, tmp_path: Path) -> None:
    """What others do with a damaged database (facts/sync.md §2.4): the checks above would see it."""
    path = store_files.copy(made, tmp_path / "data")
    before = pending(path)
    for file in path.parent.glob("work.db*"):
        file.unlink()
    with WorkFile(path, master_key=store_files.MASTER_KEY, clock=clock) as work:
        assert before.keys() - {operation.key for operation in work.read(outbox.pending)}
        assert work.read(unseen) == ()


def test_a_damaged_cache_is_set_aside_and_told(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data").with_name("cache.db")
    store_files.first_page(path, Random(2))
    (happened,) = prepare(path.parent, clock).happened
    assert happened.kind is Kind.CACHE_REBUILT and (path.parent / happened.aside).exists()
    with CacheFile(path, clock=clock) as cache:
        assert cache.read(_count("products")) == 0


def test_a_newer_file_is_refused_and_left_alone(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('work', 'later', '2027')")
    db.close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="later"):
        prepare(path.parent, clock)
    assert path.read_bytes() == before


def _count(table: str) -> Callable[[Reading], int]:
    return lambda reading: int(reading.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
