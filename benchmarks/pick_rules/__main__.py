"""`python -m benchmarks.pick_rules [--short] --json`."""

import sys

from benchmarks.figures import options, report
from benchmarks.pick_rules.mutants import MUTANTS, caught
from benchmarks.pick_rules.nearest_expiry import mismatch
from benchmarks.pick_rules.sequences import Tally, run

_SEQUENCES, _SEQUENCES_SHORT = 100_000, 400
_STOCKS, _STOCKS_SHORT = 10_000, 500
_PER_MUTANT, _PER_MUTANT_SHORT = 20_000, 1_000


def main() -> None:
    chosen = options("pick_rules", __doc__ or "")
    tally = Tally()
    for number in range(_SEQUENCES_SHORT if chosen.short else _SEQUENCES):
        run(number, tally)
    missed = [name for name, hole in MUTANTS.items() if caught(hole, at_most=_many(chosen.short)) is None]
    if missed:
        print("not caught:", *missed, sep="\n  ", file=sys.stderr)
    if tally.first:
        print(f"illegal: {tally.first}", file=sys.stderr)
    figures = {
        "sequences": tally.sequences,
        "steps": tally.steps,
        "packed": tally.packed,
        "released": tally.released,
        "refusals": tally.refusals,
        "illegal_releases": tally.illegal,
        "unnamed_refusals": tally.unnamed,
        "needless_refusals": tally.needless,
        "fefo_mismatches": sum(map(mismatch, range(_STOCKS_SHORT if chosen.short else _STOCKS))),
        "mutants": len(MUTANTS),
        "mutants_caught": len(MUTANTS) - len(missed),
    }
    report(figures, quiet=chosen.json)


def _many(short: bool) -> int:
    return _PER_MUTANT_SHORT if short else _PER_MUTANT


if __name__ == "__main__":
    main()
