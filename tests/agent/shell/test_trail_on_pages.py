"""What the order's page tells of its trail."""

from agent.pages.steps import SHOWN, rows
from agent.pages.words import KEYS
from domain.trail import Step, StepKind


def step(kind: StepKind, detail: str, station: str = "page:0a1b2c3d", name: str = "王芳") -> Step:
    return Step("o1", 1, 1_795_233_600_000, kind, "e1", name, station, "2026-11", detail, "")


def test_the_newest_step_stands_first_and_no_raw_bytes_are_shown() -> None:
    scanned = step(StepKind.SCANNED, '{"raw":"3831","rule":"R8-expired","code":"81234560000000000017","line_id":1}')
    begun = step(StepKind.STARTED, "{}", station="/dev/serial/by-id/usb-scanner", name="")
    newest, oldest = rows([begun, scanned])
    assert (newest.kind, newest.name, newest.station) == (StepKind.SCANNED, "王芳", "page")
    assert newest.details == (("rule", "R8-expired"), ("code", "…000017"))
    assert (oldest.station, oldest.details) == ("usb-scanner", ())


def test_what_went_well_needs_no_rule() -> None:
    (row,) = rows([step(StepKind.SCANNED, '{"rule":"ok","lot":"","packs":2}')])
    assert row.details == (("packs", "2"),)


def test_every_detail_has_its_word() -> None:
    assert {f"detail.{key}" for key in SHOWN} <= KEYS
