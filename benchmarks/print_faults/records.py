"""What the store believes, read from its work file with plain SQL: none of the agent's code is asked."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from benchmarks.print_faults.paper import Key


@dataclass(frozen=True, slots=True)
class Step:
    """`at` is monotonic."""

    state: str
    cause: str
    evidence: str | None
    printer: str
    at: float


@dataclass(frozen=True, slots=True)
class Record:
    """One slip as the store has it in the end."""

    key: Key
    state: str
    cause: str
    evidence: str | None
    printer: str
    steps: tuple[Step, ...]


def records(folder: Path, clock: float) -> list[Record]:
    """`clock` is how far the wall clock is ahead of the monotonic one, in seconds."""
    db = sqlite3.connect(folder / "work.db")
    try:
        steps: dict[str, list[Step]] = {}
        for slip_id, state, cause, evidence, printer, at in db.execute(
            "SELECT slip_id, state, cause, evidence, printer, at FROM slip_changes ORDER BY rowid"
        ):
            steps.setdefault(slip_id, []).append(Step(state, cause, evidence, printer, at / 1000 - clock))
        return [
            Record(Key(shown, kind, issue, copy), state, cause, evidence, printer, tuple(steps[slip_id]))
            for slip_id, shown, kind, issue, copy, state, cause, evidence, printer in db.execute(
                "SELECT slip_id, shown_id, kind, issue, copy, slips.state, cause, evidence, printer"
                " FROM slips JOIN orders USING (order_id) ORDER BY number"
            )
        ]
    finally:
        db.close()
