"""The printers of one store, each of another make, and what goes wrong with them."""

import heapq
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass

from agent.config import PrinterSettings
from benchmarks.print_faults.paper import Papers
from domain.slips import SlipKind
from drivers.printers.base import Use
from drivers.virtual.dialect import EAGER, FULL, IN_ORDER_ONLY, MUTE, NO_PROCESS_ID, REAL_TIME_ONLY, Dialect
from drivers.virtual.faults import FAULTS, Fault
from drivers.virtual.printer import Others, VirtualPrinter
from drivers.virtual.slip import ROLL_58, ROLL_80

KINDS: tuple[Fault, ...] = tuple(fault for fault in FAULTS if fault != "cutter_freed")
"""What may go wrong by itself; the freed knife is a step of mending."""
_LONGEST_SLIP = 6000
_MEAN_S, _LONG_S = 1.0, (12.0, 40.0)
_LONG = 0.01


@dataclass(frozen=True, slots=True)
class Make:
    """`proves`: it can give evidence A or B."""

    dialect: Dialect
    proves: bool
    use: Use = Use.SHARED
    others: Others = "served"
    paper: int = 80
    buffer: int | None = None
    deaf: bool = False
    one_parser: bool = False
    prints: tuple[SlipKind, ...] = (SlipKind.PICKING,)
    backup: str | None = None


MAKES = {
    "counter": Make(FULL, True),
    "till": Make(FULL, True, others="refused", paper=58, one_parser=True),
    "ours": Make(FULL, True, use=Use.OURS, others="left_mute"),
    "old": Make(NO_PROCESS_ID, True, buffer=600),
    "ours-old": Make(NO_PROCESS_ID, True, use=Use.OURS, others="refused", one_parser=True),
    "half": Make(IN_ORDER_ONLY, True, paper=58, others="left_mute", one_parser=True),
    "eager": Make(EAGER, False),
    "half-mute": Make(REAL_TIME_ONLY, False),
    "mute": Make(MUTE, False, others="left_mute"),
    "back": Make(FULL, True, deaf=True, buffer=512, prints=(SlipKind.STOP,), backup="counter"),
}


class Park:
    """Faults begin with `trouble` and end with `peace`; `gap_s` is the mean time between two of one printer. Half of
    them strike at once, unless `in_slips`: then each waits for a slip and strikes in it."""

    def __init__(self, papers: Papers, chance: random.Random, gap_s: float, *, in_slips: bool = False) -> None:
        self._chance, self._gap_s, self._in_slips = chance, gap_s, in_slips
        self._deck: list[Fault] = []
        self._dealt = 0
        self.printers = {name: self._printer(name, make, papers) for name, make in MAKES.items()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._trouble, name="faults", daemon=True)

    @property
    def settings(self) -> tuple[PrinterSettings, ...]:
        return tuple(
            PrinterSettings(
                name, self.printers[name].address, 58 if make.paper == 58 else 80, use=make.use, prints=make.prints,
                backup=make.backup,
            )
            for name, make in MAKES.items()
        )  # fmt: skip

    @property
    def struck(self) -> Counter[Fault]:
        """How often each fault really happened."""
        return Counter(fault for printer in self.printers.values() for _, fault in printer.history if fault)

    def trouble(self) -> None:
        self._thread.start()

    def peace(self) -> None:
        """All is mended, and stays so."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        for printer in self.printers.values():
            printer.fault(None)

    def close(self) -> None:
        self.peace()
        for printer in self.printers.values():
            printer.stop()

    def _printer(self, name: str, make: Make, papers: Papers) -> VirtualPrinter:
        return VirtualPrinter(
            ROLL_58 if make.paper == 58 else ROLL_80,
            on_slip=lambda slip: papers.add(name, slip),
            on_torn=lambda slip: papers.add(name, slip),
            dialect=make.dialect,
            speed=self._chance.uniform(200, 400),
            buffer=make.buffer,
            others=make.others,
            deaf_when_open=make.deaf,
            one_parser=make.one_parser,
        )

    def _trouble(self) -> None:
        """To each printer its own, one after the other, for ever."""
        due = [(time.monotonic() + self._chance.expovariate(1 / self._gap_s), name) for name in self.printers]
        heapq.heapify(due)
        while not self._stop.wait(max(0.0, due[0][0] - time.monotonic())):
            _, name = heapq.heappop(due)
            lasts = self._strike(self.printers[name])
            heapq.heappush(due, (time.monotonic() + lasts + self._chance.expovariate(1 / self._gap_s), name))

    def _strike(self, printer: VirtualPrinter) -> float:
        """At once or at a byte of the next slip, most of which are short; each kind as often as the others."""
        lasts = min(self._chance.expovariate(1 / _MEAN_S) + 0.05, 6.0)
        if self._chance.random() < _LONG:
            lasts = self._chance.uniform(*_LONG_S)
        self._dealt += 1
        at_once = self._dealt <= len(KINDS) or self._chance.random() < 0.5
        at = 0 if at_once and not self._in_slips else int(_LONGEST_SLIP ** self._chance.random())
        printer.fault(self._deal(), after_bytes=at, lasts_s=lasts)
        return lasts

    def _deal(self) -> Fault:
        if not self._deck:
            self._deck = self._chance.sample(KINDS, len(KINDS))
        return self._deck.pop()
