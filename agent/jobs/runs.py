"""How the jobs went, kept over restarts."""

import msgspec

from agent.jobs.job import Outcome
from agent.transactions import Reading, Transaction
from domain.times import Millis


class Run(msgspec.Struct, frozen=True):
    began_at: Millis
    took_ms: Millis
    outcome: Outcome
    detail: str
    well_at: Millis | None


def last(reading: Reading) -> dict[str, Run]:
    rows = reading.db.execute("SELECT * FROM job_runs").fetchall()
    return {row["name"]: msgspec.convert({**dict(row)}, Run) for row in rows}


def put(tx: Transaction, name: str, run: Run) -> None:
    tx.db.execute(
        "INSERT OR REPLACE INTO job_runs (name, began_at, took_ms, outcome, detail, well_at) VALUES (?, ?, ?, ?, ?, ?)",
        (name, *msgspec.structs.astuple(run)),
    )
