"""The power fails under a real hub and a real agent, at any moment: is anything gone that somebody was told?

    python -m benchmarks.power_loss [--short] [--json] [--images N]

Both programs run whole while a recorder writes down every change of their files, every sync, and every byte that they
say (tests/power). Each image is what the disk may hold had the power failed at some moment: all that was synced, and of
the rest none, a beginning, some, or some with writes torn between sectors; names by ext4's journal, and more harshly
by nothing but a sync of their folder. What was said until then must be in it. A share goes through the programs' own
start.

The same programs with `synchronous` NORMAL and OFF are the controls: of their images some must be bad.
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
from benchmarks.power_loss.worlds import FULL, MODES, SIDES, World
from tests.power import shim
from tests.power.disk import Keeps

IMAGES, SHORT_IMAGES = 20_000, 1_000
CONTROLS, SHORT_CONTROLS = 2_000, 80
"""Images of each control."""
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


def tasks(folder: Path, images: int, controls: int, seed: int) -> Iterator[tuple[str, Cuts]]:
    for mode in MODES:
        count = images if mode == FULL else controls
        shares = [(side, keeps) for side in SIDES for keeps in Keeps]
        for place, (side, keeps) in enumerate(shares):
            left = count // len(shares) + (place < count % len(shares))
            while left > 0:
                seed += 1
                yield mode, Cuts(World(folder / mode, mode), side, keeps, min(left, AT_ONCE), seed, START_EVERY)
                left -= AT_ONCE


def measure(images: int, controls: int, orders: int, seed: int) -> tuple[dict[str, Found], float]:
    """What was found of each mode, and the seconds that drawing and looking took."""
    found = {mode: Found() for mode in MODES}
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="yaolink-power-", dir=place) as folder:
        record(Path(folder), orders)
        began = time.monotonic()
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
            under_way = [(mode, pool.submit(cut, cuts)) for mode, cuts in tasks(Path(folder), images, controls, seed)]
            for mode, answer in under_way:
                found[mode].add(answer.result())
        return found, time.monotonic() - began


def main() -> int:
    chosen = options()
    began = time.monotonic()
    short = chosen.short
    controls, orders = (SHORT_CONTROLS, SHORT_ORDERS) if short else (CONTROLS, ORDERS)
    found, seconds = measure(chosen.images, controls, orders, chosen.seed)
    ours = found[FULL]
    bad = {mode: sum(one.bad.values()) for mode, one in found.items()}
    print("\n".join(ours.examples), end="", file=sys.stderr)
    for mode, one in found.items():
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(one.bad.items())) or "none"
        print(
            f"synchronous={mode}: {one.images} images, {len(one.seen)} different, {one.started} started; bad: {kinds}"
        )
    print("mutants: " + ", ".join(f"synchronous={mode} {_caught(bad[mode])}" for mode in MODES if mode != FULL))
    print(f"none bad of {ours.images} images means below {3 / ours.images:.1e} at 95 % (3/N), for this work and model")
    result: dict[str, float | int | str] = {
        "images": ours.images,
        "bad": bad[FULL],
        "control_bad": min(count for mode, count in bad.items() if mode != FULL),
        **{f"control_bad_{mode.lower()}": bad[mode] for mode in MODES if mode != FULL},
        "control_images": controls,
        "different": len(ours.seen),
        "started": ours.started,
        "promises": ours.promises,
        "mutants": len(MODES) - 1,
        "mutants_caught": sum(bad[mode] > 0 for mode in MODES if mode != FULL),
        "bound_ppm": 3e6 / ours.images,
        "images_per_s": sum(one.images for one in found.values()) / seconds,
        "seconds": time.monotonic() - began,
    }
    figures.report(result, quiet=chosen.json)
    return 0


def _caught(bad: int) -> str:
    return "caught" if bad else "MISSED"


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
