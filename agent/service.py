"""The store's agent: everything it is made of, built in order, and let go in reverse."""

import asyncio
import importlib.metadata
import logging
import random
import secrets as randomness
import socket
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from agent import collecting, journal, last_words, prescriptions, recovery
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
from agent.following import Following
from agent.hub import Hub, trust
from agent.in_loop import in_loop
from agent.introducing import Introducing
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
from agent.secrets import open_secrets
from agent.server import LocalServer, guarded, stop_serving, take_port
from agent.session import Session
from agent.settings_file import SettingsFile
from agent.settings_now import SettingsNow
from agent.sole import sole
from agent.state import report
from agent.storage import story
from agent.storage.opening import open_work, prepare
from agent.system import handing, places, service_manager
from agent.training.sandbox import clear_sandbox, sandbox
from agent.training.switch import TrainingSwitch
from agent.voice.voice import Voice
from agent.whole_file import make_folder

log = logging.getLogger(__name__)

PATIENCE = Patience()


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
    folder, version, boot = settings.folder, importlib.metadata.version("yaolink"), randomness.token_hex(16)
    make_folder(folder)
    async with AsyncExitStack() as stack:
        # What is ours alone: the data folder, its log, the port, the secrets, the data files
        stack.enter_context(sole(folder))
        logs = stack.enter_context(journal.begin(settings))
        listening = stack.enter_context(take_port(settings.page_port))
        port: int = listening.getsockname()[1]
        log.info("agent %s starts with its data in %s", version, folder)
        stack.callback(log.info, "stopped")
        kept = open_secrets(settings.secrets, folder)
        prepared = await asyncio.to_thread(prepare, folder, system_clock)
        master_key = kept.master_key(may_make=not (folder / WORK).exists())
        opened = partial(WorkFile, folder / WORK, master_key=master_key)
        work = stack.enter_context(await open_work(folder, system_clock, opened, version))
        cache = stack.enter_context(CacheFile(folder / CACHE))
        await recovery.take_up(cache, version)
        for happening in prepared.happened:
            await work.awrite(partial(story.write_down, what=happening))
        await asyncio.to_thread(clear_sandbox, folder)

        # What the agent is made of; nothing of it runs yet
        settings_now = SettingsNow(settings, None if config is None else SettingsFile(config))
        changes, line = Changes(), Line(system_clock)
        outages = Outages(line, work, lasts=patience.outage, on_change=changes.changed)
        await outages.remember()
        stack.push_async_callback(outages.stop)
        hub_at = partial(Hub, proxy=settings.proxy, trusted=trust(settings.ca_file))
        keys, myself = DeviceKeys(kept), Introducing(work, cache, boot=boot, version=version)
        following = Following(
            hub_at=hub_at, session=lambda: Session(keys, myself), logs=lambda: followed(work, cache),
            outbox=FileOutbox(work),
            carrier_of=partial(
                Carrier, work=work, patience=patience, spread=random.uniform, on_arrival=prescriptions.image_arrived
            ),
            report=lambda: report(parts, boot), line=line, patience=patience, spread=random.uniform,
        )  # fmt: skip
        pairing = Pairing(work=work, keys=keys, following=following, hub_at=hub_at, version=version)
        enrolling = Enrolling(
            None if config is None else config.parent, work=work, pairing=pairing, patience=patience,
            spread=random.uniform, on_change=changes.changed,
        )  # fmt: skip
        schedule = Schedule()
        training = TrainingSwitch(lambda: sandbox(parts, page_url(port)))
        voice = Voice(
            work=work, printers=lambda: printers.views, settings=lambda: settings_now.now,
            changes=changes, clock=system_clock,
        )  # fmt: skip
        news = News(
            changes=changes, following=following, schedule=schedule, voice=voice, training=training, journal=logs,
            line=line,
        )  # fmt: skip
        printers = PrinterSet(settings.printers, work, in_loop(news.of_device))
        hearing = Hearing(in_loop(changes.verdict), in_loop(news.of_device), elsewhere=training.take)
        scanners = ScannerSet(settings.scanners, work, cache, hearing)
        finder = Finder(lambda: settings_now.now, work, nearby)
        relocating = Relocating(printers=printers, settings_now=settings_now, work=work, seek_s=patience.seek)
        finder.on_found(relocating.seen)
        connectors = building.connectors(settings.erp, work, kept, in_loop(news.of_erp))
        care = Care(
            work=work, cache=cache, prepared=prepared, line=line, following=following, on_change=changes.changed,
            logs=lambda: followed(work, cache), settings=lambda: settings_now.now, wake_printers=printers.wake,
            examine=lambda: examined(parts), has_old_key=myself.has_old_key, on_diagnosis=schedule.report_soon,
        )  # fmt: skip
        parts = Parts(
            settings_now=settings_now, version=version, work=work, cache=cache, line=line, outages=outages,
            changes=changes, pairing=pairing, printers=printers, finder=finder, scanners=scanners, journal=logs,
            voice=voice, enrolling=enrolling, training=training, erp=connectors, care=care,
        )  # fmt: skip
        work.after_commit(building.wakes(connectors))
        work.after_commit(in_loop(news.of_commit))
        cache.after_commit(in_loop(news.of_cache))
        settings_now.on_change(printers.follow)
        settings_now.on_change(scanners.follow)
        settings_now.on_change(news.of_settings)
        line.on_change(news.of_line)
        stack.push_async_callback(training.close)
        await _run(parts, following, schedule, relocating, listening, stop)


async def _run(
    parts: Parts,
    following: Following,
    schedule: Schedule,
    relocating: Relocating,
    listening: socket.socket,
    stop: asyncio.Event,
) -> None:
    """Begins everything, the page after the devices, and lets it go in reverse."""
    port: int = listening.getsockname()[1]
    async with AsyncExitStack() as stack:
        await schedule.start(parts.care.jobs)
        stack.push_async_callback(schedule.stop)
        stack.push_async_callback(following.stop)
        await parts.printers.start()
        stack.push_async_callback(parts.printers.stop)
        relocating.start()
        stack.push_async_callback(relocating.stop)
        await parts.scanners.start()
        stack.push_async_callback(parts.scanners.stop)
        parts.erp.start()
        stack.push_async_callback(asyncio.to_thread, parts.erp.stop)
        parts.voice.start()
        stack.push_async_callback(parts.voice.stop)
        access = await stack.enter_async_context(local_access(parts.settings.folder, port=port, clock=system_clock))
        server = LocalServer(guarded(parts, access))
        await stack.enter_async_context(handing.handed(access.way_in, places.run_folder()))
        last_words.clear()
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        stack.push_async_callback(stop_serving, server, parts.changes, serving)
        await parts.pairing.resume()
        parts.enrolling.start()
        stack.push_async_callback(parts.enrolling.stop)
        await stack.enter_async_context(signs_of_life(service_manager, port, parts.work))
        log.info("the page is at %s", page_url(port))
        collecting.leave_alone_what_is_built()
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
