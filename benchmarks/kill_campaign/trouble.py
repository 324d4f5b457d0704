"""What happens to the lines and the programs, at random and in quick succession."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.kill_campaign.field import Field
from benchmarks.kill_campaign.lives import Life
from tests.faults.lanes import SLOW_LORIS, Lane, Way
from tests.faults.proxy import FaultProxy

HUB_SHARE, FREEZE_SHARE, TOGETHER_SHARE, EARLY_SHARE = 0.35, 0.1, 0.08, 0.35
"""Of the strikes: that meet the hub; that only freeze a program for a while; that kill two at once; that do not wait
until their victim is up again from the last one."""
_UP_S = 10.0
_QUIET_S, _BAD_S = (0.02, 0.3), (0.05, 0.8)
_LONG, _LONG_S = 0.08, (1.5, 4.0)
_BURIED_SHARE = 0.5
_WAYS: dict[str, Callable[[random.Random], Way]] = {
    "latency": lambda dice: Way(_far(dice), _far(dice)),
    "bandwidth": lambda dice: Way(down=Lane(bytes_per_second=dice.uniform(2_000, 50_000), piece=256)),
    "slices": lambda dice: Way(Lane(piece=dice.randint(1, 9)), Lane(piece=dice.randint(1, 9))),
    "slow loris": lambda dice: Way(up=SLOW_LORIS),
    "request cut": lambda dice: Way(up=Lane(cut_after=dice.randint(0, 600))),
    "answer cut": lambda dice: Way(down=Lane(cut_after=dice.randint(0, 3000))),
    "answer lost": lambda dice: Way(down=Lane(cut_after=0)),
    "hole": lambda dice: Way(hole=True),
    "silent": lambda dice: Way(silent=True),
    "refused": lambda dice: Way(refused=True),
}
_FAULTS = ("reset", "replay", *_WAYS)


def _far(dice: random.Random) -> Lane:
    return Lane(latency=dice.uniform(0.0, 0.08), jitter=dice.uniform(0.0, 0.1))


class Weather:
    """Spoils one line after another fault, until it is told to stop; then the line is clear, and nothing is left in a
    hole."""

    def __init__(self, line: FaultProxy, seed: int) -> None:
        self._line, self._dice, self._stopping = line, random.Random(seed), threading.Event()
        self._thread = threading.Thread(target=self._run, name="weather")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._line.heal()
        self._line.bury()

    def _run(self) -> None:
        while not self._stopping.wait(self._dice.uniform(*_QUIET_S)):
            self._spoil(self._dice.choice(_FAULTS))
            self._stopping.wait(self._dice.uniform(*(_LONG_S if self._dice.random() < _LONG else _BAD_S)))
            self._line.heal()
            if self._dice.random() < _BURIED_SHARE:
                self._line.bury()

    def _spoil(self, fault: str) -> None:
        if fault == "reset":
            self._line.reset()
        elif fault == "replay":
            self._line.replay(self._dice.randint(1, 3))
        else:
            self._line.set(_WAYS[fault](self._dice))


class Strikes:
    """Kills and freezes of hub and agents, one after the other; whoever is killed is begun again at once."""

    def __init__(self, field: Field, seed: int, pause_s: tuple[float, float]) -> None:
        self._field, self._dice, self._pause_s = field, random.Random(seed), pause_s
        self.struck: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        return self.struck["kill hub"] + self.struck["kill agent"]

    def until(self, kills: int) -> None:
        while self.kills < kills:
            self._strike()

    def _strike(self) -> None:
        chance, victim = self._dice.random(), self._victim()
        self._await(victim)
        if chance < FREEZE_SHARE:
            self._freeze(victim)
        elif chance < FREEZE_SHARE + TOGETHER_SHARE:
            self._kill(self._field.hub_life, self._dice.choice(self._field.shops).life)
        else:
            self._kill(victim)

    def _victim(self) -> Life:
        hub, *agents = self._field.lives
        return hub if self._dice.random() < HUB_SHARE else self._dice.choice(agents)

    def _await(self, victim: Life) -> None:
        """Most strikes meet a program at work, some one that is still on its way up."""
        until = time.monotonic() + (0.0 if self._dice.random() < EARLY_SHARE else _UP_S)
        while time.monotonic() < until and not self._field.is_up(victim):
            time.sleep(0.02)
        time.sleep(self._dice.uniform(*self._pause_s))

    def _kill(self, *victims: Life) -> None:
        for victim in victims:
            victim.kill()
            self.struck["kill hub" if victim is self._field.hub_life else "kill agent"] += 1
        for victim in victims:
            victim.begin()

    def _freeze(self, victim: Life) -> None:
        """Longer than some timeouts of the others, shorter than the rest."""
        self.struck["freeze"] += 1
        victim.freeze()
        time.sleep(self._dice.uniform(0.1, 2.5))
        victim.thaw()
