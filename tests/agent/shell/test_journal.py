"""The log as it lies on the disk and on standard error, in a process of its own where that matters."""

import json
import logging
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agent import journal
from agent.config import LogLevel, Settings
from agent.journal import EARLIER_FILES, LARGEST_FILE, Journal
from agent.journal_lines import LONGEST
from tests.waiting import until

log = logging.getLogger("agent.test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Journal]:
    with journal.begin(Settings(data=str(tmp_path))) as made:
        yield made


def _level(of: Journal) -> LogLevel:
    return of.view.level


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "agent.log").read_text().splitlines()]


def test_a_line_says_when_how_bad_where_and_what(begun: Journal, folder: Path) -> None:
    log.warning("slip %s is %s", "s1", "held", extra={"slip": "s1", "order": "o1"})
    line = lines(folder)[-1]
    at = time.strptime(line.pop("at")[:19], "%Y-%m-%dT%H:%M:%S")
    assert abs(time.mktime(at) - time.mktime(time.gmtime())) < 5
    assert line == {"level": "warning", "where": "agent.test", "said": "slip s1 is held", "slip": "s1", "order": "o1"}


def test_it_is_for_the_agents_account_only(begun: Journal, folder: Path) -> None:
    assert stat.S_IMODE((folder / "agent.log").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_values_fields_and_traces_are_redacted(
    begun: Journal, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError("no phone number: 13987654321")
    except ValueError:
        log.exception("asked for %s", "Bearer abcdefgh", extra={"from": "+86 139 8765 4321"})
    written = (folder / "agent.log").read_text() + capsys.readouterr().err
    assert "Traceback" in written and "no phone number" in written
    assert "13987654321" not in written and "8765" not in written and "abcdefgh" not in written


def test_level_changes_at_once_and_falls_back_by_itself(begun: Journal, folder: Path) -> None:
    log.debug("before")
    begun.change_level(LogLevel.DEBUG, 30)
    assert begun.view.minutes_left is not None
    log.debug("meanwhile")
    begun.change_level(LogLevel.DEBUG, 0.1 / 60)
    until(lambda: lines(folder)[-1]["said"] == "the log level is info again")
    assert _level(begun) is LogLevel.INFO
    log.debug("after")
    said = [line["said"] for line in lines(folder)]
    assert "meanwhile" in said and "before" not in said and "after" not in said


def test_a_second_change_replaces_the_first(begun: Journal) -> None:
    begun.change_level(LogLevel.DEBUG, 0.2 / 60)
    begun.change_level(LogLevel.WARNING, 30)
    time.sleep(0.4)
    assert begun.view.level is LogLevel.WARNING
    begun.change_usual(LogLevel.DEBUG)
    assert begun.view.level is LogLevel.WARNING
    assert begun.change_level(LogLevel.DEBUG, 30).minutes_left is None, "that is the usual one now"


def test_libraries_are_heard_from_warnings_on(begun: Journal, folder: Path) -> None:
    begun.change_level(LogLevel.DEBUG, 1)
    logging.getLogger("httpx").info("HTTP Request: GET http://hub/edge/events")
    logging.getLogger("httpx").warning("something odd")
    said = [line["said"] for line in lines(folder)]
    assert "something odd" in said and not any("HTTP Request" in one for one in said)


def test_disk_use_is_bounded(begun: Journal, folder: Path) -> None:
    handler = next(one for one in logging.getLogger().handlers if isinstance(one, journal.LogFile))
    assert (handler.maxBytes, handler.backupCount) == (LARGEST_FILE, EARLIER_FILES)
    handler.maxBytes = 10 * LONGEST
    for _ in range(70):
        log.info("x" * (LONGEST + 1))
    files = sorted(folder.glob("agent.log*"))
    assert len(files) == 1 + EARLIER_FILES
    assert sum(file.stat().st_size for file in files) <= (1 + EARLIER_FILES) * handler.maxBytes
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_a_log_that_cannot_be_written_is_told_once(
    begun: Journal, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = next(one for one in logging.getLogger().handlers if isinstance(one, journal.LogFile))
    kept = handler.stream
    with suppress(OSError), Path("/dev/full").open("a") as handler.stream:
        for _ in range(3):
            log.info("nowhere to go")
    handler.stream = kept
    told = capsys.readouterr().err.count("cannot be written")
    log.info("goes on")
    assert told == 1
    assert lines(folder)[-1]["said"] == "goes on"


def test_a_thread_that_ends_by_an_error_is_in_the_log(begun: Journal, folder: Path) -> None:
    thread = threading.Thread(target=lambda: [][0], name="printer 前台")
    thread.start()
    thread.join()
    assert lines(folder)[-1]["said"] == "thread printer 前台 ended" and "IndexError" in lines(folder)[-1]["trace"]


def test_what_keeps_it_from_running_is_in_the_file(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(RuntimeError), journal.begin(Settings(data=str(tmp_path))):
        raise RuntimeError("the port is taken")
    assert lines(folder)[-1]["said"] == "the agent ends: the port is taken"


def test_everything_is_undone_at_the_end(tmp_path: Path) -> None:
    before = (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook)
    with journal.begin(Settings(data=str(tmp_path), log_level=LogLevel.DEBUG)):
        assert logging.getLogger("agent").level == logging.DEBUG
    assert (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook) == before
    assert logging.getLogger("agent").level == logging.NOTSET


RUN = """
import logging, sys
from agent import journal
from agent.config import Settings
with journal.begin(Settings(data=sys.argv[1])):
    logging.getLogger("agent.x").info("one line\\nand another")
    logging.getLogger("agent.x").error("bad")
    exec(sys.argv[2])
"""


def test_under_systemd_each_line_has_its_priority(tmp_path: Path) -> None:
    """The shell connects standard error to a file and names it as systemd does."""
    err = tmp_path / "stderr"
    names_it = 'JOURNAL_STREAM=$(stat -c %d:%i "$0") exec "$@" 2>>"$0"'
    err.touch()
    subprocess.run(
        ["sh", "-c", names_it, str(err), sys.executable, "-c", RUN, str(tmp_path), "pass"], check=True, timeout=20
    )
    assert err.read_text().splitlines() == ["<6>agent.x: one line", "<6>and another", "<3>agent.x: bad"]


def test_a_crash_of_the_interpreter_is_reported_by_the_next_start(tmp_path: Path, folder: Path) -> None:
    crash = "import faulthandler, signal, os; os.kill(os.getpid(), signal.SIGSEGV)"
    died = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), crash], capture_output=True, timeout=20, check=False
    )
    assert died.returncode < 0
    with journal.begin(Settings(data=str(tmp_path))):
        pass
    assert "the last run crashed" in lines(folder)[-1]["said"]
    assert "Segmentation fault" in (folder / journal.EARLIER_CRASH).read_text()
