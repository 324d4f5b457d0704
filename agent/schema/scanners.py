"""What is known of the store's scanners, by the station that their scans are kept under."""

SCANNERS = (
    "CREATE TABLE scanner_speeds (station TEXT PRIMARY KEY, speed INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    # How each code of the set-up sheet was read the last time.
    """CREATE TABLE sheet_reads (
        station TEXT NOT NULL, part TEXT NOT NULL, raw BLOB NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (station, part)) STRICT, WITHOUT ROWID""",
)
