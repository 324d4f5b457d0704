"""An event that kills the process, fails, or must be understood: the others go on (facts/sync.md R10)."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from agent import apply, attempts, quarantine, stopped_logs
from agent.apply import apply_page, retry_quarantined
from agent.crash_mark import CrashMark, Marked
from agent.engine import is_of_the_file, sqlite3
from agent.errors import NotFound
from agent.file_logs import FileLog
from agent.files import CacheFile, DataFile, WorkFile
from agent.recovery import take_up
from agent.stopped_logs import LogStopped
from agent.transactions import Transaction
from domain.events import CATALOGUE, Event, EventBody, OrderPlaced, OrderUrged, ProductPut
from domain.protocol import Cursor, Head, Page
from tests.agent.core.hub import AMOXICILLIN, LOG, NOON, Hub, event, order
from tests.agent.core.poisoned import PAGE, Told
from tests.agent.snapshots.making import header, loaded

DIED = 9


def life(folder: Path, *words: str) -> Told | None:
    """One life of the process; None where it died of the event."""
    command = [sys.executable, "-m", "tests.agent.core.poisoned", str(folder / "work.db"), *words]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    if done.returncode == DIED:
        return None
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=Told)


def test_an_event_that_kills_the_process_is_set_aside_after_its_third_death(tmp_path: Path) -> None:
    assert [life(tmp_path, "1.0", "o1") for _ in range(3)] == [None] * 3
    told = life(tmp_path, "1.0", "o1")
    assert told is not None, "the fourth life goes on"
    assert told.applied.cursor.seq == len(PAGE.events) and told.deaths == 3
    assert told.set_aside == (3, 4), "what follows of the same order waits behind it"
    assert told.urged == {"o2": NOON}, "the other order does not"

    told = life(tmp_path, "1.0", "o1")
    assert told is not None and told.retried == 0, "no start of this version meets it again"

    assert life(tmp_path, "1.1", "o1") is None, "a new version tries once"
    told = life(tmp_path, "1.1", "o1")
    assert told is not None and told.set_aside == (3, 4), "and then for good, until the next"

    assert life(tmp_path, "1.1", "o1", "--forced") is None, "a person may want it all the same"
    told = life(tmp_path, "1.1", "o1")
    assert told is not None and told.set_aside == (3, 4), "which costs one death, not a loop"

    told = life(tmp_path, "1.2", "nothing")
    assert told is not None and told.retried == 2 and told.set_aside == ()
    assert told.urged == {"o1": NOON + 1, "o2": NOON}, "both, in their order"


def left(folder: Path) -> Marked | None:
    """As the next process finds it."""
    with closing(CrashMark(folder / "work.mark")) as mark:
        return mark.left()


def test_a_death_between_events_is_nobodys(tmp_path: Path) -> None:
    with closing(CrashMark(tmp_path / "work.mark")) as mark:
        mark.put(LOG, 7)
        assert left(tmp_path) == Marked(LOG, 7)
        mark.clear()
        assert left(tmp_path) is None
        mark.put("store:with a much longer name than the next", 123456789)
        mark.put("a", 1)
        assert left(tmp_path) == Marked("a", 1)
    (tmp_path / "work.mark").write_bytes(b'{"log":"a","se')
    assert left(tmp_path) is None, "torn by a power cut"


async def died_at(file: DataFile, log: str, seq: int, times: int, version: str = "1.0") -> None:
    for _ in range(times):
        file.mark.put(log, seq)
        await take_up(file, version)


async def test_a_retry_that_killed_is_not_the_next_starts_first_act(hub: Hub, work: WorkFile) -> None:
    """It was set aside for failing; tried again at a start, it killed the process."""
    hub.tell(OrderUrged("o1", NOON))
    hub.tell(OrderPlaced(order("o2")))
    await died_at(work, LOG, 1, 3)
    assert work.read(lambda view: attempts.spent(view, LOG, 1))
    work.write(lambda tx: apply_page(tx, Page(Head(LOG, "first", 3), (event(3, OrderPlaced(order("o1"))),))))
    assert work.read(quarantine.count) == 2, "the placing waits behind it"
    assert await take_up(work, "1.0") == 0
    assert work.write(lambda tx: retry_quarantined(tx, (LOG, 1))) == 0, "a person's wish meets the rule, not the count"
    assert not work.read(lambda view: attempts.spent(view, LOG, 1))


def test_what_a_person_gave_up_holds_back_nothing(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderUrged("o1", NOON), OrderPlaced(order("o1")))
    assert work.read(quarantine.count) == 2
    work.write(lambda tx: quarantine.give_up(tx, LOG, 1, by="张三", why="已电话处理"))
    with pytest.raises(NotFound):
        work.write(lambda tx: quarantine.give_up(tx, LOG, 1, by="张三", why="again"))
    assert work.write(retry_quarantined) == 1 and work.read(quarantine.count) == 0
    assert work.read(lambda view: quarantine.raw(view, LOG, 1)), "what it said is kept"


def unknown(seq: int) -> Event:
    return Event(CATALOGUE, seq, "stop_sale.put", 1, NOON, msgspec.Raw(b"{}"), must_understand=True)


async def test_what_must_be_understood_stops_its_log_until_it_is(hub: Hub, cache: CacheFile, work: WorkFile) -> None:
    log = FileLog(CATALOGUE, cache)
    page = Page(Head(CATALOGUE, "first", 5), (event(3, ProductPut(AMOXICILLIN), log=CATALOGUE), unknown(4)))
    for _ in range(2):
        with pytest.raises(LogStopped, match="stop_sale.put"):
            await log.apply(page)
    assert await log.cursor() == Cursor(CATALOGUE, "first", 3), "what came before it is kept"
    (stopped,) = cache.read(stopped_logs.all_of)
    assert (stopped.seq, stopped.kind, stopped.v) == (4, "stop_sale.put", 1)
    assert cache.read(quarantine.count) == 0
    assert hub.tell(OrderPlaced(order("o1"))).applied == 1, "the store's own log goes on"

    known = event(4, ProductPut(AMOXICILLIN), log=CATALOGUE)
    assert (await log.apply(Page(Head(CATALOGUE, "first", 5), (known,)))).seq == 4
    assert cache.read(stopped_logs.all_of) == ()


async def test_a_recall_that_fails_or_kills_stops_too(hub: Hub, cache: CacheFile) -> None:
    broken = Event(CATALOGUE, 3, "recall.put", 1, NOON, msgspec.Raw(b'{"recall":{}}'))
    log, page = FileLog(CATALOGUE, cache), Page(Head(CATALOGUE, "first", 3), (broken,))
    with pytest.raises(LogStopped, match="ValidationError"):
        await log.apply(page)
    await died_at(cache, CATALOGUE, 3, 3)
    with pytest.raises(LogStopped, match="died at it 3 times"):
        await log.apply(page)
    assert (await log.cursor()).seq == 2


def mistaken(tx: Transaction, _: EventBody) -> None:
    tx.db.execute("SELECT * FROM nowhere")


def test_a_mistake_of_ours_in_sql_is_the_events_and_a_full_disk_is_not(
    hub: Hub, work: WorkFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    effects = dict(apply._EFFECTS)
    effects[OrderUrged] = mistaken
    monkeypatch.setattr(apply, "_EFFECTS", effects)
    applied = hub.tell(OrderUrged("o1", NOON), OrderPlaced(order("o2")))
    assert (applied.quarantined, applied.applied) == (1, 1)
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert is_of_the_file(full) and not is_of_the_file(ValueError())


async def test_deaths_of_another_incarnation_are_no_events_fault(work: WorkFile, tmp_path: Path) -> None:
    await died_at(work, LOG, 1, 3)
    loaded(work, tmp_path, header(log_id="second", seq=0))
    applied = work.write(lambda tx: apply_page(tx, Page(Head(LOG, "second", 1), (event(1, OrderPlaced(order("o1"))),))))
    assert (applied.applied, applied.quarantined) == (1, 0)
