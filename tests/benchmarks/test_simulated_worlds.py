"""A hundred store-hours under every fault, and every mutant: the simulation's short form.

In a file of its own because it takes as long as all the others.
"""

import json
import subprocess
import sys

import pytest

KEYS = {
    *("store_hours", "orders", "lost", "doubled", "diverged", "mutants", "mutants_caught"),
    *("seeds", "operations", "bound_3_over_n"),
}


@pytest.mark.timeout(1200)
def test_nothing_is_lost_doubled_or_diverged_and_every_mutant_is_caught() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sync_simulation", "--short", "--json"],
        capture_output=True,
        text=True,
        timeout=1140,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert set(figures) >= KEYS
    assert (figures["lost"], figures["doubled"], figures["diverged"]) == (0, 0, 0), done.stdout[-4000:]
    assert figures["store_hours"] >= 100 and figures["orders"] >= 30 * figures["store_hours"]
    assert figures["mutants_caught"] == figures["mutants"] >= 20
