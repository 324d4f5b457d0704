"""What is worth a notification: what the store is to hear, and how it is, once that has lasted.

A printer that is opened for a moment or a service that is being updated calls nobody. That something is to be looked
at is said once, not for each order (those are announced); that nothing works is said with each reason, and called off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.tray.view import View, starting
from agent.tray.words import WORDS

LASTS_SECONDS = 6.0
LONGEST_TITLE, LONGEST_TEXT = 60, 250
"""Windows takes no longer ones."""


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    text: str


class Notices:
    def __init__(self) -> None:
        self._heard = frozenset[tuple[str, str]]()
        self._told = ("well", "")
        self._seen = ("well", "")
        self._since = 0.0

    def new(self, view: View, now: float) -> tuple[Notice, ...]:
        """`now` is a monotonic clock's, in seconds."""
        return (*self._announced(view), *self._changed(view, now))

    def _announced(self, view: View) -> Iterator[Notice]:
        """Several that come together make one notification: most desktops show one at a time."""
        if not view.running:
            return
        waiting = {(each.id, each.sentence): each.sentence for each in view.announcements}
        fresh = [sentence for key, sentence in waiting.items() if key not in self._heard]
        self._heard = frozenset(waiting)
        if fresh:
            yield _notice(view, "\n".join(fresh))

    def _changed(self, view: View, now: float) -> Iterator[Notice]:
        if view == starting():
            return
        seen = (view.health, view.headline if view.health == "down" else "")
        if seen != self._seen:
            self._seen, self._since = seen, now
        if seen == self._told or now - self._since < LASTS_SECONDS:
            return
        before, self._told = self._told, seen
        words = WORDS[view.language]
        if view.health != "well":
            yield _notice(view, "\n".join((words.health[view.health] + view.headline, *view.lines)))
        elif before[0] == "down":
            yield _notice(view, words.health["well"] + words.well_again)


def _notice(view: View, text: str) -> Notice:
    product = WORDS[view.language].product
    title = f"{product} · {view.store}" if view.store else product
    return Notice(title[:LONGEST_TITLE], text[:LONGEST_TEXT])
