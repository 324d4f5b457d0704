"""How SQLite would look for what is asked: a plan that names no index of ours reads a whole table."""

from collections.abc import Callable

from agent.transactions import Reading


def plans(reading: Reading, asked: Callable[[Reading], object]) -> list[str]:
    """One for each statement that this sends, its steps parted by semicolons. What a virtual table sends by the way is
    a comment."""
    sent: list[str] = []
    reading.db.set_trace_callback(sent.append)
    asked(reading)
    reading.db.set_trace_callback(None)
    ours = [one for one in sent if not one.startswith("--")]
    return ["; ".join(row["detail"] for row in reading.db.execute(f"EXPLAIN QUERY PLAN {one}")) for one in ours]
