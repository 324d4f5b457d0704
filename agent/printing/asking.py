"""What a person asks of one printer besides slips; it happens in that printer's own thread, between two slips."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from agent import slips
from agent.config import Language
from agent.documents import of_printer
from agent.errors import NotNow
from agent.pages.words import Words
from agent.parts import Parts
from agent.printing import known
from agent.printing.changing import of
from agent.printing.trying import hear_all
from domain.slips import SlipKind
from drivers.errors import ConnectionLost, PrinterBlocked, PrinterUnreachable
from drivers.printers.base import Printer
from drivers.printers.capability import Capabilities

T = TypeVar("T")

_CHINESE = Words(Language.CHINESE)

PATIENCE_S = 5.0
"""So long an errand waits for its turn: nobody wants a drawer that opens minutes later."""


class PrinterBusy(NotNow):
    """It is at a slip, or waits with one for paper. Nothing was done."""


class PrinterCannot(NotNow):
    """It is blocked, or nobody answers. Nothing was done."""


async def pause(parts: Parts, name: str, paused: bool) -> None:
    """What is being sent is finished; slips wait, or go to its backup. It lasts over restarts. Raises NotFound."""
    worker = parts.printers.by_name(name)
    await parts.work.awrite(lambda tx: known.pause(tx, name, paused))
    worker.pause(paused)


async def test(parts: Parts, name: str) -> str:
    """The id of a test slip for this printer, which expires soon: whoever asked stands beside it. Raises NotFound,
    NotNow."""
    if parts.printers.by_name(name).paused:
        raise NotNow(f"打印机“{name}”已暂停，先恢复再打印测试页", hint="resume it first")
    about = of_printer.subject(of(parts, name))
    return await parts.work.awrite(lambda tx: slips.want(tx, SlipKind.TEST, subject=about, pinned=name))


async def ask(parts: Parts, name: str) -> Capabilities:
    """What it can prove, asked anew and kept. Raises NotFound, PrinterBusy, PrinterCannot."""
    told = await _performed(parts, name, hear_all)
    await parts.work.awrite(lambda tx: known.probed(tx, name, told.address, told.capabilities, told.identity))
    return told.capabilities


async def command(parts: Parts, name: str, data: bytes) -> None:
    """The drawer or the buzzer; once and now, or not at all. Raises as `ask`."""
    use = of(parts, name).use

    def send(printer: Printer) -> None:
        with printer.connect(use) as session:
            session.status()
            session.send_command(data)  # refused by itself while the printer is blocked

    await _performed(parts, name, send)


async def _performed(parts: Parts, name: str, errand: Callable[[Printer], T]) -> T:
    running = parts.printers.by_name(name).perform(errand)
    answer = asyncio.wrap_future(running)
    try:
        await asyncio.wait((answer,), timeout=PATIENCE_S)
    finally:  # nobody waits any more: what has not begun must not happen later
        too_late = not answer.done() and running.cancel()
    if too_late:
        raise PrinterBusy(f"打印机“{name}”正在忙，请稍后再试", hint="it is at a slip, or waits with one for paper")
    try:
        return await answer
    except asyncio.CancelledError:
        if not running.cancelled():
            raise
        raise PrinterBusy(f"打印机“{name}”的设置刚被修改，请再试一次") from None
    except PrinterBlocked as blocked:
        raise PrinterCannot(f"打印机“{name}”{_CHINESE.cause(blocked.reason)}", hint=blocked.hint) from blocked
    except (PrinterUnreachable, ConnectionLost) as error:
        raise PrinterCannot(f"连不上打印机“{name}”（{error}）", hint=error.hint) from error
