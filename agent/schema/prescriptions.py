"""The tables of prescriptions and blobs in `work`."""

# Prescription images and photos; `next_at` 0: at once. Pieces are sealed under the order's key, none overlaps another.
BLOBS = (
    """CREATE TABLE blobs (
        order_id TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, media_type TEXT NOT NULL,
        state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
        why TEXT NOT NULL DEFAULT '', named_at INTEGER NOT NULL,
        PRIMARY KEY (order_id, digest)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX blobs_to_carry ON blobs (next_at) WHERE state IN ('waiting', 'unsent')",
    """CREATE TABLE blob_pieces (
        order_id TEXT NOT NULL, digest TEXT NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (order_id, digest, start)) STRICT""",
)

# `told` is headquarters' word (domain.prescriptions.Prescription as JSON), `own` a decision made here that is not yet
# in it, `own_key` its operation. `gates` keeps the last answer of the prescription gate, so that a change is noticed.
PRESCRIPTIONS = (
    """CREATE TABLE prescriptions (
        prescription_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, told BLOB NOT NULL, content TEXT NOT NULL,
        own BLOB, own_key TEXT NOT NULL DEFAULT '', approved_first_at INTEGER,
        verified_by TEXT NOT NULL DEFAULT '', came_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX prescriptions_of_order ON prescriptions (order_id)",
    "CREATE INDEX prescriptions_by_content ON prescriptions (content) WHERE content <> ''",
    "CREATE TABLE gates (order_id TEXT PRIMARY KEY, rule TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
