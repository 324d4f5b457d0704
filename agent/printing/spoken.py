"""Printers in plain English sentences, for the command line."""

from collections.abc import Iterable, Iterator, Sequence

from agent.config import Language, PrinterSettings
from agent.pages.words import Words
from agent.printing.listing import PrinterNow
from agent.printing.nearby import FoundNow, FoundPrinter
from agent.printing.trying import Heard
from drivers.errors import blocked_hint
from drivers.printers.capability import Capabilities, Font
from drivers.printers.charset import cells
from drivers.printers.finding.found import Way
from drivers.printers.status import Blocked

_WORDS = Words(Language.ENGLISH)
_HEAD = ("name", "address", "paper", "use", "prints")
_WAYS = {
    Way.MDNS: "announces itself",
    Way.NETWORK: "on the network",
    Way.USB: "on USB",
    Way.SERIAL: "a serial port",
    Way.QUEUE: "a queue of this system",
}


def listed(printers: Sequence[PrinterNow]) -> str:
    rows = [(*_settings(now.settings), proof(now.capabilities), _state(now)) for now in printers]
    return _table([(*_HEAD, "proof", "state"), *rows])


def as_in_settings(printers: Sequence[PrinterSettings]) -> str:
    return _table([_HEAD, *map(_settings, printers)])


def heard(said: Heard) -> str:
    """What answers at an address, and what it can prove."""
    if not said.reachable:
        return f"{said.address} cannot be reached: {said.message}\n  {said.hint}"
    how = state(said.state, said.cause)
    lines = [f"{said.address} is {how}" + (", paper is running low" if said.paper_near_end else "")]
    if said.cause and (hint := hint_for(said.cause)):
        lines.append(f"  {hint}")
    if said.capabilities is not None:
        lines += [f"  {line}" for line in proving(said.capabilities)]
    if said.identity:
        lines.append(f"  known again elsewhere by {said.identity}")
    return "\n".join(lines)


def proving(what: Capabilities) -> Iterator[str]:
    """What a printer can say and prove, a line for each."""
    name = f"{what.maker} {what.model}".strip()
    yield f"it is       {name or 'a printer that does not say its name'}" + (
        f", serial number {what.serial}" if what.serial else ""
    )
    yield f"status      {_status(what)}"
    yield f"proof       {_PROOFS[proof(what)]}"
    font = "GB2312" if what.font is Font.GB2312 else "GBK"
    yield f"characters  {font} in its own font (not asked, but set or assumed); the rest is drawn"


def proof(what: Capabilities | None) -> str:
    """The best evidence that it can give for a slip (design.md §7)."""
    if what is None:
        return "?"
    if what.process_id:
        return "A"
    return "B" if what.in_order and not what.eager else "C"


def state(how: str, cause: str) -> str:
    if how == "ready":
        return "ready"
    return f"not ready: {_WORDS.cause(cause)}" if how == "blocked" else "connected, and does not say how it is"


def hint_for(cause: str) -> str:
    return next((blocked_hint(reason) for reason in Blocked if reason == cause), "")


def found(now: FoundNow) -> str:
    lines = [_found(printer) for printer in now.printers] or ["no printer was found"]
    if now.networks:
        late = f", {now.late} were not for want of time" if now.late else ""
        lines.append(f"{now.looked_at} addresses of {', '.join(now.networks)} were looked at{late}")
    if now.office or now.other:
        lines.append(f"left alone: {now.office} office printers, {now.other} that are no printers")
    return "\n".join((*lines, *(f"  {advice.en}" for advice in now.advice)))


_PROOFS = {
    "A": "A: it returns each slip's own number once the slip is out",
    "B": "B: it answers in its turn, after the slip, and says that all is well",
    "C": "C: it takes the bytes and confirms nothing: slips are called sent, not printed",
    "?": "not asked yet",
}


def _status(what: Capabilities) -> str:
    if what.auto_status:
        return "told by itself: paper, cover, cutter"
    if what.real_time:
        return "told when asked: paper, cover, cutter"
    return "not told: paper and cover are unknown" if what.real_time is False else "not asked yet"


def _state(now: PrinterNow) -> str:
    said = "paused" if now.paused else state(now.state, now.cause)
    return f"{said}, {now.waiting} waiting" if now.waiting else said


def _settings(printer: PrinterSettings) -> tuple[str, ...]:
    paper = f"{printer.paper} mm" + (f"/{printer.columns}" if printer.columns else "")
    prints = ", ".join(printer.prints) or "all"
    backup = f" (backup: {printer.backup})" if printer.backup else ""
    return (printer.name, printer.address, paper, printer.use.value, prints + backup)


def _found(printer: FoundPrinter) -> str:
    words = [", ".join(_WAYS[way] for way in printer.how)]
    if printer.model and printer.model != printer.name:
        words.append(printer.model)
    if printer.answers is False:
        words.append("says nothing")
    if printer.ours:
        words.append(f"is our printer {printer.ours}" + (", at a new address" if printer.moved else ""))
    if printer.others:
        words.append(f"also {', '.join(printer.others)}")
    return f"{printer.address}  {printer.name}: {'; '.join(words)}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; a Hanzi takes two."""
    table = [list(row) for row in rows]
    widths = [max(cells(row[place]) for row in table) for place in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
