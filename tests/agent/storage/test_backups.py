"""Backups beside the running agent, and one put back in the place of the present file."""

import shutil
import threading
from pathlib import Path

import pytest

from agent import outbox, picks, slips, store
from agent.errors import DataDamaged
from agent.files import WorkFile
from agent.storage import backups, checking, story
from agent.storage.backups import LEFT_FREE, NoBackup, back_up
from agent.storage.rebuild import restore_work
from agent.storage.setting_aside import aside_of
from agent.transactions import Reading
from domain.operations import SaleRecorded
from domain.slips import SlipKind, SlipState
from domain.times import DAY, HOUR
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import NOON
from tests.agent.storage import store_files
from tests.agent.storage.store_files import MASTER_KEY, opened


def opened_as_it_is(path: Path) -> WorkFile:
    return WorkFile(path, master_key=MASTER_KEY, clock=store_files.clock)


def keys(reading: Reading) -> set[str]:
    return {operation.key for operation in outbox.pending(reading, 10_000)}


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(made: Path, tmp_path: Path) -> None:
    """The writer goes on: what it writes meanwhile is in the next one."""
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    with opened_as_it_is(path) as work:
        before, stop = work.read(keys), threading.Event()

        def sell() -> None:
            while not stop.is_set():
                work.write(lambda tx: outbox.put(tx, SaleRecorded("meanwhile", ())))

        selling = threading.Thread(target=sell)
        selling.start()
        try:
            copy = back_up(path.parent, clock)
        finally:
            stop.set()
            selling.join()
        written = work.read(keys)
    assert checking.check_whole(copy).wrong == "" and copy.stat().st_mode & 0o777 == 0o600
    in_copy = store_files.pending(copy).keys()
    assert before <= in_copy <= written
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]


def test_a_week_of_backups_is_kept_one_a_day_and_never_none(made: Path, tmp_path: Path) -> None:
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    for _ in range(9):
        back_up(path.parent, clock)
        clock.advance(HOUR)
        back_up(path.parent, clock)
        clock.advance(DAY - HOUR)
    kept = backups.all_backups(path.parent)
    assert len(kept) == 8 and all(clock.at - backups.made_at(each) <= 8 * DAY for each in kept)
    clock.advance(60 * DAY)
    last = back_up(path.parent, clock)
    assert backups.all_backups(path.parent) == [*kept[1:], last], "a shop that was closed loses none by being closed"


def nights(path: Path, clock: VirtualClock, count: int) -> list[Path]:
    made = list[Path]()
    for _ in range(count):
        made.append(back_up(path.parent, clock))
        clock.advance(DAY)
    return made


@pytest.mark.parametrize("wrong_at", [HOUR, NOON + 3650 * DAY], ids=["1970", "years ahead"])
def test_a_night_with_a_wrong_clock_costs_no_backup(made: Path, tmp_path: Path, wrong_at: int) -> None:
    """And what was made then is neither the newest for ever nor the first to go."""
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    before = nights(path, clock, 3)
    right, clock.at = clock.at, wrong_at
    wrong = back_up(path.parent, clock)
    assert backups.all_backups(path.parent) == [*before, wrong] and backups.newest_sound(path.parent) == wrong
    clock.at = right + DAY
    after = nights(path, clock, 4)
    assert backups.all_backups(path.parent) == [*before, wrong, *after]
    assert backups.newest_sound(path.parent) == after[-1]
    after += nights(path, clock, 4)
    assert backups.all_backups(path.parent) == after


def test_backups_named_as_they_once_were_are_older_than_any_since(made: Path, tmp_path: Path) -> None:
    """Also one of a clock that was years ahead then."""
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    folder = path.parent / backups.FOLDER
    names = ("work.20250101T030000Z.db", "work.20250101T040000Z.before-a_step.db", "work.20390101T030000Z.db")
    back_up(path.parent, clock)
    (of_now,) = folder.iterdir()
    for name in names:
        shutil.copyfile(of_now, folder / name)
    of_now.unlink()
    assert [each.name for each in backups.all_backups(path.parent)] == list(names)
    assert backups.newest_sound(path.parent) == folder / names[-1]
    since = nights(path, clock, 2)
    assert [each.name for each in backups.all_backups(path.parent)] == [*names, *(each.name for each in since)]
    told = restore_work(path, aside=aside_of(path, clock()), backup=folder / names[0], now=clock())
    assert told.backup == names[0]
    since += nights(path, clock, 6)
    assert backups.all_backups(path.parent) == since


def test_a_copy_that_is_not_sound_is_no_backup(made: Path, tmp_path: Path) -> None:
    """Pages are copied as they are: the copy of a damaged file would push the sound ones out."""
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    last = back_up(path.parent, clock)
    clock.advance(DAY)
    page = next(iter(store_files.page_of_each(path, store_files.pending(path)).values()))
    content = bytearray(path.read_bytes())
    content[page * store_files.PAGE : (page + 1) * store_files.PAGE] = bytes(store_files.PAGE)
    path.write_bytes(content)
    with pytest.raises(DataDamaged, match="not sound"):
        back_up(path.parent, clock)
    assert list(last.parent.iterdir()) == [last]


def test_without_room_the_last_backup_stays(made: Path, tmp_path: Path) -> None:
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    last = back_up(path.parent, clock)
    clock.advance(DAY)
    with pytest.raises(NoBackup, match="MB are free"):
        back_up(path.parent, clock, free=lambda _: LEFT_FREE)
    assert backups.all_backups(path.parent) == [last]


def test_a_backup_that_is_damaged_is_passed_over(made: Path, tmp_path: Path) -> None:
    path, clock = store_files.copy(made, tmp_path / "data"), VirtualClock()
    sound = back_up(path.parent, clock)
    clock.advance(DAY)
    back_up(path.parent, clock).write_bytes(b"no database at all")
    assert backups.newest_sound(path.parent) == sound


def test_what_was_done_since_the_backup_goes_along_when_it_is_restored(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    backup = back_up(path.parent, store_files.clock)
    with opened_as_it_is(path) as work:
        since = work.write(lambda tx: outbox.put(tx, SaleRecorded("since", ())))
        work.write(lambda tx: picks.mark_sold(tx, ["81999999999999999999"], "since"))
        waited = work.read(lambda reading: slips.of_order(reading, "o3", SlipKind.PICKING)[0])
        work.write(lambda tx: slips.change(tx, waited, SlipState.SENDING))
        work.write(lambda tx: slips.change(tx, slips.get(tx, waited.slip_id), SlipState.CONFIRMING))
        work.write(lambda tx: slips.change(tx, slips.get(tx, waited.slip_id), SlipState.PRINTED))
        work.write(lambda tx: store.put(tx, name="another name", incarnation="of before"))
        before = work.read(keys)
    told = restore_work(path, aside=aside_of(path, store_files.clock()), backup=backup, now=store_files.clock())
    assert (path.parent / told.aside).exists()
    with opened(path) as work:
        assert since in work.read(keys) and before <= work.read(keys)
        assert work.read(lambda reading: picks.sold_at(reading, "81999999999999999999")) is not None
        assert work.read(lambda reading: slips.get(reading, waited.slip_id)).state is SlipState.PRINTED
        assert work.read(store.identity).name == "another name"
        assert work.read(lambda reading: store.fact(reading, "incarnation")) == ""
        assert work.read(story.last)[0].what.backup == backup.name


def test_without_the_present_file_every_slip_that_waited_is_asked_about(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    backup = back_up(path.parent, store_files.clock)
    for file in path.parent.glob("work.db*"):
        file.unlink()
    restore_work(path, aside=aside_of(path, store_files.clock()), backup=backup, now=store_files.clock())
    with opened(path) as work:
        assert set(work.read(store_files.slip_states).values()) == {"unknown"}
        assert work.read(keys)


def test_before_an_update_changes_the_tables_there_is_a_copy(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.schema import work as schema
    from agent.schema.migrate import Schema
    from agent.storage import opening

    path = store_files.copy(made, tmp_path / "data")
    later = Schema("work", {**schema.SCHEMA.steps, "next_year": ("CREATE TABLE later (a TEXT) STRICT",)})
    monkeypatch.setattr(schema, "SCHEMA", later)
    opening.prepare(path.parent, store_files.clock)
    (copy,) = backups.all_backups(path.parent)
    assert copy.name.endswith(".before-next_year.db") and not checking.check(copy).wrong


def test_a_file_that_is_none_of_ours_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"x" * 9000)
    assert not backups.is_ours(other)
    with pytest.raises(DataDamaged):
        restore_work(tmp_path / "work.db", aside=tmp_path / "aside", backup=other, now=0)
    assert not (tmp_path / "work.db").exists() and [file.name for file in tmp_path.iterdir()] == ["other.db"]
