"""Looks over all that waits: says of each slip that no printer can take why it waits, counts what each printer has
before it, and lets go what nobody needs any more.

A thread of its own: a printer's may sit for hours before an empty roll, and there may be no printer at all.
"""

import threading
from collections import Counter
from dataclasses import dataclass

from agent import slips
from agent.files import WorkFile
from agent.printing.standing import Standing
from agent.printing.stumbles import Stumbles
from agent.transactions import Reading, Topic, Transaction
from domain.slips import MOVES, SlipState
from domain.times import SECOND

_GATHER_S = 0.05
"""Changes come in bursts; one look serves them all."""
_LONGEST_S = 30.0
"""Catches a clock that jumped or a PC that slept."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """`causes` are of the slips that wait otherwise than is written down."""

    causes: dict[str, str]
    expired: bool
    seconds: float


class Holding:
    def __init__(self, work: WorkFile, standing: Standing) -> None:
        self._work, self._standing = work, standing
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="held slips", daemon=True)
        standing.on_change(self._woken.set)
        work.after_commit(self._on_commit)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> float:
        """Once over all that waits. Returns the seconds after which the clock alone may change something."""
        seen = self._work.read(self._see)
        if seen.causes or seen.expired:
            self._work.write(lambda tx: _write_down(tx, seen.causes))
        return min(seen.seconds, _LONGEST_S)

    def _on_commit(self, topics: frozenset[Topic]) -> None:
        if Topic.SLIPS in topics:
            self._woken.set()

    def _run(self) -> None:
        stumbles = Stumbles("held slips")
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                pause = self.look()
                stumbles.over()
            except Exception as error:  # the top of this thread: held slips must come free again
                pause = stumbles.pause(error)
            if self._woken.wait(pause):
                self._stopping.wait(_GATHER_S)

    def _see(self, reading: Reading) -> _Seen:
        routes, causes, seconds = self._standing.routes(), dict[str, str](), _LONGEST_S
        waiting = Counter[str]()
        for slip in slips.waiting(reading):
            route = routes.of(slip.kind, slip.pinned)
            waiting.update(route.owners)
            if not route.takers and (slip.state is not SlipState.HELD or slip.cause != route.cause):
                causes[slip.slip_id] = route.cause
        self._standing.counted(waiting)
        changes_at = slips.next_change_at(reading)
        if changes_at is not None:
            seconds = min(seconds, (changes_at - reading.now) / SECOND)
        return _Seen(causes, seconds <= 0, max(seconds, 0.0))


def _write_down(tx: Transaction, causes: dict[str, str]) -> None:
    slips.expire(tx)
    for slip_id, cause in causes.items():
        slip = slips.get(tx, slip_id)
        if SlipState.HELD in MOVES[slip.state]:  # it may have been taken or withdrawn meanwhile
            slips.change(tx, slip, SlipState.HELD, cause=cause)
