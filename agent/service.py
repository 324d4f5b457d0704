"""The store's agent: everything it is made of, built in order, and let go in reverse."""

import asyncio
import logging
import random
import secrets as randomness
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent import garbage, journal, last_words, prescriptions, recovery
from agent.access.access import local_access
from agent.access.token import page_url
from agent.blobs.carrier import Carrier
from agent.care import Care
from agent.changes import Changes
from agent.config import Settings
from agent.device_key import DeviceKeys
from agent.doctor_api import examined
from agent.enrolling import Enrolling
from agent.erp import building
from agent.errors import AgentError
from agent.file_logs import FileOutbox, followed
from agent.files import CACHE, WORK, CacheFile, WorkFile, system_clock
from agent.follower import FollowedLog
from agent.following import Following
from agent.hub import Hub, trust
from agent.in_loop import in_loop
from agent.introducing import Introducing
from agent.journal import Journal
from agent.life_signs import signs_of_life
from agent.line import Line
from agent.news import News
from agent.outages import Outages
from agent.pairing import Pairing
from agent.parts import Parts
from agent.patience import Patience
from agent.printing.finding import Finder
from agent.printing.nearby import Nearby, around_us
from agent.printing.printer_set import PrinterSet
from agent.printing.relocating import Relocating
from agent.scanners.scanner_set import ScannerSet
from agent.scanners.worker import Hearing
from agent.schedule import Schedule
from agent.secrets import Secrets, open_secrets
from agent.server import LocalServer, guarded, stop_serving, take_port
from agent.session import Session
from agent.settings_file import SettingsFile
from agent.settings_now import SettingsNow
from agent.sole import sole
from agent.state import report
from agent.storage import story
from agent.storage.opening import Prepared, open_work, prepare
from agent.system import handing, places, service_manager
from agent.training.sandbox import clear_sandbox, sandbox
from agent.training.switch import TrainingSwitch
from agent.version import VERSION
from agent.voice.voice import Voice
from agent.whole_file import make_folder
from domain.protocol import Report

log = logging.getLogger(__name__)

PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Opened:
    """What is this agent's alone while it runs."""

    boot: str
    """This run of the program."""
    journal: Journal
    listening: socket.socket
    secrets: Secrets
    prepared: Prepared
    work: WorkFile
    cache: CacheFile

    @property
    def port(self) -> int:
        port: int = self.listening.getsockname()[1]
        return port

    async def logs(self) -> Sequence[FollowedLog]:
        """Those that this agent follows."""
        return await followed(self.work, self.cache)


@dataclass(frozen=True, slots=True)
class HubSide:
    following: Following
    pairing: Pairing
    enrolling: Enrolling
    myself: Introducing


@dataclass(frozen=True, slots=True)
class Made:
    """What runs, and what besides the parts has to be begun and let go."""

    parts: Parts
    following: Following
    schedule: Schedule
    relocating: Relocating
    training: TrainingSwitch


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    *,
    config: Path | None = None,
    patience: Patience = PATIENCE,
    nearby: Nearby = around_us,
) -> None:
    """Runs until `stop` is set; changes of settings go to `config`, printers are looked for `nearby`. Raises AgentError
    or DriverError for what keeps it from starting."""
    async with AsyncExitStack() as stack:
        opened = await _open(settings, stack)
        made = _make(opened, settings, config, patience, nearby)
        await _run(opened, made, stop)


async def _open(settings: Settings, stack: AsyncExitStack) -> Opened:
    """The data folder, its log, the port, the secrets, the data files; `stack` lets them go."""
    folder = settings.folder
    make_folder(folder)
    stack.enter_context(sole(folder))
    written = stack.enter_context(journal.begin(settings))
    listening = stack.enter_context(take_port(settings.page_port))
    log.info("agent %s starts with its data in %s", VERSION, folder)
    stack.callback(log.info, "stopped")
    kept = open_secrets(settings.secrets, folder)
    prepared = await asyncio.to_thread(prepare, folder, system_clock)
    master_key = kept.master_key(may_make=not (folder / WORK).exists())
    opened = partial(WorkFile, folder / WORK, master_key=master_key)
    work = stack.enter_context(await open_work(folder, system_clock, opened, VERSION))
    cache = stack.enter_context(CacheFile(folder / CACHE))
    await recovery.take_up(cache, VERSION)
    for happening in prepared.happened:
        await work.awrite(partial(story.write_down, what=happening))
    await asyncio.to_thread(clear_sandbox, folder)
    return Opened(randomness.token_hex(16), written, listening, kept, prepared, work, cache)


def _make(opened: Opened, settings: Settings, config: Path | None, patience: Patience, nearby: Nearby) -> Made:
    """Nothing of it runs yet. What asks for the parts does so once they are here."""
    work, cache = opened.work, opened.cache
    settings_now = SettingsNow(settings, None if config is None else SettingsFile(config))
    changes, line, schedule = Changes(), Line(system_clock), Schedule()
    outages = Outages(line, work, lasts=patience.outage, on_change=changes.changed)
    hub = _hub_side(
        opened, settings, config, patience, line=line, on_change=changes.changed,
        tell=lambda: report(parts, opened.boot),
    )  # fmt: skip
    training = TrainingSwitch(lambda: sandbox(parts, page_url(opened.port)))
    voice = Voice(
        work=work, printers=lambda: parts.printers.views, settings=lambda: settings_now.now,
        changes=changes, clock=system_clock,
    )  # fmt: skip
    news = News(
        changes=changes, following=hub.following, schedule=schedule, voice=voice, training=training,
        journal=opened.journal, line=line,
    )  # fmt: skip
    hearing = Hearing(in_loop(changes.verdict), in_loop(news.of_device), elsewhere=training.take)
    parts = Parts(
        settings_now=settings_now, version=VERSION, work=work, cache=cache, line=line, outages=outages,
        changes=changes, pairing=hub.pairing,
        printers=PrinterSet(settings.printers, work, in_loop(news.of_device)),
        finder=Finder(lambda: settings_now.now, work, nearby),
        scanners=ScannerSet(settings.scanners, work, cache, hearing),
        journal=opened.journal, voice=voice, enrolling=hub.enrolling, training=training,
        erp=building.connectors(settings.erp, work, opened.secrets, in_loop(news.of_erp)),
        care=_care(opened, hub, line, changes, schedule, lambda: parts),
    )  # fmt: skip
    relocating = Relocating(printers=parts.printers, settings_now=settings_now, work=work, seek_s=patience.seek)
    made = Made(parts, hub.following, schedule, relocating, training)
    _listen(made, news)
    return made


def _hub_side(
    opened: Opened, settings: Settings, config: Path | None, patience: Patience, *, line: Line,
    on_change: Callable[[], None], tell: Callable[[], Awaitable[Report]],
) -> HubSide:  # fmt: skip
    work, cache = opened.work, opened.cache
    hub_at = partial(Hub, proxy=settings.proxy, trusted=trust(settings.ca_file))
    keys, myself = DeviceKeys(opened.secrets), Introducing(work, cache, boot=opened.boot, version=VERSION)
    following = Following(
        hub_at=hub_at, session=lambda: Session(keys, myself), logs=opened.logs, outbox=FileOutbox(work),
        carrier_of=partial(
            Carrier, work=work, patience=patience, spread=random.uniform, on_arrival=prescriptions.image_arrived
        ),
        report=tell, line=line, patience=patience, spread=random.uniform,
    )  # fmt: skip
    pairing = Pairing(work=work, keys=keys, following=following, hub_at=hub_at, version=VERSION)
    enrolling = Enrolling(
        None if config is None else config.parent, work=work, pairing=pairing, patience=patience,
        spread=random.uniform, on_change=on_change,
    )  # fmt: skip
    return HubSide(following, pairing, enrolling, myself)


def _care(
    opened: Opened, hub: HubSide, line: Line, changes: Changes, schedule: Schedule, parts: Callable[[], Parts]
) -> Care:
    return Care(
        work=opened.work, cache=opened.cache, prepared=opened.prepared, line=line, following=hub.following,
        on_change=changes.changed, logs=opened.logs, settings=lambda: parts().settings,
        wake_printers=lambda: parts().printers.wake(), examine=lambda: examined(parts()),
        has_old_key=hub.myself.has_old_key, on_diagnosis=schedule.report_soon,
    )  # fmt: skip


def _listen(made: Made, news: News) -> None:
    """Who hears of what."""
    parts = made.parts
    parts.work.after_commit(building.wakes(parts.erp))
    parts.work.after_commit(in_loop(news.of_commit))
    parts.cache.after_commit(in_loop(news.of_cache))
    parts.settings_now.on_change(parts.printers.follow)
    parts.settings_now.on_change(parts.scanners.follow)
    parts.settings_now.on_change(news.of_settings)
    parts.line.on_change(news.of_line)
    parts.finder.on_found(made.relocating.seen)


async def _run(opened: Opened, made: Made, stop: asyncio.Event) -> None:
    """Begins everything, the page after the devices, and lets it go in reverse."""
    parts = made.parts
    async with AsyncExitStack() as stack:
        await parts.outages.remember()
        stack.push_async_callback(parts.outages.stop)
        stack.push_async_callback(made.training.close)
        await made.schedule.start(parts.care.jobs)
        stack.push_async_callback(made.schedule.stop)
        stack.push_async_callback(made.following.stop)
        await parts.printers.start()
        stack.push_async_callback(parts.printers.stop)
        made.relocating.start()
        stack.push_async_callback(made.relocating.stop)
        await parts.scanners.start()
        stack.push_async_callback(parts.scanners.stop)
        parts.erp.start()
        stack.push_async_callback(asyncio.to_thread, parts.erp.stop)
        parts.voice.start()
        stack.push_async_callback(parts.voice.stop)
        access = await stack.enter_async_context(
            local_access(parts.settings.folder, port=opened.port, clock=system_clock)
        )
        server = LocalServer(guarded(parts, access))
        await stack.enter_async_context(handing.handed(access.way_in, places.run_folder()))
        last_words.clear()
        serving = asyncio.create_task(server.serve(sockets=[opened.listening]))
        stack.push_async_callback(stop_serving, server, parts.changes, serving)
        await parts.pairing.resume()
        parts.enrolling.start()
        stack.push_async_callback(parts.enrolling.stop)
        await stack.enter_async_context(signs_of_life(service_manager, opened.port, parts.work))
        log.info("the page is at %s", page_url(opened.port))
        garbage.leave_alone_what_is_built()
        await _until(stop, serving, parts.care)


async def _until(stop: asyncio.Event, serving: asyncio.Task[None], care: Care) -> None:
    """Or until the server fails or a data file is damaged, which nobody asked for."""
    stopped, damaged = asyncio.create_task(stop.wait()), asyncio.create_task(care.until_damaged())
    try:
        await asyncio.wait((stopped, serving, damaged), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        damaged.cancel()
    if damaged.done() and not damaged.cancelled():
        damaged.result()
    if not stop.is_set():
        serving.result()
        raise AgentError("the local server stopped by itself", retryable=True)
    log.info("stopping")
