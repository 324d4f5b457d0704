"""How the agent is: for the page's frame, `yaolink-agent status`, the tray, and the report to the hub."""

import msgspec

from agent import incarnation, outbox, set_aside, store, time_floor
from agent.config import PrinterSettings
from agent.file_logs import followed
from agent.line import LineState, LineView
from agent.outages import OutageView
from agent.parts import Parts
from agent.printing.view import PrinterView
from agent.stopped_logs import Stopped
from agent.storage import story
from agent.storage.story import Told
from agent.transactions import Reading
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.protocol import Report
from domain.slips import SlipKind
from domain.times import Millis


class DeviceView(msgspec.Struct, frozen=True):
    """A printer or a scanner. `state` is ready, blocked or unknown, `cause` says why it is not ready."""

    name: str
    address: str
    state: str
    cause: str
    at: Millis
    paper_near_end: bool = False
    paper_url: str | None = None
    """A picture of what a virtual printer printed last."""
    paused: bool = False
    """A person wants no slips sent to it."""
    waiting: int = 0
    """Slips that it should print and that are due."""
    prints: tuple[SlipKind, ...] = ()
    """Kinds of slips that it takes; empty: all."""
    backup: str | None = None
    """Which printer does its work while it cannot."""
    problem: str = ""
    """Of a scanner: what the system said."""


class OutboxView(msgspec.Struct, frozen=True):
    """While an outage lasts `kinds` tells how many of each kind wait; after it `sent` of what was done before its end
    is with headquarters, and `left` of it on its way."""

    depth: int
    oldest_at: Millis | None
    kinds: dict[str, int] = {}
    sent: int = 0
    left: int = 0


class StateView(msgspec.Struct, frozen=True):
    """`store` is empty before pairing. `quarantined` counts events that this program could not apply."""

    version: str
    now: Millis
    store: str
    store_name: str
    accept: AcceptRule
    hub: str
    line: LineView
    outbox: OutboxView
    quarantined: int
    printers: tuple[DeviceView, ...]
    scanners: tuple[DeviceView, ...]
    training: bool = False
    """This is the server of practice orders."""
    mode: Mode = Mode.LIVE
    """SHADOW: on trial, no channel is told anything (试运行)."""
    enrolling: str = ""
    """Why pairing by a prepared file has not succeeded yet (`agent.enrolling`)."""
    clock_behind: Millis = 0
    """By how much this computer's clock is behind a time that was already seen."""
    happened: tuple[Told, ...] = ()
    """What befell the data files and nobody has said yet to have seen."""
    jobs_failed: tuple[str, ...] = ()
    """Scheduled jobs whose last run failed, or which hang."""
    undelivered: int = 0
    """Operations that the hub did not take and nobody has settled."""
    stopped: tuple[Stopped, ...] = ()
    """Logs that stand still before an event that must be understood."""
    outage: OutageView = OutageView()
    """The line as people are told of it."""


async def state(parts: Parts) -> StateView:
    outage = parts.outages.view

    def read(reading: Reading) -> tuple[store.Identity, OutboxView, Millis, Millis, tuple[Told, ...]]:
        waiting = OutboxView(outbox.depth(reading), outbox.oldest_at(reading))
        if outage.since is not None:
            waiting = msgspec.structs.replace(waiting, kinds=outbox.waiting(reading))
        if outage.back_at is not None:
            sent, left = outbox.over_an_outage(reading, outage.back_at - outage.away, outage.back_at)
            waiting = msgspec.structs.replace(waiting, sent=sent, left=left)
        return store.identity(reading), waiting, reading.now, time_floor.behind(reading), story.unseen(reading)

    identity, waiting, now, clock_behind, happened = await parts.work.aread(read)
    aside = await set_aside.counts(parts.work, parts.cache)
    return StateView(
        version=parts.version,
        now=now,
        store=identity.store,
        store_name=identity.name,
        accept=identity.accept,
        hub=identity.hub_url,
        line=parts.line.view,
        outage=outage,
        outbox=waiting,
        quarantined=aside.events,
        undelivered=aside.operations,
        stopped=aside.stopped,
        clock_behind=clock_behind,
        happened=happened,
        jobs_failed=parts.care.jobs.failed,
        printers=printers(parts),
        scanners=scanners(parts),
        training=identity.training,
        mode=identity.mode,
        enrolling=parts.enrolling.problem,
    )


def printers(parts: Parts) -> tuple[DeviceView, ...]:
    return tuple(_printer(worker.settings, worker.view) for worker in parts.printers)


def _printer(settings: PrinterSettings, view: PrinterView) -> DeviceView:
    return DeviceView(
        view.name,
        view.address,
        view.state,
        view.cause,
        view.at,
        view.paper_near_end,
        settings.paper_url,
        view.paused,
        view.waiting,
        settings.prints,
        settings.backup,
    )


def scanners(parts: Parts) -> tuple[DeviceView, ...]:
    return tuple(
        DeviceView(view.name, view.station, view.state, view.trouble or "", view.at, problem=view.problem)
        for view in parts.scanners.views
    )


async def report(parts: Parts, boot: str) -> Report:
    def read(reading: Reading) -> Report:
        identity = store.identity(reading)
        return Report(
            device=identity.device,
            boot=boot,
            version=parts.version,
            at=reading.now,
            cursors=(),
            outbox_depth=outbox.depth(reading),
            outbox_oldest_at=outbox.oldest_at(reading),
            printers=parts.printers.reports,
            scanners=tuple(view.report() for view in parts.scanners.views),
        )

    of_store = await parts.work.aread(read)
    cursors = tuple([await followed_log.cursor() for followed_log in await followed(parts.work, parts.cache)])
    life, confirmed = await parts.work.aread(incarnation.standing)  # after the cursors: a snapshot may come
    aside, events, operations = await set_aside.reported(parts.work, parts.cache)
    return msgspec.structs.replace(
        of_store,
        cursors=cursors,
        incarnation=life,
        confirmed=confirmed,
        quarantined=aside.events + len(aside.stopped),
        events_set_aside=events,
        stopped=tuple(stopped.log for stopped in aside.stopped),
        undelivered=aside.operations,
        operations_set_aside=operations,
        clock_offset=-parts.line.view.clock_off if parts.line.view.state is LineState.ONLINE else None,
        disk_free=parts.care.room.free,
        jobs=parts.care.jobs.reports,
        findings=parts.care.diagnosis.reports,
        diagnosed_at=parts.care.diagnosis.at,
    )
