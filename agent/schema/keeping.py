"""What the care of the files keeps: what befell them, and how the scheduled jobs went."""

KEEPING = (
    # Damage and rebuilding, restoring: `kind` is agent.storage.story.Kind, `told` its Happening as JSON.
    """CREATE TABLE happenings (
        happening_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, at INTEGER NOT NULL, told BLOB NOT NULL,
        seen_at INTEGER) STRICT""",
    # The last run of each job; `well_at` is its last success.
    """CREATE TABLE job_runs (
        name TEXT PRIMARY KEY, began_at INTEGER NOT NULL, took_ms INTEGER NOT NULL, outcome TEXT NOT NULL,
        detail TEXT NOT NULL, well_at INTEGER) STRICT, WITHOUT ROWID""",
    # Removing an old order asks each table that refers to it.
    "DROP INDEX bindings_of_order",
    "CREATE INDEX bindings_of_order ON bindings (order_id)",
    "CREATE INDEX bindings_of_scan ON bindings (scan_id) WHERE scan_id IS NOT NULL",
)
