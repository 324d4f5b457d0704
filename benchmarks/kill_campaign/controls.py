"""The negative controls: one store, a flaw, and the one moment in which it matters. The checker must say so."""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.kill_campaign.buyers import orders
from benchmarks.kill_campaign.course import come_to_rest, judged
from benchmarks.kill_campaign.field import Field
from benchmarks.kill_campaign.lives import Life
from benchmarks.kill_campaign.nest import Nest
from benchmarks.kill_campaign.records import reading
from tests.faults.lanes import Lane, Way

STORE = "S1"
ORDERS, PER_SECOND = 4, 8.0
_SOON_S = 20.0


def caught(flaw: str, folder: Path, nest: Nest, seed: int) -> int:
    """How much the checker counts of it."""
    scene, program = SCENES[flaw]
    flaws = (flaw, "") if program == "hub" else ("", flaw)
    folder.mkdir()
    wanted = orders(ORDERS, (STORE,), seed)
    with Field(folder, nest, wanted, stores=(STORE,), seed=seed, flaws=flaws) as field:
        scene(field)
        field.buyers.wait()
        found = judged(field, come_to_rest(field))
    return found.wrong


def _dies_by_itself(life: Callable[[Field], Life]) -> Callable[[Field], None]:
    """It kills itself at the moment, and is begun again."""

    def scene(field: Field) -> None:
        field.work(PER_SECOND)
        victim = life(field)
        if not victim.expect_end(_SOON_S):
            raise AssertionError("the flaw never struck")
        victim.begin()

    return scene


def _answer_lost(field: Field) -> None:
    """Nothing that the hub answers arrives for a moment: what it did is asked for again."""
    line = field.shops[0].line
    field.work(PER_SECOND)
    _wait_for(lambda: _count(field, "SELECT count(*) FROM outbox") > 0)
    line.set(Way(down=Lane(cut_after=0)))
    _wait_for(lambda: line.struck["cut down"] >= 4)
    line.heal()


def _line_gone(field: Field) -> None:
    """What is sent in this moment goes nowhere."""
    line = field.shops[0].line
    field.work(PER_SECOND)
    _wait_for(lambda: _count(field, "SELECT count(*) FROM orders") > 0)
    line.set(Way(hole=True))
    done = _count(field, "SELECT count(*) FROM outbox")
    _wait_for(lambda: _count(field, "SELECT count(*) FROM outbox") > done)
    time.sleep(0.5)
    line.heal()
    line.bury()


def _sent_twice(field: Field) -> None:
    """Requests come a second time, over another connection."""
    field.shops[0].line.replay(1000)
    field.work(PER_SECOND)


def _killed_in_print(field: Field) -> None:
    """The agent is killed while a slip is half on paper, and the printer goes on later."""
    shop = field.shops[0]
    shop.printer.fault("paper_out", after_lines=3)
    field.work(PER_SECOND)
    _wait_for(lambda: _count(field, "SELECT count(*) FROM slips WHERE state = 'confirming'") > 0)
    shop.life.kill()
    shop.printer.fault(None)
    shop.life.begin()


SCENES: dict[str, tuple[Callable[[Field], None], str]] = {
    "new_key_on_retry": (_answer_lost, "agent"),
    "cursor_first": (_dies_by_itself(lambda field: field.shops[0].life), "agent"),
    "answer_before_commit": (_dies_by_itself(lambda field: field.hub_life), "hub"),
    "drop_on_send": (_line_gone, "agent"),
    "sound_before_commit": (_dies_by_itself(lambda field: field.shops[0].life), "agent"),
    "prints_what_is_unknown": (_killed_in_print, "agent"),
    "no_dedupe": (_sent_twice, "hub"),
}
SHORT = ("new_key_on_retry", "cursor_first", "answer_before_commit")


def _count(field: Field, query: str) -> int:
    with reading(field.shops[0].work) as db:
        return int(db.execute(query).fetchone()[0])


def _wait_for(met: Callable[[], bool]) -> None:
    until = time.monotonic() + _SOON_S
    while not met():
        if time.monotonic() > until:
            raise AssertionError("the moment for the flaw did not come")
        time.sleep(0.02)
