"""yaolink-demo: the whole product on one machine, for somebody who sees it for the first time."""

import argparse
import logging
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from drivers.virtual.slip import VirtualSlip
from installer.demo import lone_printer
from installer.demo.narrator import Narrator, now_line
from installer.demo.paper_page import PaperPage, PaperTray
from installer.demo.people import PEOPLE
from installer.demo.ports import PortInUse
from installer.demo.processes import ProgramFailed, restart_fallen
from installer.demo.sole import AlreadyRunning, sole
from installer.demo.world import HUB_PORT, World

DESCRIPTION = """\
Runs Yaolink on this machine alone: a hub, two pharmacies with an agent each, a virtual receipt printer and a virtual
barcode scanner per pharmacy, and a simulator of the Meituan platform whose customers order now and then.
Open the addresses it prints. Ctrl-C stops everything; started again on the same data it goes on where it was.
`yaolink-demo printer` runs a virtual printer alone, with faults on command: see `yaolink-demo printer --help`.
"""

Say = Callable[[str], None]


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="yaolink-demo", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("demo-data"), metavar="DIR", help="default: ./demo-data")
    parser.add_argument(
        "--hub-port", type=int, default=HUB_PORT, metavar="N", help="default %(default)s; 0: a free one"
    )
    parser.add_argument("--printer", metavar="tcp://HOST:PORT", help="a printer of yours for the first pharmacy")
    parser.add_argument("--no-simulator", action="store_true", help="no platform: calls to it wait in the hub's outbox")
    parser.add_argument(
        "--orders-per-minute",
        type=float,
        metavar="N",
        help="what the simulated customers order by themselves; default: 2 on a terminal, otherwise 0",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if given is None else given
    if given[:1] == ["printer"]:
        return lone_printer.main(given[1:])
    options = arguments(given)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with sole(options.data):
            run(options, stop)
    except (AlreadyRunning, PortInUse, ProgramFailed) as error:
        print(f"yaolink-demo: {error}", file=sys.stderr)
        return 2
    return 0


def run(options: argparse.Namespace, stop: threading.Event) -> None:
    trays: dict[str, PaperTray] = {}
    paper = PaperPage(trays)
    say = (lambda _: None) if options.quiet else print_line

    def came_out(store: str, slip: VirtualSlip) -> None:
        number = trays[store].catch(slip)
        say(now_line(store, f"slip {number} came out of the printer: {paper.url}/{store}/{number}.png"))

    say("starting hub, agents, devices and the simulated platform …")
    world = World(
        options.data,
        hub_port=options.hub_port,
        printer=options.printer,
        with_simulator=not options.no_simulator,
        on_slip=came_out,
        paper_url=paper.url,
    )
    trays.update({store.store: PaperTray() for store in world.chain.stores})
    paper.start()
    try:
        with world:
            accompany(world, options, stop, say, paper)
    finally:
        paper.stop()


def accompany(world: World, options: argparse.Namespace, stop: threading.Event, say: Say, paper: PaperPage) -> None:
    """From the moment everything answers until somebody stops it."""
    narrator = Narrator(world.hub_url, world.manifest.hub.operator_token, say)
    narrator.start()
    welcome(world, say, paper)
    begin_ordering(world, options, say)
    while not stop.wait(0.5):
        restart_fallen(world.programs, print_error)
    say("stopping …")
    narrator.stop()


def welcome(world: World, say: Say, paper: PaperPage) -> None:
    hub = world.manifest.hub
    say(f"\n  总部 hub page       {hub.url}/login?token={hub.operator_token}")
    for store in world.manifest.stores:
        say(f"  门店 {store.id} page     {store.page_url}   ({store.name})")
    say(f"  小票 paper          {paper.url}/")
    say(f"  工牌 badges, cards  {paper.url}/cards   (PIN of {PEOPLE[0].name}: {PEOPLE[0].pin})")
    say(f"  everything to drive it from outside: {world.data / 'demo.json'}")
    store = world.manifest.stores[0]
    sku = store.skus[0]
    say(f"\n  scan a pack of {sku.name} in {store.id}:  ")
    say(f"    printf '{sku.trace_prefix}{secrets.randbelow(10**13):013d}\\r' > {store.scanner}\n")


def begin_ordering(world: World, options: argparse.Namespace, say: Say) -> None:
    per_minute = options.orders_per_minute
    if per_minute is None:
        per_minute = 2.0 if sys.stdout.isatty() and not options.quiet else 0.0
    if world.simulator is None or per_minute <= 0:
        say("nobody orders by himself: --orders-per-minute N lets the simulated customers do it")
        return
    httpx.post(
        f"{world.simulator_url}/control/customer",
        headers={"Authorization": f"Bearer {world.secrets.control_token}"},
        json={"orders_per_minute": per_minute},
        timeout=5.0,
        trust_env=False,
    ).raise_for_status()


def print_line(line: str) -> None:
    print(line, flush=True)


def print_error(line: str) -> None:
    print(f"yaolink-demo: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
