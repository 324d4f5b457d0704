"""The latest time this installation knows of."""

from agent import time_floor
from agent.files import WorkFile
from domain.times import DAY, HOUR, MINUTE
from tests.agent.core.conftest import VirtualClock


def test_a_clock_that_goes_back_is_noticed(work: WorkFile, clock: VirtualClock) -> None:
    assert work.read(time_floor.behind) == 0
    work.write(lambda tx: time_floor.note(tx, None))
    clock.advance(-time_floor.WORTH_SHOWING)
    assert work.read(time_floor.behind) == 0, "a few minutes are no news"
    clock.advance(-HOUR)
    assert work.read(time_floor.behind) == HOUR + 5 * MINUTE
    work.write(lambda tx: time_floor.note(tx, None))
    assert work.read(time_floor.behind) == HOUR + 5 * MINUTE, "its own word does not excuse it"


def test_headquarters_word_counts_above_a_clock_that_once_ran_ahead(work: WorkFile, clock: VirtualClock) -> None:
    clock.advance(400 * DAY)
    work.write(lambda tx: time_floor.note(tx, None))
    clock.advance(-400 * DAY)
    assert work.read(time_floor.behind) > 0
    work.write(lambda tx: time_floor.note(tx, 0))
    assert work.read(time_floor.behind) == 0
    work.write(lambda tx: time_floor.note(tx, 2 * HOUR))
    assert work.read(time_floor.behind) == 2 * HOUR
