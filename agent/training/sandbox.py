"""The training server: everything it is made of, built in order, and let go in reverse.

Its data lie in a folder that is made anew each time and deleted at the end; what a power cut left of it goes at the
next start. It shares with the real agent the program, the rules and the settings, and no file, outbox or report.
"""

import asyncio
import logging
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agent import store
from agent.access.access import Access, local_access
from agent.changes import Changes
from agent.config import PrinterSettings, Settings, VoicePlayer
from agent.files import CACHE, WORK, CacheFile, WorkFile, system_clock
from agent.in_loop import in_loop
from agent.line import Line
from agent.outages import Outages
from agent.parts import Parts
from agent.printing.printer_set import PrinterSet
from agent.scanners.scanner_set import ScannerSet
from agent.scanners.worker import Hearing
from agent.server import PRACTISED, LocalServer, guarded, stop_serving, take_port
from agent.training import goods
from agent.training.furnishing import PracticeFile, furnish
from agent.training.goods import Goods
from agent.training.practising import Practising
from agent.transactions import Topic
from agent.voice.voice import Voice
from drivers.scanners.base import Scan

if TYPE_CHECKING:
    from drivers.virtual.printer import VirtualPrinter

log = logging.getLogger(__name__)

FOLDER = "training"
PRINTER = "练习打印机"


class Sandbox:
    """One open training server."""

    def __init__(self, access: Access, practising: Practising, changes: Changes) -> None:
        self.changes = changes
        self._access, self._practising = access, practising

    def link(self) -> str:
        return self._access.link()

    async def knows(self, text: str) -> bool:
        return await self._practising.knows(text)

    def take(self, scan: Scan) -> bool:
        return self._practising.take(scan)


def clear_sandbox(data: Path) -> None:
    """Practice data are kept for nobody; what a kill left of them is nobody's work."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is this training's alone while it lasts."""

    listening: socket.socket
    work: WorkFile
    cache: CacheFile
    goods: Sequence[Goods]
    tray: "VirtualPrinter"


@asynccontextmanager
async def sandbox(real: Parts, real_url: str) -> AsyncIterator[Sandbox]:
    """Nothing of the real agent waits for it, and none of its parts is touched."""
    async with AsyncExitStack() as stack:
        opened = await _open(real, stack)
        port: int = opened.listening.getsockname()[1]
        parts, practising = _make(opened, real, real_url)
        await parts.printers.start()
        stack.push_async_callback(parts.printers.stop)
        parts.voice.start()
        stack.push_async_callback(parts.voice.stop)

        folder = opened.work.path.parent
        access = await stack.enter_async_context(local_access(folder, port=port, clock=system_clock))
        server = LocalServer(guarded(parts, access, PRACTISED))
        serving = asyncio.create_task(server.serve(sockets=[opened.listening]))
        stack.push_async_callback(stop_serving, server, parts.changes, serving)
        practising.start()
        stack.push_async_callback(practising.stop)
        log.info("training begins on port %d", port)
        stack.callback(log.info, "training ends")
        yield Sandbox(access, practising, parts.changes)


async def _open(real: Parts, stack: AsyncExitStack) -> _Opened:
    """`stack` lets it go, and deletes what was practised."""
    from drivers.virtual.printer import VirtualPrinter  # only who practises needs it

    folder = real.settings.folder / FOLDER
    await asyncio.to_thread(clear_sandbox, real.settings.folder)
    stack.push_async_callback(asyncio.to_thread, clear_sandbox, real.settings.folder)
    listening = stack.enter_context(take_port(0))
    work = stack.enter_context(PracticeFile(folder / WORK, master_key=secrets.token_bytes(32)))
    cache = stack.enter_context(CacheFile(folder / CACHE))
    identity = await real.work.aread(store.identity)
    with_what = await real.work.aread(lambda here: real.cache.read(lambda there: goods.of_store(there, here)))
    await asyncio.to_thread(furnish, work, cache, identity, with_what)
    return _Opened(listening, work, cache, with_what, stack.enter_context(VirtualPrinter()))


def _make(opened: _Opened, real: Parts, real_url: str) -> tuple[Parts, Practising]:
    """Nothing of it runs yet."""
    work, cache, tray = opened.work, opened.cache, opened.tray
    changes, line = Changes(), Line(system_clock)
    line.up()
    outages = Outages(line, work, lasts=0.0, on_change=changes.changed)
    changed = in_loop(changes.changed)
    printers = PrinterSet((PrinterSettings(PRINTER, tray.address),), work, on_view=lambda _: changed())
    practising = Practising(work, cache, opened.goods, tray, changes, real, real_url, seed=secrets.randbits(32))
    voice = Voice(
        work=work, printers=lambda: printers.views, settings=lambda: _spoken_by_the_page(real.settings),
        changes=changes, clock=system_clock,
    )  # fmt: skip
    work.after_commit(in_loop(_of_commit(changes, voice, practising)))
    parts = replace(
        real, work=work, cache=cache, line=line, outages=outages, changes=changes, printers=printers,
        scanners=_no_scanners(work, cache), voice=voice, practice=practising,
    )  # fmt: skip
    return parts, practising


def _no_scanners(work: WorkFile, cache: CacheFile) -> ScannerSet:
    """The store's own scanners bring practice codes here (`Practising.take`)."""
    return ScannerSet((), work, cache, Hearing(lambda told: None, lambda view: None, lambda scan: False))


def _spoken_by_the_page(settings: Settings) -> Settings:
    """The store's loudspeakers are for real orders."""
    off = settings.voice.player is VoicePlayer.OFF
    voice = msgspec.structs.replace(settings.voice, player=VoicePlayer.OFF if off else VoicePlayer.PAGE)
    return msgspec.structs.replace(settings, voice=voice)


def _of_commit(changes: Changes, voice: Voice, practising: Practising) -> Callable[[frozenset[Topic]], None]:
    """Pages look again; what the clerk did is answered at once."""

    def told(topics: frozenset[Topic]) -> None:
        changes.changed()
        voice.wake()
        if Topic.OUTBOX in topics:
            practising.wake()

    return told
