"""The power fails under a real hub and a real agent, at any moment: is anything gone that somebody was told?

    python -m benchmarks.power_loss [--short] [--json] [--images N]

Both programs run whole while a recorder writes down every change of their files, every sync, and every byte that they
say (tests/power). Each image is what the disk may hold had the power failed at some moment: all that was synced, and of
the rest none, a beginning, some, or some with writes torn between sectors; names by ext4's journal, and more harshly
by nothing but a sync of their folder. What was said until then must be in it. A share goes through the programs' own
start.

The same programs with `synchronous` NORMAL and OFF are controls, and so are a hub that answers before it commits and an
agent that moves its cursor before the effect: of their images some must be bad.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import figures
from benchmarks.power_loss.cutting import Cuts, Found, cut
from benchmarks.power_loss.recording import SEED
from benchmarks.power_loss.worlds import EARLY, FULL, MODES, NORMAL, OFF, SIDES, STORE, World
from tests.power import shim
from tests.power.disk import Keeps

IMAGES, SHORT_IMAGES = 20_000, 1_000
CONTROLS, SHORT_CONTROLS = 2_000, 80
"""Images of each control."""
EARLY_TIMES = 3
"""So many more of the one whose flaws show for a moment only."""
ORDERS, SHORT_ORDERS = 40, 6
START_EVERY = 25
AT_ONCE = 250
"""Images that one process draws before another may take over."""
PROCESSES = 2
_MEMORY = Path("/dev/shm")
_RECORDING_S = 300.0


def record(folder: Path, orders: int) -> None:
    """Raises where the worlds did not come to their end; their logs lie beside them then."""
    command = [sys.executable, "-m", "benchmarks.power_loss.recording", str(folder), str(orders), *MODES]
    done = subprocess.run(
        command,
        env=shim.preloaded(shim.build(folder)),
        capture_output=True,
        text=True,
        timeout=_RECORDING_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the recording failed:\n{done.stderr}")


def tasks(folder: Path, images: int, controls: int, seed: int) -> Iterator[Cuts]:
    for mode in MODES:
        count = images if mode == FULL else controls * (EARLY_TIMES if mode == EARLY else 1)
        shares = [(side, keeps) for side in SIDES for keeps in Keeps]
        for place, (side, keeps) in enumerate(shares):
            left = count // len(shares) + (place < count % len(shares))
            while left > 0:
                seed += 1
                yield Cuts(World(folder / mode, mode), side, keeps, min(left, AT_ONCE), seed, START_EVERY)
                left -= AT_ONCE


Of = tuple[str, str]
"""A mode and a side."""


MUTANTS: dict[str, tuple[Of, ...]] = {
    "synchronous=NORMAL": ((NORMAL, "hub"), (NORMAL, STORE)),
    "synchronous=OFF": ((OFF, "hub"), (OFF, STORE)),
    "answer before commit": ((EARLY, "hub"),),
    "cursor before effect": ((EARLY, STORE),),
}


def measure(images: int, controls: int, orders: int, seed: int) -> tuple[dict[Of, Found], float]:
    """What was found, and the seconds that drawing and looking took."""
    found = {(mode, side): Found() for mode in MODES for side in SIDES}
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="yaolink-power-", dir=place) as folder:
        record(Path(folder), orders)
        began = time.monotonic()
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
            under_way = [(cuts, pool.submit(cut, cuts)) for cuts in tasks(Path(folder), images, controls, seed)]
            for cuts, answer in under_way:
                found[cuts.world.mode, cuts.side].add(answer.result())
        return found, time.monotonic() - began


def main() -> int:
    chosen = options()
    began = time.monotonic()
    short = chosen.short
    controls, orders = (SHORT_CONTROLS, SHORT_ORDERS) if short else (CONTROLS, ORDERS)
    found, seconds = measure(chosen.images, controls, orders, chosen.seed)
    ours = found[FULL, "hub"].and_also(found[FULL, STORE])
    caught = {mutant: sum(found[of].bad.total() for of in ofs) for mutant, ofs in MUTANTS.items()}
    print("\n".join(ours.examples), end="", file=sys.stderr)
    for (mode, side), one in found.items():
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(one.bad.items())) or "none"
        print(f"{mode} {side}: {one.images} images, {len(one.seen)} different, {one.started} started; bad: {kinds}")
    print("mutants: " + ", ".join(f"{mutant} {'caught' if bad else 'MISSED'}" for mutant, bad in caught.items()))
    print(f"none bad of {ours.images} images means below {3 / ours.images:.1e} at 95 % (3/N), for this work and model")
    result: dict[str, float | int | str] = {
        "images": ours.images,
        "bad": ours.bad.total(),
        "control_bad": min(caught["synchronous=NORMAL"], caught["synchronous=OFF"]),
        "control_images": controls,
        "different": len(ours.seen),
        "started": ours.started,
        "promises": ours.promises,
        "mutants": len(caught),
        "mutants_caught": sum(bad > 0 for bad in caught.values()),
        "bound_ppm": 3e6 / ours.images,
        "images_per_s": sum(one.images for one in found.values()) / seconds,
        "seconds": time.monotonic() - began,
    }
    figures.report(result, quiet=chosen.json)
    return 0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power_loss", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a small sample, for the tests")
    parser.add_argument("--json", action="store_true", help="only the last line: one JSON object")
    parser.add_argument("--images", type=int, help=f"how many (default {IMAGES}, short {SHORT_IMAGES})")
    parser.add_argument("--seed", type=int, default=SEED, help="of the images; the recorded timing is the machine's")
    chosen = parser.parse_args()
    chosen.images = chosen.images or (SHORT_IMAGES if chosen.short else IMAGES)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
