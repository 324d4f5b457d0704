"""What may be told to the lone virtual printer, one line each."""

import shlex
import threading

from drivers.virtual.faults import FAULTS
from drivers.virtual.printer import VirtualPrinter

HELP = f"""\
fault NAME [bytes=N | lines=N] [for=SECONDS]
                 now, or at a byte or after a line of what comes next; for a time, or until `clear`
                 {", ".join(FAULTS)}
clear            all is well again: paper is in, the cover is shut, the power is back
mute | speak     it answers nothing | it answers again
drop             the cable is pulled and put back
slips            what came out so far
status           what ails it
quit"""


class BadOrder(ValueError):
    """Says what is wrong with the line."""


def obey(line: str, printer: VirtualPrinter, stop: threading.Event) -> str:
    """What to say about it."""
    words = _split(line)
    match words:
        case []:
            return ""
        case ["fault", name, *rest]:
            _begin(printer, name, rest)
            return ""
        case ["clear"]:
            printer.fault(None)
            return ""
        case ["mute" | "speak" as word]:
            printer.mute = word == "mute"
            return f"it answers {'nothing' if printer.mute else 'again'}"
        case ["drop"]:
            printer.drop_connections()
            return "every connection is reset"
        case ["slips"]:
            return told(printer)
        case ["status"]:
            return printer.ails or "in order"
        case ["help"]:
            return HELP
        case ["quit"]:
            stop.set()
            return ""
        case _:
            raise BadOrder(f"unknown order {words[0]!r}; `help` lists them")


def told(printer: VirtualPrinter) -> str:
    heads = [f"{slip.number:4d}  {_first_line(slip.lines)}  {' '.join(slip.codes)}".rstrip() for slip in printer.slips]
    counted = f"{len(printer.slips)} slips, {len(printer.torn)} torn off half printed"
    return "\n".join((*heads, f"{counted}; drawer opened {printer.drawer_kicks} times, {printer.beeps} beeps"))


def _first_line(lines: list[str]) -> str:
    return next((line.strip() for line in lines if line.strip()), "(no text)")


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise BadOrder(f"cannot read this order: {error}") from error


def _begin(printer: VirtualPrinter, name: str, rest: list[str]) -> None:
    if name not in FAULTS:
        raise BadOrder(f"unknown fault {name!r}: one of {', '.join(FAULTS)}")
    given: dict[str, float] = {}
    for word in rest:
        key, _, value = word.partition("=")
        if key not in ("bytes", "lines", "for"):
            raise BadOrder(f"unknown setting {word!r}: bytes=N, lines=N or for=SECONDS")
        try:
            given[key] = float(value)
        except ValueError as error:
            raise BadOrder(f"{word!r} needs a number") from error
    printer.fault(
        name,
        after_bytes=int(given.get("bytes", 0)),
        after_lines=int(given.get("lines", 0)),
        lasts_s=given.get("for"),
    )
