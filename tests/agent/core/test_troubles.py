"""A printer that stands still is heard of after a while, until it is mended or somebody said 知道了."""

from dataclasses import replace

import pytest

from agent.printing.view import PrinterView
from agent.voice.troubles import LASTS, LASTS_ELSEWHERE, PrinterTroubles
from domain.times import Millis
from tests.agent.core.hub import NOON


def view(cause: str = "", name: str = "前台") -> PrinterView:
    return PrinterView(name, "tcp://x:9100", "blocked" if cause else "ready", cause)


def heard(troubles: PrinterTroubles, now: Millis, *views: PrinterView) -> list[str]:
    troubles.look(views, now)
    return [f"{one.printer} {one.cause}" for one in troubles.waiting(now)]


@pytest.mark.parametrize(
    ("cause", "lasts"), [("paper_out", LASTS), ("busy", LASTS_ELSEWHERE), ("unreachable", LASTS_ELSEWHERE)]
)
def test_after_a_while_until_it_is_mended(cause: str, lasts: Millis) -> None:
    troubles = PrinterTroubles()
    assert heard(troubles, NOON, view(cause)) == []
    assert troubles.next_at(NOON) == NOON + lasts
    assert heard(troubles, NOON + lasts - 1, view(cause)) == []
    assert heard(troubles, NOON + lasts, view(cause)) == [f"前台 {cause}"]
    assert troubles.next_at(NOON + lasts) is None
    assert heard(troubles, NOON + lasts + 1, view()) == []
    assert heard(troubles, NOON + lasts + 2, view(cause)) == [], "it begins anew"


def test_who_paused_a_printer_need_not_hear_of_it() -> None:
    troubles, paused = PrinterTroubles(), replace(view("paper_out"), paused=True)
    heard(troubles, NOON, paused)
    assert heard(troubles, NOON + LASTS, paused) == []


def test_another_cause_is_another_sentence() -> None:
    troubles = PrinterTroubles()
    heard(troubles, NOON, view("paper_out"))
    heard(troubles, NOON + LASTS, view("paper_out"))
    troubles.acknowledge(troubles.waiting(NOON + LASTS)[0].members)
    assert heard(troubles, NOON + LASTS, view("paper_out")) == []
    assert heard(troubles, NOON + LASTS, view("cover_open")) == ["前台 cover_open"]


def test_what_was_acknowledged_is_heard_when_it_comes_again() -> None:
    troubles = PrinterTroubles()
    heard(troubles, NOON, view("paper_out"))
    troubles.acknowledge([one.members[0] for one in troubles.waiting(NOON + LASTS)])
    assert heard(troubles, NOON + LASTS, view()) == []
    heard(troubles, NOON + 2 * LASTS, view("paper_out"))
    assert heard(troubles, NOON + 3 * LASTS, view("paper_out")) == ["前台 paper_out"]


def test_each_printer_for_itself() -> None:
    troubles = PrinterTroubles()
    heard(troubles, NOON, view("paper_out"), view(name="后台"))
    assert heard(troubles, NOON + LASTS, view("paper_out"), view("cutter", "后台")) == ["前台 paper_out"]
    assert [one.id for one in troubles.waiting(NOON + 2 * LASTS)] == ["printer-0", "printer-1"]
