"""One store through its share of the campaign: orders come, faults strike, the program is killed, a clerk answers.

python -m benchmarks.print_faults.ward SEED ORDERS KILLS FOLDER long|short prints the checker's findings as JSON.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.print_faults.checker import Findings, check
from benchmarks.print_faults.orders import Log
from benchmarks.print_faults.paper import Key, Papers
from benchmarks.print_faults.park import MAKES, Park
from benchmarks.print_faults.records import records
from benchmarks.print_faults.store import Late, Life, Store
from domain.protocol import Page


@dataclass(frozen=True, slots=True)
class Course:
    """`lives` are cumulated shares, and how many seconds such a life lasts; `gap_s` is between a printer's faults."""

    lives: tuple[tuple[float, float, float], ...]
    gap_s: float

    @property
    def mean_life_s(self) -> float:
        shares = (0.0, *(share for share, _, _ in self.lives))
        return sum(
            (share - before) * (least + most) / 2
            for before, (share, least, most) in zip(shares, self.lives, strict=False)
        )


LONG = Course(((0.70, 0.1, 1.5), (0.96, 1.5, 5.0), (1.0, 15.0, 45.0)), gap_s=4.0)
"""From a crash in every slip to a store where faults run their course."""
SHORT = Course(((0.7, 0.1, 0.8), (1.0, 0.8, 2.0)), gap_s=1.0)
_MOST_WAITING = 25
_AT_REST_S = 300.0
_CLERK_LOOKS_S = 0.5


class Ward:
    """`clerk`: somebody looks after slips of unknown fate; otherwise they stay so to the end."""

    def __init__(self, seed: int, orders: int, kills: int, folder: Path, *, clerk: bool, course: Course) -> None:
        self._chance = random.Random(seed)
        self._log = Log(seed, orders, time.time_ns() // 1_000_000)
        self.papers = Papers({key: says for wanted in self._log.orders for key, says in wanted.papers.items()})
        self._shown = {wanted.order.order_id: wanted.shown_id for wanted in self._log.orders}
        self._park = Park(self.papers, random.Random(seed + 1), course.gap_s)
        self._folder, self._kills, self._clerk, self._course = folder, kills, clerk, course
        self._pace = len(self._log.events) / (kills * course.mean_life_s)
        self._began = time.monotonic()
        self._at = 0
        self.killed = 0

    def run(self) -> Findings:
        clock = time.time() - time.monotonic()
        with Store(self._folder, self._park.settings) as store:
            self._introduce(store)
            self._park.trouble()
            self._began = time.monotonic()
            while self.killed < self._kills:
                self._live(store)
            self._bring_to_rest(store)
        struck = self._park.struck
        histories = {name: printer.history for name, printer in self._park.printers.items()}
        self._park.close()
        return check(
            records(self._folder, clock), self.papers.all(), histories=histories,
            proving={name for name, make in MAKES.items() if make.proves}, struck=struck, kills=self.killed,
            orders={wanted.shown_id for wanted in self._log.orders},
            cancelled={self._shown[order] for order in self._log.cancelled},
        )  # fmt: skip

    def _introduce(self, store: Store) -> None:
        """Each printer is asked what it can prove, as when a person adds it."""
        life = store.begin()
        life.ask({"probe": 1}, time.monotonic() + 60)
        life.end()

    def _live(self, store: Store) -> None:
        """Begun, fed, and killed at a moment that nothing it does can shift."""
        until = time.monotonic() + self._lifetime()
        life = store.begin()
        with suppress(Late):  # it is killed before it answers
            self._work(life, until)
        time.sleep(max(0.0, until - time.monotonic()))
        life.kill()
        self.killed += 1

    def _told_by(self, now: float) -> int:
        """Events that the hub has by then."""
        return min(len(self._log.events), int((now - self._began) * self._pace))

    def _lifetime(self) -> float:
        chance = self._chance.random()
        return next(self._chance.uniform(least, most) for share, least, most in self._course.lives if chance <= share)

    def _work(self, life: Life, until: float) -> None:
        """Orders come at their own pace, whether anybody is alive to take them or not."""
        look_at = time.monotonic() + self._chance.uniform(0, _CLERK_LOOKS_S)
        while time.monotonic() < until:
            if self._at < self._told_by(time.monotonic()) and life.ask({"moving": 1}, until) < _MOST_WAITING:
                page = self._log.page(self._at, self._chance.randint(1, 4))
                self._at = max(self._at, life.ask({"page": encoded(page)}, until))
            if self._clerk and time.monotonic() >= look_at:
                self._ask_the_clerk(life, until, everything=False)
                look_at = time.monotonic() + _CLERK_LOOKS_S
            time.sleep(self._chance.uniform(0, 0.1))

    def _ask_the_clerk(self, life: Life, until: float, *, everything: bool) -> int:
        """Looks at the paper: scans its code, says that it is there, or wants it printed again. Returns how many were
        asked about."""
        unknown = life.ask({"unknown": 1}, until)
        for slip in unknown:
            if everything or self._chance.random() < 0.5:
                self._answer(life, slip, until)
        return len(unknown)

    def _answer(self, life: Life, slip: dict[str, Any], until: float) -> None:
        there = self.papers.lies_there(Key(self._shown[slip["order_id"]], slip["kind"], slip["issue"], slip["copy"]))
        if there and self._chance.random() < 0.3:
            life.ask({"seen": slip["order_id"]}, until)
        else:
            life.ask({"resolve": slip["slip_id"], "printed": there}, until)

    def _bring_to_rest(self, store: Store) -> None:
        """Everything mended, a last life without a kill: all that can come out does."""
        self._park.peace()
        life = store.begin()
        end = time.monotonic() + _AT_REST_S
        while self._at < len(self._log.events):
            self._at = life.ask({"page": encoded(self._log.page(self._at, 50))}, end)
        self._wait(lambda: life.ask({"moving": 1}, end) == 0, end)
        if self._clerk:
            time.sleep(2.0)  # what prints late has come out
            self._wait(
                lambda: self._ask_the_clerk(life, end, everything=True) == 0 and life.ask({"moving": 1}, end) == 0, end
            )
        life.end()

    def _wait(self, met: Callable[[], bool], end: float) -> None:
        while not met():
            if time.monotonic() > end:
                raise TimeoutError(f"the store of {self._folder} does not come to rest")
            time.sleep(0.2)


def encoded(page: Page) -> str:
    return msgspec.json.encode(page).decode()


def main() -> None:
    seed, orders, kills = map(int, sys.argv[1:4])
    course = LONG if sys.argv[5] == "long" else SHORT
    findings = Ward(seed, orders, kills, Path(sys.argv[4]), clerk=seed % 2 == 0, course=course).run()
    print(json.dumps(msgspec.to_builtins(findings), ensure_ascii=False))


if __name__ == "__main__":
    main()
