"""One life of the store's printing, to be ended by kill -9: the real work file, the real apply, the real printers'
threads as agent/service.py builds them. The page, the hub and the scanners are left out.

It obeys one line of JSON at a time and answers each with one.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from agent import recovery, slips
from agent.apply import apply_page
from agent.config import PrinterSettings
from agent.files import WORK, WorkFile
from agent.printing import known
from agent.printing.printer_set import PrinterSet
from agent.printing.worker import PrinterWorker
from agent.transactions import Reading
from domain.protocol import Page
from drivers.errors import PrinterUnreachable
from drivers.printers.base import Printer
from drivers.printers.capability import Capabilities
from drivers.printers.probe import probe

MASTER_KEY = bytes(range(32))

Told = dict[str, Any]
"""A line of JSON."""


def live(link: socket.socket, folder: Path, printers: tuple[PrinterSettings, ...]) -> None:
    asyncio.run(_live(link, folder, printers))


async def _live(link: socket.socket, folder: Path, settings: tuple[PrinterSettings, ...]) -> None:
    reader, writer = await asyncio.open_connection(sock=link)
    with WorkFile(folder / WORK, master_key=MASTER_KEY) as work:
        await work.awrite(recovery.recover)
        printers = PrinterSet(settings, work, lambda _: None)
        await printers.start()
        orders: dict[str, Callable[[Told], Any]] = {
            "page": lambda told: _apply(work, told),
            "unknown": lambda _: work.aread(_unknown),
            "resolve": lambda told: work.awrite(lambda tx: slips.resolve(tx, told["resolve"], told["printed"])),
            "seen": lambda told: work.awrite(lambda tx: slips.seen(tx, told["seen"])),
            "moving": lambda _: work.aread(_moving),
            "probe": lambda _: _probe(printers, work),
        }
        while line := await reader.readline():
            told: Told = msgspec.json.decode(line)
            if "stop" in told:
                break
            answer = await next(orders[word] for word in told if word in orders)(told)
            writer.write(msgspec.json.encode(answer) + b"\n")
        await printers.stop()
    writer.close()


async def _apply(work: WorkFile, told: Told) -> int:
    page = msgspec.json.decode(told["page"], type=Page)
    return (await work.awrite(lambda tx: apply_page(tx, page))).cursor.seq


def _unknown(reading: Reading) -> list[Told]:
    rows = reading.db.execute(
        "SELECT slip_id, order_id, kind, issue, copy FROM slips WHERE state = 'unknown' AND order_id IS NOT NULL"
    )
    return [{"slip_id": row[0], "order_id": row[1], "kind": row[2], "issue": row[3], "copy": row[4]} for row in rows]


def _moving(reading: Reading) -> int:
    """Slips that are not at rest."""
    row = reading.db.execute(
        "SELECT count(*) FROM slips WHERE state IN ('accepted', 'held', 'not_printed', 'sending', 'confirming')"
    ).fetchone()
    return int(row[0])


async def _probe(printers: PrinterSet, work: WorkFile) -> int:
    """As when a printer is added: what it can prove is asked and kept."""

    async def ask(worker: PrinterWorker) -> None:
        told = await asyncio.wrap_future(worker.perform(_patiently))
        name, address = worker.settings.name, worker.settings.address
        await work.awrite(lambda tx: known.probed(tx, name, address, told, ""))

    await asyncio.gather(*map(ask, printers))
    return len(printers.views)


def _patiently(printer: Printer) -> Capabilities:
    """One that takes one connection only may not have seen the last one end."""
    for _ in range(20):
        try:
            return probe(printer)
        except PrinterUnreachable:
            time.sleep(0.1)
    return probe(printer)
