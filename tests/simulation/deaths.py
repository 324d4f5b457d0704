"""Which process dies at which commit: planned by a scene, or by the weather's dice."""

from collections.abc import Callable
from random import Random

import msgspec

from tests.simulation.weather import Weather


class Death(msgspec.Struct):
    """When "hub" or "agent" is next "before" or "after" a commit of this kind, it dies; `passed` are spared."""

    who: str
    when: str
    what: str = ""
    passed: int = 0


class Deaths:
    def __init__(self, weather: Callable[[], Weather], dice: Random) -> None:
        self._weather, self._dice = weather, dice
        self.planned: list[Death] = []

    def of_hub(self, when: str) -> bool:
        weather = self._weather()
        share = weather.hub_crash_before_commit if when == "before" else weather.hub_crash_after_commit
        return self._is_planned("hub", when, "") or self._falls(share)

    def of_agent(self, when: str, what: str) -> bool:
        weather = self._weather()
        share = weather.crash_before_commit if when == "before" else weather.crash_after_commit
        return self._is_planned("agent", when, what) or self._falls(share)

    def _is_planned(self, who: str, when: str, what: str) -> bool:
        for death in self.planned:
            if (death.who, death.when) == (who, when) and what.startswith(death.what):
                death.passed -= 1
                if death.passed < 0:
                    self.planned.remove(death)
                    return True
        return False

    def _falls(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share
