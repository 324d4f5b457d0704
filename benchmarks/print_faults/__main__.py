"""Printing through faults and crashes: is a slip that the store calls printed on paper, once, and is none lost?

`python -m benchmarks.print_faults [--short] [--json]`. Several stores at once, each with ten printers of different
makes, real work files and real printer threads in a process that is killed with -9 at random moments; virtual
printers count the slips that physically left. An independent checker compares (checker.py says what it counts).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from benchmarks import figures
from benchmarks.print_faults.checker import Findings
from benchmarks.print_faults.controls import caught, retrying, trusting
from benchmarks.print_faults.escpos_beside import reported_ok

SEED = 20_261_122
WARDS, ORDERS, KILLS = 4, 3_000, 250
SHORT_WARDS, SHORT_ORDERS, SHORT_KILLS = 2, 40, 8
CONTROL_ORDERS, SHORT_CONTROL_ORDERS = 200, 40
_SUMMED = (
    "slips", "kills", "papers", "half_papers", "by_id", "in_order", "sent", "reprints", "false_printed", "too_early",
    "unmarked_duplicates", "lost", "sent_missing", "met_nothing", "unknown_left", "unknown_in_flight",
    "unknown_without_word", "unknown_unproving",
)  # fmt: skip


def begin(count: int, orders: int, kills: int, course: str, folder: Path) -> "list[subprocess.Popen[bytes]]":
    """Stores side by side, each in a process of its own."""
    running = []
    for number in range(count):
        place = folder / f"store{number}"
        place.mkdir()
        given = (SEED + number, orders, kills, place, course)
        command = [sys.executable, "-m", "benchmarks.print_faults.ward", *map(str, given)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    return running


def _findings(process: "subprocess.Popen[bytes]") -> Findings:
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a store of the campaign ended with {process.returncode}")
    return msgspec.json.decode(out, type=Findings)


def controls(orders: int) -> dict[str, Findings]:
    senders = (retrying, trusting)
    with ThreadPoolExecutor(len(senders)) as pool:
        found = pool.map(lambda send: caught(send, orders, SEED), senders)
        return {send.__name__: each for send, each in zip(senders, found, strict=True)}


def told(stores: Sequence[Findings], beside: dict[str, Findings], escpos: dict[str, bool]) -> dict[str, float | int]:
    result: dict[str, float | int] = {name: sum(getattr(store, name) for store in stores) for name in _SUMMED}
    struck: Counter[str] = sum((Counter(store.faults) for store in stores), Counter())
    result["faults"] = struck.total()
    result["fault_kinds"] = len(struck)
    result["unknown_share"] = result["unknown_left"] / max(1, result["met_nothing"])
    result["escpos_false_ok"] = sum(escpos.values())
    result["escpos_kinds"] = len(escpos)
    result["control_caught"] = sum(bool(each.false_printed or each.unmarked_duplicates) for each in beside.values())
    for name, each in beside.items():
        result[f"{name}_false_printed"] = each.false_printed
        result[f"{name}_duplicates"] = each.unmarked_duplicates
    return result


def main() -> int:
    chosen = figures.options("print_faults", __doc__)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        sizes = (SHORT_WARDS, SHORT_ORDERS, SHORT_KILLS, "short") if chosen.short else (WARDS, ORDERS, KILLS, "long")
        running = begin(*sizes, Path(folder))
        beside = controls(SHORT_CONTROL_ORDERS if chosen.short else CONTROL_ORDERS)
        escpos = {str(fault): ok for fault, ok in reported_ok().items()}
        stores = [_findings(process) for process in running]
    result = told(stores, beside, escpos)
    result["seconds"] = time.monotonic() - began
    if not chosen.json:
        for example in (example for store in stores for example in store.examples):
            print(example, file=sys.stderr)
        print(json.dumps(escpos), file=sys.stderr)
    figures.report(result, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
