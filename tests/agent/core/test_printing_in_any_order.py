"""Whatever happens to printers and program in whatever order: each printer prints its queue in order, nothing comes out
twice unmarked, nothing is called printed that is not on paper, and in the end nothing is missing.

Long walks of a seeded chance: a library that looks for short ones seldom has a slip, a fault and a thread at once.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from agent import slips
from agent.config import PrinterSettings
from agent.files import CacheFile, WorkFile
from agent.printing.holding import Holding
from agent.printing.standing import Standing
from agent.printing.worker import PrinterWorker
from agent.recovery import recover
from agent.slips import Slip
from domain.events import OrderCancelled, OrderChanged, OrderPlaced
from domain.slips import IN_FLIGHT, MOVES, SlipKind, SlipState
from domain.times import SECOND, Millis
from drivers.printers.status import Blocked
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import AMOXICILLIN, Hub, line, order
from tests.agent.core.simulated import Killed, Plan, SimulatedPrinter

SETTINGS = (
    PrinterSettings("counter", "tcp://counter:9100", prints=(SlipKind.PICKING,), backup="till"),
    PrinterSettings("back", "tcp://back:9100", prints=(SlipKind.PICKING, SlipKind.STOP)),
    PrinterSettings("till", "tcp://till:9100", prints=(SlipKind.CUSTOMER,), backup="counter"),
)
NAMES = [each.name for each in SETTINGS]
STEPS = 200
PERSON_OR_PROOF = {"clerk", "scanned", slips.REPRINTED, slips.STOPPED}


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Store:
    def __init__(self, folder: Path, chance: Random) -> None:
        self.chance = chance
        self.clock, self.seconds = VirtualClock(), Seconds()
        self.work = WorkFile(folder / "work.db", master_key=MASTER_KEY, clock=self.clock)
        self.cache = CacheFile(folder / "cache.db", clock=self.clock)
        self.hub = Hub(self.work, self.cache)
        self.hub.teach(AMOXICILLIN)
        self.printers = {name: SimulatedPrinter(name) for name in NAMES}
        self.paused: set[str] = set()
        self.placed: list[str] = []
        self.workers: dict[str, PrinterWorker] = {}
        self.begin()

    def begin(self) -> None:
        """As the service does after a start, with the test's hand for the threads."""
        for worker in self.workers.values():
            worker.stop()
        self.standing = Standing(self.seconds)
        self.holding = Holding(self.work, self.standing)
        self.workers = {
            each.name: PrinterWorker(each, self.printers[each.name], self.work, self.standing) for each in SETTINGS
        }
        for each in SETTINGS:
            self.standing.join(each, lambda: None, paused=each.name in self.paused)
            self.workers[each.name].pause(each.name in self.paused)

    def close(self) -> None:
        for worker in self.workers.values():
            worker.stop()
        self.work.close()
        self.cache.close()

    # What the world does

    def step(self) -> None:
        happenings: dict[Callable[[], None], int] = {
            self.an_order_comes: 4,
            self.one_changes: 1,
            self.one_is_cancelled: 1,
            self.a_customer_copy_is_wanted: 2,
            self.a_printer_fails_or_is_mended: 3,
            self.somebody_pauses_or_resumes: 1,
            self.time_passes: 3,
            self.the_program_is_killed: 1,
            self.somebody_answers_for_an_unknown_one: 3,
            self.somebody_reprints: 1,
            self.a_printers_thread_runs: 12,
            self.what_waits_is_looked_over: 2,
        }
        (happening,) = self.chance.choices(list(happenings), list(happenings.values()))
        happening()

    def an_order_comes(self) -> None:
        self.placed.append(f"o{len(self.placed) + 1}")
        self.hub.tell(OrderPlaced(order(self.placed[-1])))

    def one_changes(self) -> None:
        if self.placed:
            changed = order(self.chance.choice(self.placed), line(count=self.chance.randint(2, 9)))
            self.hub.tell(OrderChanged(changed))

    def one_is_cancelled(self) -> None:
        if self.placed:
            self.hub.tell(OrderCancelled(self.chance.choice(self.placed), "customer", False))

    def a_customer_copy_is_wanted(self) -> None:
        if self.placed:
            order_id = self.chance.choice(self.placed)
            self.work.write(lambda tx: slips.want(tx, SlipKind.CUSTOMER, order_id))

    def a_printer_fails_or_is_mended(self) -> None:
        reasons = [None, None, Blocked.paper_out, Blocked.busy, Blocked.unreachable]
        self.printers[self.chance.choice(NAMES)].blocked = self.chance.choice(reasons)

    def somebody_pauses_or_resumes(self) -> None:
        name = self.chance.choice(NAMES)
        self.paused ^= {name}
        self.workers[name].pause(name in self.paused)

    def time_passes(self) -> None:
        seconds = self.chance.choice([0.05, 1.0, 3.0, 40.0])
        self.seconds.now += seconds
        self.clock.advance(round(seconds * SECOND))

    def the_program_is_killed(self) -> None:
        self.work.write(recover)
        self.begin()

    def somebody_answers_for_an_unknown_one(self) -> None:
        """He may also ask for a reprint though it lies there: then it is marked."""
        unknown = [slip for slip in self.all() if slip.state is SlipState.UNKNOWN]
        if unknown:
            slip = self.chance.choice(unknown)
            printed = self.on_paper(slip) and self.chance.random() < 0.7
            self.work.write(lambda tx: slips.resolve(tx, slip.slip_id, printed))

    def somebody_reprints(self) -> None:
        printed = [slip for slip in self.all() if slip.state is SlipState.PRINTED]
        if printed:
            slip = self.chance.choice(printed)
            self.work.write(lambda tx: slips.reprint(tx, slip.slip_id))

    def a_printers_thread_runs(self) -> None:
        """The first slip that it is sent may come to harm."""
        name = self.chance.choice(NAMES)
        self.printers[name].plan = self.chance.choice([Plan.PRINTS, self.chance.choice(list(Plan))])
        for _ in range(self.chance.randint(1, 4)):
            self.turn(name)

    def what_waits_is_looked_over(self) -> None:
        self.holding.look()

    # What must hold

    def nothing_comes_out_twice_unmarked(self) -> None:
        papers = [number for name in NAMES for number in self.numbers(name)]
        assert len(papers) == len(set(papers)), "each row is at most one paper, and a reprint is a row with a mark"

    def what_is_called_printed_is_on_paper(self) -> None:
        for slip in self.all():
            assert slip.state is not SlipState.PRINTED or self.on_paper(slip), slip

    def every_step_was_legal(self) -> None:
        rows = self.work.read(
            lambda reading: reading.db.execute("SELECT * FROM slip_changes ORDER BY change").fetchall()
        )
        before: dict[str, SlipState] = {}
        for row in rows:
            state = SlipState(row["state"])
            if row["slip_id"] in before:
                assert state in MOVES[before[row["slip_id"]]]
                assert before[row["slip_id"]] is not SlipState.UNKNOWN or row["cause"] in PERSON_OR_PROOF
            before[row["slip_id"]] = state
        assert {slip.slip_id: slip.state for slip in self.all()} == before

    def in_the_end_nothing_is_missing(self) -> None:
        """All is mended, every question answered truly, and time passes."""
        for name, printer in self.printers.items():
            printer.blocked, printer.plan = None, Plan.PRINTS
            self.workers[name].pause(False)
        for _ in range(40):
            self.seconds.now += 31
            for slip in self.all():
                if slip.state is SlipState.UNKNOWN:
                    self.work.write(partial(slips.resolve, slip_id=slip.slip_id, printed=self.on_paper(slip)))
            for name in NAMES:
                self.turn(name)
            if all(slip.state in (SlipState.PRINTED, SlipState.WITHDRAWN) for slip in self.all()):
                break
        self.nothing_comes_out_twice_unmarked()
        for slip in self.all():
            assert slip.state in (SlipState.PRINTED, SlipState.WITHDRAWN), slip
            if slip.cause == slips.REPRINTED:
                assert any(
                    each.issue == slip.issue and each.copy > slip.copy for each in self.all() if same(each, slip)
                )

    # By hand

    def turn(self, name: str) -> None:
        """One round of a printer's thread; what it sends is the oldest that it may take."""
        before = len(self.printers[name].papers)
        expected = self.oldest_for(name)
        try:
            self.workers[name]._turn()
        except RuntimeError:
            self.workers[name]._turn()
        except Killed:
            self.the_program_is_killed()
        assert not [slip for slip in self.all() if slip.state in IN_FLIGHT]
        for number in self.numbers(name)[before:][:1]:
            assert expected is not None and expected.number == number, "out of turn"

    def oldest_for(self, name: str) -> Slip | None:
        routes = self.standing.routes()
        unsent = [slip for slip in self.all() if slip.state in slips.UNSENT and not expired(slip, self.clock.at)]
        mine = [slip for slip in unsent if name in routes.of(slip.kind, slip.pinned).takers]
        return min(mine, key=lambda slip: slip.number, default=None)

    def all(self) -> list[Slip]:
        return self.work.read(
            lambda reading: [slips.from_row(row) for row in reading.db.execute("SELECT * FROM slips ORDER BY number")]
        )

    def numbers(self, name: str) -> list[int]:
        """Of the slips whose paper came out there."""
        return [
            sum((byte - 0x20) * 95**place for place, byte in enumerate(job_id)) // 32
            for job_id in self.printers[name].papers
        ]

    def on_paper(self, slip: Slip) -> bool:
        return any(slip.number in self.numbers(name) for name in NAMES)


def expired(slip: Slip, now: Millis) -> bool:
    return slip.expires_at is not None and slip.expires_at <= now


def same(one: Slip, other: Slip) -> bool:
    return (one.order_id, one.kind, one.subject) == (other.order_id, other.kind, other.subject)


@pytest.mark.parametrize("seed", range(6))
def test_a_long_day(tmp_path: Path, seed: int) -> None:
    store = Store(tmp_path, Random(seed))
    try:
        for _ in range(STEPS):
            store.step()
            store.nothing_comes_out_twice_unmarked()
            store.what_is_called_printed_is_on_paper()
        store.every_step_was_legal()
        store.in_the_end_nothing_is_missing()
    finally:
        store.close()
    assert sum(len(printer.papers) for printer in store.printers.values()) > STEPS / 15, "a day with little work"
