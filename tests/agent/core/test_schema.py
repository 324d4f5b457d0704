"""A data file of an earlier version is brought up to date with everything that is in it."""

from pathlib import Path

import pytest

from agent import slips
from agent.engine import sqlite3
from agent.files import WorkFile
from agent.schema.migrate import Schema, bring_up_to_date
from agent.schema.work import SCHEMA
from domain.slips import SlipKind, SlipState
from tests.agent.core.conftest import MASTER_KEY

FIRST = Path(__file__).parent / "schemas" / "work_0.1.sql"
"""The tables as version 0.1 made them, written down when it was shipped."""

ORDER = """INSERT INTO orders (order_id, channel, channel_order_id, shown_id, day_number, store, code, state, rider,
    placed_at, booked, prescription, pick_up, total, applied_at)
    VALUES ('o1', 'meituan', '1', '1', 1, 'S1', 'YO1', 'accepted', 'none', 1, 0, 0, 0, 100, 1)"""
SLIP = """INSERT INTO slips (number, slip_id, order_id, kind, issue, state, cause, evidence, printer, due_at,
    created_at, changed_at) VALUES (?, ?, 'o1', ?, 1, ?, ?, ?, '前台', 0, 1, 2)"""
CHANGE = "INSERT INTO slip_changes (slip_id, state, cause, evidence, printer, at) VALUES (?, ?, '', NULL, '前台', 2)"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """One slip printed, one held, and one that was taken away again after the newest number was given."""
    path = tmp_path / "work.db"
    steps = {"first": FIRST.read_text(encoding="utf-8").split(";\n"), "announcements": SCHEMA.steps["announcements"]}
    db = sqlite3.connect(path, isolation_level=None)
    bring_up_to_date(db, Schema("work", steps), str(path))
    db.execute(ORDER)
    db.execute(SLIP, (7, "s-printed", "picking", "printed", "", "B"))
    db.execute(SLIP, (9, "s-held", "stop", "held", "paper_out", None))
    for slip_id, state in (("s-printed", "accepted"), ("s-printed", "printed"), ("s-held", "held")):
        db.execute(CHANGE, (slip_id, state))
    db.close()
    return path


def test_slips_are_kept_and_their_numbers_go_on(old: Path) -> None:
    with WorkFile(old, master_key=MASTER_KEY) as work:
        printed, held = work.read(lambda reading: slips.of_order(reading, "o1"))
        test = work.write(lambda tx: slips.want(tx, SlipKind.TEST, pinned="前台"))
        newest = work.read(lambda reading: slips.get(reading, test))
        waiting = [one.slip_id for one in work.read(slips.waiting)]
    assert (printed.slip_id, printed.number, printed.evidence, printed.told) == ("s-printed", 7, "B", 2)
    assert (held.slip_id, held.state, held.cause, held.copy) == ("s-held", SlipState.HELD, "paper_out", 0)
    assert (newest.number, newest.order_id) == (10, "")
    assert waiting == ["s-held", test]


def test_a_second_opening_changes_nothing(old: Path) -> None:
    def rows() -> list[tuple[object, ...]]:
        with WorkFile(old, master_key=MASTER_KEY) as work:
            return work.read(lambda reading: [tuple(row) for row in reading.db.execute("SELECT * FROM slips")])

    assert rows() == rows()


def test_a_file_of_today_has_the_same_tables(old: Path, tmp_path: Path) -> None:
    def tables(path: Path) -> dict[str, str]:
        with WorkFile(path, master_key=MASTER_KEY) as work:
            rows = work.read(lambda reading: reading.db.execute("SELECT name, sql FROM sqlite_schema").fetchall())
        return {row["name"]: " ".join(str(row["sql"]).split()) for row in rows}

    assert tables(old) == tables(tmp_path / "new.db")
