"""What an agent keeps of the hub's events that it could not apply; in both data files, as each has logs of its own."""

# `deaths`: how often the process died while the event's effect ran; `version` is the program that counted last.
ATTEMPTS = (
    """CREATE TABLE attempts (
        log TEXT NOT NULL, seq INTEGER NOT NULL, deaths INTEGER NOT NULL, version TEXT NOT NULL,
        PRIMARY KEY (log, seq)) STRICT, WITHOUT ROWID""",
    # A log that stands still before an event that must be understood.
    """CREATE TABLE stopped (
        log TEXT PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL, body BLOB NOT NULL,
        why TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    # A person gave it up: kept, not tried again by itself, and nothing waits behind it.
    "ALTER TABLE quarantine ADD COLUMN settled_at INTEGER",
    "ALTER TABLE quarantine ADD COLUMN settled_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quarantine ADD COLUMN settled_why TEXT NOT NULL DEFAULT ''",
)

# Of what an older program knew a log's last snapshot was made; no row where it was followed from its first event.
LEFT_OUT = ("CREATE TABLE snapshots (log TEXT PRIMARY KEY, accepts TEXT NOT NULL) STRICT, WITHOUT ROWID",)

# The same for operations that the hub did not take.
SETTLED_OPERATIONS = (
    "ALTER TABLE outbox ADD COLUMN settled_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN settled_why TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN given_up_at INTEGER",
    """CREATE INDEX undelivered ON outbox (number)
        WHERE state IN ('key_reused', 'unknown_kind', 'not_taken') AND given_up_at IS NULL""",
    "CREATE INDEX refused ON outbox (number) WHERE state = 'refused' AND given_up_at IS NULL",
)
