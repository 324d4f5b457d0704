"""The agent as a Windows service: what the service control manager (SCM) tells it, and what it tells the SCM.

`host` makes this process the service, with the agent in the SCM's thread. Outside a service the other functions have
nobody to tell and do nothing. What an administrator has to know goes to the event log, source `NAME`.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import ClassVar

import servicemanager
import win32evtlog
import win32evtlogutil
import win32service
import win32serviceutil

from agent.errors import AgentError

assert sys.platform == "win32"  # for mypy, which knows these modules only there

log = logging.getLogger(__name__)

NAME = "YaolinkAgent"
STARTED, STOPPED, FAILED, HUNG = 1, 2, 3, 4
"""Numbers of our events; the installer gives them EventCreate.exe's texts, which hold nothing but what we say."""

StopHook = Callable[[asyncio.AbstractEventLoop, asyncio.Event], None]

_START_HINT_MS, _STOP_HINT_MS = 60_000, 20_000
"""What the SCM waits for the next checkpoint. Bringing an old data file up to date is one long step."""
_CHECKPOINT_S = 5.0
_PRESHUTDOWN = 0x0F, 0x100
"""SERVICE_CONTROL_PRESHUTDOWN and its SERVICE_ACCEPT_ bit: comes before networks and disks are taken away."""
_WATCH_S, _WATCHED_STEPS = 5.0, 12


def host(run: Callable[[StopHook], None]) -> None:
    """Returns when the service has ended. `run` gets what stands in for signals: it makes the SCM's wish to stop set
    the event. Raises AgentError when the SCM did not start this process."""
    _Service.run = staticmethod(run)
    servicemanager.Initialize(NAME, None)
    servicemanager.PrepareToHostSingle(_Service)
    try:
        servicemanager.StartServiceCtrlDispatcher()
    except win32service.error as error:
        raise AgentError(
            f"only the service control manager starts the agent this way: {error.strerror}",
            hint="a person starts `yaolink-agent run`",
        ) from error


def tell_administrator(text: str) -> None:
    """An error in the event log, also before there is a service."""
    _event(FAILED, win32evtlog.EVENTLOG_ERROR_TYPE, text)


def announce_ready() -> None:
    """The local server answers."""
    if (service := _Service.hosted) is not None:
        service.report(win32service.SERVICE_RUNNING)
        service.watch()
        _event(STARTED, win32evtlog.EVENTLOG_INFORMATION_TYPE, "The Yaolink agent is ready.")


def announce_status(text: str) -> None:
    """One line for whoever asks how the service is: the SCM keeps no such line, but takes it as progress of a start."""
    if (service := _Service.hosted) is not None and service.state == win32service.SERVICE_START_PENDING:
        service.report(service.state)


def announce_stopping() -> None:
    """The agent was told to stop and is on its way."""
    if (service := _Service.hosted) is not None:
        service.report(win32service.SERVICE_STOP_PENDING)


def watchdog_seconds() -> float | None:
    """Within which time `pet` must be called again, or the service is started anew. None: nobody watches."""
    return None if _Service.hosted is None else _WATCH_S * _WATCHED_STEPS


def pet() -> None:
    """A sign of life for whoever watches."""
    if (service := _Service.hosted) is not None:
        service.steps_without_life = 0


class _Service(win32serviceutil.ServiceFramework):
    """Made by pywin32 in the SCM's thread, which then is the agent's; `ServiceCtrlHandlerEx` is called in the main
    thread."""

    _svc_name_ = NAME
    run: ClassVar[Callable[[StopHook], None]]
    hosted: ClassVar["_Service | None"] = None

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.state = win32service.SERVICE_START_PENDING
        self.steps_without_life = 0
        self._stop: Callable[[], object] = lambda: None
        self._reporting = threading.Lock()
        _Service.hosted = self

    def report(self, state: int) -> None:
        """Tells the SCM. Stopping is never taken back; the end itself is told by pywin32 when `SvcRun` is over."""
        with self._reporting:
            if self.state != win32service.SERVICE_STOP_PENDING:
                self.state = state
            hint = _STOP_HINT_MS if self.state == win32service.SERVICE_STOP_PENDING else _START_HINT_MS
            self.ReportServiceStatus(self.state, waitHint=hint)

    def SvcRun(self) -> None:
        """pywin32's own says RUNNING before anything runs. What is raised here makes the SCM restart the service."""
        self.report(self.state)
        try:
            _Service.run(self._heed)
        except Exception as error:  # whatever ends the service: told, and raised again
            log.exception("the service failed")
            hint = getattr(error, "hint", "")
            tell_administrator(f"The Yaolink agent ended: {error}" + (f"\r\n{hint}" if hint else ""))
            raise
        finally:
            self.report(win32service.SERVICE_STOP_PENDING)
        _event(STOPPED, win32evtlog.EVENTLOG_INFORMATION_TYPE, "The Yaolink agent has stopped.")

    def GetAcceptedControls(self) -> int:
        return win32service.SERVICE_ACCEPT_STOP | win32service.SERVICE_ACCEPT_SHUTDOWN | _PRESHUTDOWN[1]

    def ServiceCtrlHandlerEx(self, control: int, event_type: int, data: object) -> None:
        """pywin32's own answers every question with RUNNING."""
        if control in (win32service.SERVICE_CONTROL_STOP, win32service.SERVICE_CONTROL_SHUTDOWN, _PRESHUTDOWN[0]):
            self.report(win32service.SERVICE_STOP_PENDING)
            self._stop()
        elif control == win32service.SERVICE_CONTROL_INTERROGATE:
            self.report(self.state)

    def watch(self) -> None:
        """The SCM restarts what ended, but does not notice what hangs."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _heed(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
        def go_on() -> None:
            """A loop that hangs makes no progress, and so reports none."""
            if self.state != win32service.SERVICE_RUNNING:
                self.report(self.state)
            loop.call_later(_CHECKPOINT_S, go_on)

        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        go_on()

    def _watch(self) -> None:
        """Counts steps, not time: a computer that slept for hours is not a program that hung for hours."""
        pause = threading.Event()
        while self.steps_without_life < _WATCHED_STEPS:
            pause.wait(_WATCH_S)
            self.steps_without_life += 1
        seconds = _WATCH_S * _WATCHED_STEPS
        _event(
            HUNG, win32evtlog.EVENTLOG_ERROR_TYPE, f"The Yaolink agent hung for {seconds:.0f} s and is started anew."
        )
        os._exit(1)


def _event(number: int, kind: int, text: str) -> None:
    """The event log may be full, or switched off by a policy: no reason to fail."""
    try:
        win32evtlogutil.ReportEvent(NAME, number, eventType=kind, strings=[text])
    except win32evtlog.error as error:
        log.warning("the event log does not take %r: %s", text, error)
