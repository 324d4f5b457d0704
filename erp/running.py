"""The connectors at work: each in a thread of its own, tried again for ever with growing pauses, so that a share that
hangs or a database that is gone blocks nothing else."""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from domain.times import Clock, Millis
from erp.errors import ErpError

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 120.0
STOP_S = 5.0
LONGEST_TROUBLE = 300
"""On log and page."""


class Connector(Protocol):
    name: str

    def step(self) -> float:
        """Does what there is to do; returns after how many seconds to come again. Raises ErpError."""

    def close(self) -> None: ...


class ConnectorView(msgspec.Struct, frozen=True):
    """`trouble` is empty while it works; `since` is when that began."""

    name: str
    trouble: str = ""
    hint: str = ""
    since: Millis | None = None
    worked_at: Millis | None = None


class Runner:
    """One connector's thread."""

    def __init__(self, connector: Connector, clock: Clock, on_change: Callable[[], None]) -> None:
        self._connector, self._clock, self._on_change = connector, clock, on_change
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._failures = 0
        self.view = ConnectorView(connector.name)
        self._thread = threading.Thread(target=self._run, name=f"erp {connector.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to hand over."""
        self._wake.set()

    def stop(self) -> None:
        """A step that hangs in a dead share is left behind: what it does is finished or taken up again next time."""
        self._stopping.set()
        self._wake.set()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._pause(self._step())
        self._connector.close()

    def _step(self) -> float:
        try:
            pause = self._connector.step()
        except ErpError as error:
            return self._failed(str(error), error.hint)
        except Exception as error:
            log.exception("the ERP connector %s failed", self._connector.name)
            said = str(error).partition("\n")[0]  # a database's error has the whole statement below
            return self._failed(f"{type(error).__name__}: {said}"[:LONGEST_TROUBLE], "")
        self._worked()
        return pause

    def _pause(self, seconds: float) -> None:
        """While it fails, nothing but time brings it back: each order packed would else knock at a dead database."""
        (self._stopping if self._failures else self._wake).wait(seconds)

    def _failed(self, why: str, hint: str) -> float:
        self._failures += 1
        if not self._stopping.is_set():
            if self.view.trouble != why:
                log.warning("the ERP connector %s cannot work: %s", self._connector.name, why)
            since = self.view.since if self.view.trouble else self._clock()
            self._show(ConnectorView(self._connector.name, why, hint, since, self.view.worked_at))
        return random.uniform(1.0, min(LONGEST_PAUSE_S, 2.0 ** min(self._failures, 10)))

    def _worked(self) -> None:
        self._failures = 0
        was = self.view
        if was.trouble or was.worked_at is None:
            log.info("the ERP connector %s works", self._connector.name)
            self._show(ConnectorView(self._connector.name, worked_at=self._clock()))
        else:
            self.view = msgspec.structs.replace(was, worked_at=self._clock())

    def _show(self, view: ConnectorView) -> None:
        self.view = view
        self._on_change()


class Connectors:
    """Those that the settings name."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        *,
        clock: Clock,
        on_change: Callable[[], None],
        keep_password: Callable[[str], None],
        problem: str = "",
    ) -> None:
        """`problem`: why the mapping cannot be used; then there are no connectors and the page says so."""
        self._runners = [Runner(connector, clock, on_change) for connector in connectors]
        self._keep_password = keep_password
        self.problem = problem

    @property
    def views(self) -> tuple[ConnectorView, ...]:
        return tuple(runner.view for runner in self._runners)

    def start(self) -> None:
        for runner in self._runners:
            runner.start()

    def wake(self) -> None:
        """From any thread."""
        for runner in self._runners:
            runner.wake()

    def stop(self) -> None:
        """Blocks until each is at rest, or hangs for too long."""
        for runner in self._runners:
            runner.stop()
        for runner in self._runners:
            runner.join()

    def keep_password(self, password: str) -> None:
        """Of the ERP's database; blocks. The connector's next try uses it. Raises SecretsUnusable."""
        self._keep_password(password)
