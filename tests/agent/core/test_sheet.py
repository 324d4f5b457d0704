"""A scan of the set-up sheet is about the scanner: kept for its station, of no pick, and says what to do."""

from functools import partial

import pytest

from agent.catalogue import Lookup
from agent.files import WorkFile
from agent.scanners import known, sheet
from domain.codes import Code, Gs1Code, Part, TestCode
from domain.events import OrderPlaced
from domain.rules import Rule
from domain.scanner_sheet import CONTENTS, Fault, Level
from tests.agent.core.hub import Hub, line, order

GUN = "usb:0c2e:0b6a@1-2"


@pytest.mark.parametrize("part", list(Part))
def test_well_read(work: WorkFile, lookup: Lookup, part: Part) -> None:
    scanned = work.write(lambda tx: sheet.scan(tx, CONTENTS[part].encode(), GUN, lookup))
    assert scanned.code == TestCode(part) and scanned.verdict.good and scanned.order_id is None
    assert "读对了" in scanned.verdict.sentence and "read well" in scanned.verdict.english
    grade = sheet.graded(work.read(known.reads)[GUN])
    assert grade.level is None and part not in grade.missing


def test_graded_by_all_three_and_tried_again(work: WorkFile, lookup: Lookup) -> None:
    for part in Part:
        raw = CONTENTS[part].replace("\x1d", "").encode()
        scanned = work.write(partial(sheet.scan, raw=raw, station=GUN, lookup=lookup))
    assert not scanned.verdict.good
    grade = sheet.graded(work.read(known.reads)[GUN])
    assert (grade.level, grade.faults) == (Level.DIGITS_ONLY, (Fault.SEPARATOR_LOST,))
    work.write(lambda tx: sheet.scan(tx, CONTENTS[Part.SEPARATORS].encode(), GUN, lookup))
    assert sheet.graded(work.read(known.reads)[GUN]).level is Level.GOOD
    work.write(lambda tx: known.forget_reads(tx, GUN))
    assert work.read(known.reads) == {}


def test_a_scanner_that_sends_separators_is_believed(work: WorkFile, lookup: Lookup) -> None:
    """Without that knowledge a long serial nearly always reads in two ways."""

    def read() -> Code:
        return work.write(lambda tx: sheet.scan(tx, b"010690000000001421123456789012", GUN, lookup)).code

    believed = Gs1Code("06900000000014", "123456789012")
    assert read() != believed
    for raw in (CONTENTS[Part.SEPARATORS], CONTENTS[Part.SEPARATORS].replace("\x1d", ""), CONTENTS[Part.SEPARATORS]):
        work.write(partial(sheet.scan, raw=raw.encode(), station=GUN, lookup=lookup))
        assert (read() == believed) is ("\x1d" in raw)


def test_no_pick_hears_of_it(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    hub.tell(OrderPlaced(order("o1", line())))
    work.write(lambda tx: sheet.scan(tx, b"YO000000000001", GUN, lookup))
    work.write(lambda tx: sheet.scan(tx, CONTENTS[Part.DIGITS].encode(), GUN, lookup))
    rows = work.read(lambda reading: reading.db.execute("SELECT rule FROM scans").fetchall())
    assert [row["rule"] for row in rows] == [Rule.TAKEN]
