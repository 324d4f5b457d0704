"""The store's agent: everything it is made of, built in order, and let go in reverse."""

import asyncio
import importlib.metadata
import logging
import random
import secrets as randomness
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from agent import journal, recovery, store
from agent.access.access import local_access
from agent.access.token import page_url
from agent.changes import Changes
from agent.config import Settings
from agent.enrolling import Enrolling
from agent.errors import AgentError
from agent.files import CACHE, WORK, CacheFile, WorkFile, system_clock
from agent.follower import FollowedLog
from agent.following import Following
from agent.hub import Hub, trust
from agent.life_signs import announced
from agent.line import Line
from agent.logs import FileLog, FileOutbox
from agent.pairing import Pairing
from agent.parts import Parts
from agent.patience import Patience
from agent.printing import PrinterWorker
from agent.scanning import ScannerWorker
from agent.schedule import Schedule
from agent.secrets import open_secrets
from agent.server import LocalServer, guarded, stop_serving, take_port
from agent.settings_file import SettingsFile
from agent.settings_now import SettingsNow
from agent.sole import sole
from agent.state import report
from agent.system import handing, places, service
from agent.training.sandbox import clear_sandbox, sandbox
from agent.training.switch import TrainingSwitch
from agent.transactions import Topic
from agent.verdicts import Told, not_kept, told
from agent.voice import Voice
from domain.events import CATALOGUE, store_log
from drivers.printers.addresses import open_printer
from drivers.printers.document import PAPER_58, PAPER_80

log = logging.getLogger(__name__)

PATIENCE = Patience()
_HEARD = frozenset({Topic.ANNOUNCEMENTS, Topic.ORDERS, Topic.SLIPS})


async def serve(
    settings: Settings, stop: asyncio.Event, *, config: Path | None = None, patience: Patience = PATIENCE
) -> None:
    """Runs until `stop` is set; changes of settings go to `config`. Raises AgentError or DriverError for what keeps it
    from starting."""
    folder, version, boot = settings.folder, importlib.metadata.version("yaolink"), randomness.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        stack.enter_context(sole(folder))
        logs = stack.enter_context(journal.begin(settings))
        listening = stack.enter_context(take_port(settings.page_port))
        port: int = listening.getsockname()[1]
        log.info("agent %s starts with its data in %s", version, folder)
        stack.callback(log.info, "stopped")
        kept = open_secrets(settings.secrets, folder)
        master_key = kept.master_key(may_make=not (folder / WORK).exists())

        work = stack.enter_context(WorkFile(folder / WORK, master_key=master_key))
        cache = stack.enter_context(CacheFile(folder / CACHE))
        await work.awrite(recovery.recover)

        changes, line = Changes(), Line(system_clock)

        def device_changed() -> None:
            changes.changed()
            schedule.report_soon()
            voice.wake()

        changed = _from_threads(device_changed)
        hub_at = partial(Hub, proxy=settings.proxy, trusted=trust(settings.ca_file))
        following = Following(
            hub_at=hub_at,
            logs=lambda: _logs(work, cache),
            outbox=FileOutbox(work),
            report=lambda: report(parts, boot),
            line=line,
            patience=patience,
            spread=random.uniform,
        )
        pairing = Pairing(work=work, secrets=kept, following=following, hub_at=hub_at, version=version)
        enrolling = Enrolling(
            None if config is None else config.parent, work=work, pairing=pairing, patience=patience,
            spread=random.uniform, on_change=changes.changed,
        )  # fmt: skip
        printers = _printers(settings, work, changed)
        await asyncio.to_thread(clear_sandbox, folder)
        training = TrainingSwitch(lambda: sandbox(parts, page_url(port)))
        stack.push_async_callback(training.close)
        scanners = _scanners(settings, work, cache, changes, changed, training)
        settings_now = SettingsNow(settings, None if config is None else SettingsFile(config))
        voice = Voice(
            work=work,
            printers=lambda: [worker.view for worker in printers],
            settings=lambda: settings_now.now,
            changes=changes,
            clock=system_clock,
        )
        parts = Parts(
            settings_now,
            version,
            work,
            cache,
            line,
            changes,
            pairing,
            printers,
            scanners,
            logs,
            voice,
            enrolling,
            training,
        )
        schedule = Schedule(report=following.send_report, wake_printers=lambda: _wake(printers))

        _tell_of_commits(work, following, changes, schedule, voice, training)
        settings_now.on_change(lambda _: changes.changed())
        settings_now.on_change(lambda _: voice.wake())
        settings_now.on_change(lambda changed: logs.change_usual(changed.log_level))
        line.on_change(changes.changed)
        line.on_change(schedule.report_now)
        line.on_change(lambda: service.announce_status(f"line to the hub: {line.view.state} {line.view.reason}"))
        schedule.start()
        stack.callback(schedule.stop)
        stack.push_async_callback(following.stop)
        workers: list[PrinterWorker | ScannerWorker] = [*printers, *scanners]
        for worker in workers:
            worker.start()
            stack.push_async_callback(asyncio.to_thread, worker.stop)
        voice.start()
        stack.push_async_callback(voice.stop)

        access = await stack.enter_async_context(local_access(folder, port=port, clock=system_clock))
        server = LocalServer(guarded(parts, access))
        await stack.enter_async_context(handing.handed(access.way_in, places.run_folder()))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        stack.push_async_callback(stop_serving, server, changes, serving)
        await _follow_if_paired(work, kept.credential(), following)
        enrolling.start()
        stack.push_async_callback(enrolling.stop)
        await stack.enter_async_context(announced(service, port, work))
        log.info("the page is at %s", page_url(port))
        await _until(stop, serving)


async def _logs(work: WorkFile, cache: CacheFile) -> Sequence[FollowedLog]:
    identity = await work.aread(store.identity)
    return FileLog(store_log(identity.store), work), FileLog(CATALOGUE, cache)


async def _follow_if_paired(work: WorkFile, credential: str | None, following: Following) -> None:
    identity = await work.aread(store.identity)
    if not identity.paired:
        log.warning("not paired yet: get a code from headquarters, then run `yaolink-agent pair --hub URL --code CODE`")
    elif credential is None:
        raise AgentError("this agent is paired, but its credential is gone", hint=_PAIR_AGAIN)
    else:
        await following.start(identity.hub_url, credential)


_PAIR_AGAIN = "set `secrets` in agent.toml back to what it was"


def _printers(settings: Settings, work: WorkFile, changed: Callable[[object], None]) -> list[PrinterWorker]:
    """Raises drivers.errors.BadAddress."""
    paper = {58: PAPER_58, 80: PAPER_80}
    return [
        PrinterWorker(printer.name, open_printer(printer.address), paper[printer.paper], work, on_view=changed)
        for printer in settings.printers
    ]


def _scanners(
    settings: Settings,
    work: WorkFile,
    cache: CacheFile,
    changes: Changes,
    changed: Callable[[object], None],
    training: TrainingSwitch,
) -> list[ScannerWorker]:
    loop = asyncio.get_running_loop()

    def scanner(path: str) -> ScannerWorker:
        def tell(verdict: Told) -> None:
            loop.call_soon_threadsafe(changes.verdict, verdict)

        return ScannerWorker(
            path,
            work,
            cache,
            lambda scanned: tell(told(scanned, path)),
            on_failed=lambda error: tell(not_kept(error, path)),
            on_view=changed,
            elsewhere=training.take,
        )

    return [scanner(scanner_settings.path) for scanner_settings in settings.scanners]


def _from_threads(step: Callable[[], None]) -> Callable[[object], None]:
    """The workers' threads tell the event loop; what they tell, it reads from their views."""
    loop = asyncio.get_running_loop()

    def tell(_: object) -> None:
        loop.call_soon_threadsafe(step)

    return tell


def _wake(printers: Sequence[PrinterWorker]) -> None:
    for printer in printers:
        printer.wake()


def _tell_of_commits(
    work: WorkFile, following: Following, changes: Changes, schedule: Schedule, voice: Voice, training: TrainingSwitch
) -> None:
    """The file's writer thread tells the event loop, which tells the sender, the pages, the voice and soon
    headquarters."""
    loop = asyncio.get_running_loop()

    def told_in_loop(topics: frozenset[Topic]) -> None:
        if Topic.OUTBOX in topics:
            following.wake_sender()
        if Topic.ORDERS in topics:
            schedule.report_soon()
            training.real_changed()
        if topics & _HEARD:
            voice.wake()
        changes.changed()

    def told_in_writer(topics: frozenset[Topic]) -> None:
        loop.call_soon_threadsafe(told_in_loop, topics)

    work.after_commit(told_in_writer)


async def _until(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Or until the server fails, which nobody asked for."""
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((stopped, serving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if not stop.is_set():
        serving.result()
        raise AgentError("the local server stopped by itself", retryable=True)
    log.info("stopping")
