"""What every benchmark shares: its options, percentiles, and the one line of JSON at the end."""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

Figures = Mapping[str, float | int | str]
Size = TypeVar("Size", int, float)


def options(name: str, describe: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=describe)
    parser.add_argument("--short", action="store_true", help="a small sample, for the tests")
    parser.add_argument("--json", action="store_true", help="only the last line: one JSON object")
    return parser.parse_args()


def run(name: str, describe: str, measure: Callable[[Size, Path], Figures], size: Size, *, short: Size) -> None:
    """A whole benchmark of one size (orders, seconds): measured in a folder that is gone afterwards, and reported."""
    chosen = options(name, describe)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(short if chosen.short else size, Path(folder))
    report(found, quiet=chosen.json)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: a value that was really measured."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def report(figures: Figures, *, quiet: bool) -> None:
    rounded = {name: _short(value) if isinstance(value, float) else value for name, value in figures.items()}
    if not quiet:
        for name, value in rounded.items():
            print(f"{name:>28}  {value}", file=sys.stderr)
    print(json.dumps(rounded), flush=True)


def _short(value: float) -> float:
    """To a thousandth; what is less, to two digits."""
    return round(value, 3) if abs(value) >= 0.001 else float(f"{value:.2g}")


def cpu_seconds(pid: int) -> float:
    """User and system time of one process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Resident memory of one process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no resident memory")


def now_ms() -> float:
    return time.monotonic() * 1000
