"""A printer that came back at another address (a new lease, another USB socket) is used there, once it has proven that
it is the same one: by the MAC of its network card or by its serial number.

While a printer answers, its identity is noted. While it cannot be reached, it is looked for among those that announce
themselves, in the system's table of neighbours, and among what hangs on this computer. No network is gone through.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agent import printer_settings
from agent.config import BadConfig, PrinterSettings
from agent.files import WorkFile
from agent.printing import known
from agent.printing.known import Known
from agent.printing.nearby import places_of
from agent.printing.printer_set import PrinterSet
from agent.printing.stumbles import Stumbles
from agent.settings_file import NotWritable
from agent.settings_now import SettingsNow
from drivers.printers.finding import identity
from drivers.printers.finding.found import Found
from drivers.printers.same_place import same_place
from drivers.printers.status import Blocked

if TYPE_CHECKING:
    from drivers.printers.finding.whereabouts import Lookout

log = logging.getLogger(__name__)

_LOOK_S = 5.0
"""How often the printers' states are looked at, which costs nothing."""


class Relocating:
    """Lives in the event loop's thread. `seek_s` is how often a lost printer is looked for."""

    def __init__(self, *, printers: PrinterSet, settings_now: SettingsNow, work: WorkFile, seek_s: float) -> None:
        self._printers, self._settings_now, self._work, self._seek_s = printers, settings_now, work, seek_s
        self._noted: dict[str, str] = {}
        self._sought: dict[str, float] = {}
        self._hints: dict[str, str] = {}
        self._hinted = asyncio.Event()
        self._lookout: Lookout | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="relocating")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def seen(self, found: Sequence[Found]) -> None:
        """What a person's search found: a lost printer may be among it."""
        self._hints = {each.identity: each.address for each in found if each.identity}
        self._hinted.set()

    async def _run(self) -> None:
        stumbles = Stumbles("printers' addresses")
        while True:
            try:
                await self._round()
                stumbles.over()
            except Exception as error:  # the top of this loop: a printer that moved must be found
                stumbles.pause(error)
            try:
                async with asyncio.timeout(min(_LOOK_S, self._seek_s)):
                    await self._hinted.wait()
            except TimeoutError:
                continue
            self._hinted.clear()

    async def _round(self) -> None:
        views = {view.name: view for view in self._printers.views}
        for printer in self._settings_now.now.printers:
            view = views.get(printer.name)
            if view is None or not same_place(view.address, printer.address):
                continue  # it is being exchanged
            if view.state == "blocked" and view.cause == Blocked.unreachable:
                self._noted.pop(printer.name, None)
                await self._seek(printer, await self._known(printer))
            elif view.at and self._noted.get(printer.name) != printer.address:
                self._sought.pop(printer.name, None)
                await self._note(printer, await self._known(printer))

    async def _known(self, printer: PrinterSettings) -> Known:
        return await self._work.aread(lambda reading: known.of(reading, printer.name))

    async def _note(self, printer: PrinterSettings, kept: Known) -> None:
        """Once after each time it was out of reach: another device may have got its address meanwhile."""
        from drivers.printers.finding.attached import identity_at

        serial = kept.capabilities.serial if kept.capabilities is not None else ""
        shown = await asyncio.to_thread(identity_at, printer.address, serial)
        self._noted[printer.name] = printer.address
        stayed = same_place(kept.address, printer.address)
        if not shown or (stayed and shown == kept.identity):
            return
        if stayed and identity.contradict(shown, kept.identity):
            if await self._seek(printer, kept):
                return
            log.warning("printer %s: another device answers at %s, and is taken for it", printer.name, kept.address)
        await self._work.awrite(lambda tx: known.recognise(tx, printer.name, identity=shown, address=printer.address))

    async def _seek(self, printer: PrinterSettings, kept: Known) -> bool:
        """Whether it was found elsewhere, and is used there from now on."""
        hint, now = self._hints.pop(kept.identity, ""), time.monotonic()
        if not kept.identity or (not hint and now < self._sought.get(printer.name, 0.0)):
            return False
        self._sought[printer.name] = now + self._seek_s
        address = await asyncio.to_thread(self._looked_for, kept.identity, printer.address, hint)
        if address is None or printer not in self._settings_now.now.printers:  # a person was faster
            return False
        await self._work.awrite(lambda tx: known.recognise(tx, printer.name, identity=kept.identity, address=address))
        log.info("printer %s moved from %s to %s: it is %s", printer.name, printer.address, address, kept.identity)
        await self._use(printer, address)
        return True

    def _looked_for(self, lost: str, last: str, hint: str) -> str | None:
        from drivers.printers.finding.whereabouts import Lookout, is_there  # zeroconf: only who lost a printer needs it

        if self._lookout is None:
            self._lookout = Lookout()
        ours = places_of(self._settings_now.now)
        if hint and hint not in ours and is_there(lost, hint):
            return hint
        return self._lookout.find(lost, last, ours)

    async def _use(self, printer: PrinterSettings, address: str) -> None:
        """From agent.toml, so that the next start knows it too; where that may not be written, until then."""
        name = printer.name
        try:
            await self._settings_now.rewrite(
                lambda text: printer_settings.changed(text, name, {"address": address}),
                f"printer {name} is at {address}",
            )
        except (BadConfig, NotWritable) as error:
            log.warning("printer %s: its new address %s is not in the settings: %s", name, address, error)
            moved = msgspec.structs.replace(printer, address=address)
            now = self._settings_now.now
            printers = tuple(moved if each.name == name else each for each in now.printers)
            self._printers.follow(msgspec.structs.replace(now, printers=printers))
