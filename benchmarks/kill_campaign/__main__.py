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
import time
from pathlib import Path

from benchmarks import figures
from benchmarks.kill_campaign.buyers import orders
from benchmarks.kill_campaign.chain import STORES
from benchmarks.kill_campaign.course import Outcome, run
from benchmarks.kill_campaign.field import Field, Nests
from benchmarks.kill_campaign.lives import Nest

SEED = 20_261_122
KILLS, SHORT_KILLS = 100, 30
PER_SECOND = 3.0
PAUSE_S = (0.1, 1.1)


def measure(kills: int, folder: Path, nests: Nests) -> Outcome:
    wanted = orders(100_000, STORES, SEED)
    with Field(folder, nests, wanted, stores=STORES, seed=SEED) as field:
        return run(field, SEED, kills=kills, per_second=PER_SECOND, pause_s=PAUSE_S)


def main() -> int:
    chosen = options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yaolink-kill-") as folder, Nest("hub") as hub, Nest("agent") as agent:
        outcome = measure(chosen.kills, Path(folder), Nests(hub, agent))
    found, struck = outcome.findings, outcome.struck
    if not chosen.json:
        print("\n".join(found.examples), file=sys.stderr)
        print("met: " + ", ".join(f"{count} {what}" for what, count in sorted(struck.items())), file=sys.stderr)
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
        "converged_s_max": outcome.converged_s,
        "seconds": time.monotonic() - began,
    }
    figures.report(result, quiet=chosen.json)
    return 0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill_campaign", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a small sample, for the tests")
    parser.add_argument("--json", action="store_true", help="only the last line: one JSON object")
    parser.add_argument("--kills", type=int, help=f"how many (default {KILLS}, short {SHORT_KILLS})")
    chosen = parser.parse_args()
    chosen.kills = chosen.kills or (SHORT_KILLS if chosen.short else KILLS)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
