"""How one printer is, as it last said itself: told to whoever shows it and to whoever decides who prints what."""

import logging
from collections.abc import Callable
from dataclasses import replace

from agent.files import WorkFile
from agent.printing.standing import Standing
from agent.printing.view import PrinterView
from drivers.printers.status import Blocked, PrinterStatus

log = logging.getLogger(__name__)

_IDLE_S = 10.0
"""How often an idle shared printer is asked how it is, so that an empty roll is known before the next order comes."""
_LOOKS_S = (0.1, 0.2, 0.4, 0.8)
"""One that is out is looked at quickly at first (somebody may be closing its cover) ..."""
_WAITED_FOR_S, _OUT_S = 1.0, 2.5
"""... and then each second while a slip waits for it. Each time it is let go at once: it may be shared."""
_LONGEST_S = 30.0


class Condition:
    """For its printer's thread; `view` may be read from any."""

    def __init__(
        self, view: PrinterView, work: WorkFile, standing: Standing, on_view: Callable[[PrinterView], None] | None
    ) -> None:
        self.view = view
        self._work, self._standing, self._on_view = work, standing, on_view
        self._out = False
        self._looks = self._failures = 0
        self._look_at = 0.0

    @property
    def out(self) -> bool:
        """It must be asked before anything is taken for it."""
        return self._out

    def seconds_to_look(self) -> float:
        return max(0.0, self._look_at - self._standing.now())

    def says(self, status: PrinterStatus) -> None:
        if status.blocked is not None:
            self.blocked(status.blocked, near_end=status.paper_near_end)
            return
        self._show(
            replace(
                self.view,
                state="ready" if status.answered else "unknown",
                cause="",
                paper_near_end=status.paper_near_end,
            )
        )
        self._out = False
        self._look_at = self._standing.now() + _IDLE_S
        self._standing.well(self.view.name)

    def blocked(self, reason: Blocked, *, near_end: bool | None = None, since: float | None = None) -> None:
        """`since` is the monotonic second from which that was so, if it took a while to find out."""
        paper_near_end = self.view.paper_near_end if near_end is None else near_end
        self._show(replace(self.view, state="blocked", cause=reason.value, paper_near_end=paper_near_end))
        self._out = True
        self._standing.out(self.view.name, reason.value, since=since)
        self._look_later()

    def lost(self, cause: str) -> None:
        """In the middle of a slip: how it is, the next look says."""
        self._show(replace(self.view, state="unknown", cause=cause))
        self._out = True
        self._standing.out(self.view.name, Blocked.unreachable)
        self._look_at = self._standing.now() + _growing(self._failures - 1)

    def sending(self) -> None:
        """From here on it is a failure until it has printed. One that says it is well and fails each time is given
        slips less and less often."""
        self._failures += 1

    def printed(self, slip_id: str) -> None:
        self._looks = self._failures = 0
        self._show(replace(self.view, last_slip=slip_id))

    def pause(self, paused: bool) -> None:
        if paused != self.view.paused:
            log.info("printer %s is %s", self.view.name, "paused" if paused else "resumed")
            self._show(replace(self.view, paused=paused))

    def _look_later(self) -> None:
        later = _WAITED_FOR_S if self._standing.waiting(self.view.name) else _OUT_S
        pause = _LOOKS_S[self._looks] if self._looks < len(_LOOKS_S) else later
        self._looks += 1
        self._look_at = self._standing.now() + max(pause, _growing(self._failures))

    def _show(self, view: PrinterView) -> None:
        """One line in the log per change of state."""
        changed = (view.state, view.cause) != (self.view.state, self.view.cause)
        self.view = replace(view, at=self._work.now())
        if changed:
            log.info("printer %s is %s%s", view.name, view.state, view.cause and f" ({view.cause})")
        if self._on_view is not None:
            self._on_view(self.view)


def _growing(failures: int) -> float:
    """Seconds after that many failures in a row."""
    seconds: float = min(2.0 ** (failures - 1), _LONGEST_S) if failures > 0 else 0.0
    return seconds
