"""yaolink-demo printer: one virtual printer alone, for integrators (docs/virtual-printer.md)."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.virtual.dialect import DIALECTS
from drivers.virtual.faults import FAULTS
from drivers.virtual.printer import Others, VirtualPrinter
from drivers.virtual.slip import ROLL_58, ROLL_80, VirtualSlip
from installer.demo.printer_orders import BadOrder, obey

DESCRIPTION = """\
Runs one virtual receipt printer. It prints its address, writes every slip that comes out as a picture and as text into
a folder, and takes orders on its standard input: `fault paper_out`, `clear`, `slips`, `help`. Ctrl-C stops it.
"""
_OTHERS: dict[str, Others] = {"served": "served", "refused": "refused", "left-mute": "left_mute"}


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="yaolink-demo printer", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1", help="default %(default)s: nobody else's computer reaches it")
    parser.add_argument("--port", type=int, default=9100, metavar="N", help="default %(default)s; 0: a free one")
    parser.add_argument("--pty", action="store_true", help="on a serial line (a pseudo-terminal), not on the network")
    parser.add_argument("--paper", type=int, choices=(58, 80), default=80, help="mm, default %(default)s")
    parser.add_argument("--speed", type=float, metavar="MM_S", help="mm a second; default: at once")
    parser.add_argument("--buffer", type=int, metavar="BYTES", help="full, it stops reading; default: without end")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="full", help="default %(default)s")
    parser.add_argument("--others", choices=sorted(_OTHERS), default="served", help="a second client; default served")
    parser.add_argument("--deaf-when-open", action="store_true", help="with its cover open it reads nothing")
    parser.add_argument("--one-parser", action="store_true", help="a command cut off waits for the next client's bytes")
    parser.add_argument("--fault", choices=FAULTS, metavar="FAULT", help=f"from the start: {', '.join(FAULTS)}")
    parser.add_argument("--slips", type=Path, default=Path("slips"), metavar="DIR", help="default: ./slips")
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    options = arguments(given)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        folder = SlipFolder(options.slips, say)
        printer = build(options, folder)
    except OSError as error:
        print(f"yaolink-demo printer: {error}", file=sys.stderr)
        return 2
    _narrate()
    with printer:
        say(f"printer on {printer.address} ({options.paper} mm, {options.dialect}); slips in {options.slips.resolve()}")
        if options.fault:
            printer.fault(options.fault)
        threading.Thread(target=_take_orders, args=(printer, stop), name="orders", daemon=True).start()
        stop.wait()
    say(f"stopped; {len(printer.slips)} slips, {len(printer.torn)} torn")
    return 0


def build(options: argparse.Namespace, folder: "SlipFolder") -> VirtualPrinter:
    door = None
    if options.pty:
        from drivers.virtual.serial_door import SerialDoor  # a pseudo-terminal: not on Windows

        door = SerialDoor()
    return VirtualPrinter(
        ROLL_58 if options.paper == 58 else ROLL_80,
        options.host,
        options.port,
        on_slip=folder.keep,
        on_torn=folder.keep,
        dialect=DIALECTS[options.dialect],
        speed=options.speed,
        buffer=options.buffer,
        others=_OTHERS[options.others],
        deaf_when_open=options.deaf_when_open,
        one_parser=options.one_parser,
        door=door,
    )


class SlipFolder:
    """`slip-0001.png` and `.txt`, `torn-0001…` for half ones."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._say = folder, say

    def keep(self, slip: VirtualSlip) -> None:
        name = f"{'torn' if slip.torn else 'slip'}-{slip.number:04d}"
        picture = self._folder / f"{name}.png"
        picture.write_bytes(slip.png())
        said = [slip.text, *(f"[code] {code}" for code in slip.codes), *(f"[fault] {fault}" for fault in slip.faults)]
        (self._folder / f"{name}.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
        self._say(f"{'torn off, half printed' if slip.torn else 'a slip came out'}: {picture}")


def _take_orders(printer: VirtualPrinter, stop: threading.Event) -> None:
    """The end of the input is no order to stop: it may run without one."""
    for line in sys.stdin:
        try:
            answer = obey(line, printer, stop)
        except BadOrder as error:
            answer = str(error)
        if answer:
            say(answer)


def _narrate() -> None:
    """What the printer logs is what happens to it."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    journal = logging.getLogger("drivers.virtual")
    journal.setLevel(logging.INFO)
    journal.addHandler(handler)


def say(line: str) -> None:
    print(line, flush=True)
