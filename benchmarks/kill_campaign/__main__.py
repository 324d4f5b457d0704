"""Kill -9 of a real hub and real agents, their lines spoilt by a fault proxy, while orders come and people work: is
anything lost, is anything doubled?

`python -m benchmarks.kill_campaign [--short] [--json] [--kills N]`. Hub and agents are whole programs with real files,
sockets, printer and scanner threads; each is begun again at once after its kill. After the last kill the lines heal,
and within two minutes everything must be at rest. The checker (checker.py) compares what buyers and people were told
with what is in the files and on paper.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import figures
from benchmarks.kill_campaign.buyers import orders
from benchmarks.kill_campaign.chain import STORES
from benchmarks.kill_campaign.controls import SCENES, SHORT, caught
from benchmarks.kill_campaign.course import Outcome, run
from benchmarks.kill_campaign.field import Field
from benchmarks.kill_campaign.nest import Nest

SEED = 20_261_122
KILLS, SHORT_KILLS = 100, 30
PER_SECOND = 3.0
NEVER_S = 1e9
"""Instead of a time that did not come."""
ORDERS_A_KILL = 10
"""More than come between two kills."""
PAUSE_S, SHORT_PAUSE_S = (0.05, 1.2), (0.02, 0.4)


def measure(kills: int, folder: Path, nest: Nest, seed: int, pause_s: tuple[float, float]) -> Outcome:
    folder.mkdir()
    wanted = orders(ORDERS_A_KILL * kills, STORES, seed)
    with Field(folder, nest, wanted, stores=STORES, seed=seed) as field:
        return run(field, seed, kills=kills, per_second=PER_SECOND, pause_s=pause_s)


def main() -> int:
    chosen = options()
    began = time.monotonic()
    broken: list[threading.ExceptHookArgs] = []
    threading.excepthook = broken.append
    with tempfile.TemporaryDirectory(prefix="yaolink-kill-") as folder, Nest() as nest:
        pause_s = SHORT_PAUSE_S if chosen.short else PAUSE_S
        outcome = measure(chosen.kills, Path(folder) / "campaign", nest, chosen.seed, pause_s)
        flaws = SHORT if chosen.short else tuple(SCENES)
        beside = {flaw: caught(flaw, Path(folder) / flaw, nest, chosen.seed) for flaw in flaws}
    if broken:  # whoever bought, picked or spoilt the line did less than this run claims
        raise RuntimeError("a part of the campaign failed") from broken[0].exc_value
    found, struck = outcome.findings, outcome.struck
    if not chosen.json:
        print("\n".join(found.examples), file=sys.stderr)
    print("met: " + ", ".join(f"{count} {what}" for what, count in sorted(struck.items())))
    print(f"checked: {found.orders} orders, {found.operations} operations, {found.packs} packs, {found.papers} papers")
    print("mutants: " + ", ".join(f"{flaw} {'caught' if count else 'MISSED'}" for flaw, count in beside.items()))
    print(f"none wrong of {found.checked} means below {3 / found.checked:.1e} at 95 % (3/N), for this mix of faults")
    result: dict[str, float | int | str] = {
        "kills": struck["kill hub"] + struck["kill agent"],
        "lost": found.lost,
        "doubled": found.doubled,
        "slips_doubled": found.slips_doubled,
        "diverged": found.diverged,
        "orders": found.orders,
        "operations": found.operations,
        "packs": found.packs,
        "papers": found.papers,
        "converged_s_max": NEVER_S if outcome.converged_s is None else outcome.converged_s,
        "bound_ppm": 3e6 / found.checked,
        "mutants": len(beside),
        "mutants_caught": sum(count > 0 for count in beside.values()),
        "seconds": time.monotonic() - began,
    }
    figures.report(result, quiet=chosen.json)
    return 0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill_campaign", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a small sample, for the tests")
    parser.add_argument("--json", action="store_true", help="only the last line: one JSON object")
    parser.add_argument("--kills", type=int, help=f"how many (default {KILLS}, short {SHORT_KILLS})")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="of orders, kills and faults; the timing is the machine's"
    )
    chosen = parser.parse_args()
    chosen.kills = chosen.kills or (SHORT_KILLS if chosen.short else KILLS)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
