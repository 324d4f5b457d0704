"""Goods that come in, and what becomes of lots. A draft is kept: a power cut loses no scan of it."""

GOODS = (
    # `committed_at` NULL: the draft; there is one at a time in a store.
    """CREATE TABLE receipts (
        receipt_id TEXT PRIMARY KEY, supplier TEXT NOT NULL, bill TEXT NOT NULL, opened_at INTEGER NOT NULL,
        staff_id TEXT NOT NULL, committed_at INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE UNIQUE INDEX one_draft ON receipts ((committed_at IS NULL)) WHERE committed_at IS NULL",
    "CREATE UNIQUE INDEX one_receipt_per_bill ON receipts (supplier, bill) WHERE bill <> ''",
    # '' and NULL where nobody said yet. Packs without a lot go to the line that was touched last.
    """CREATE TABLE receipt_lines (
        line_id INTEGER PRIMARY KEY AUTOINCREMENT, receipt_id TEXT NOT NULL REFERENCES receipts, sku TEXT NOT NULL,
        lot TEXT NOT NULL DEFAULT '', expiry TEXT, month_only INTEGER NOT NULL DEFAULT 0, produced TEXT,
        quantity INTEGER NOT NULL DEFAULT 0, touched_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX lines_of_receipt ON receipt_lines (receipt_id)",
    # A code comes in once, whatever the rule that should have said so forgot.
    """CREATE TABLE receipt_codes (
        code TEXT PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES receipt_lines, at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    "CREATE INDEX codes_of_receipt_line ON receipt_codes (line_id)",
    # Suppliers' files as they came, byte for byte; `flaws` says what kept one from being used.
    """CREATE TABLE goods_files (
        file_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, raw BLOB NOT NULL,
        flaws TEXT NOT NULL, staff_id TEXT NOT NULL, at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE lot_moves (
        move_id TEXT PRIMARY KEY, kind TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL, delta INTEGER NOT NULL,
        quarantined INTEGER NOT NULL, reason TEXT NOT NULL, staff_id TEXT NOT NULL, at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    "CREATE INDEX moves_by_time ON lot_moves (at)",
    "CREATE INDEX moves_of_lot ON lot_moves (sku, lot) WHERE quarantined <> 0",
    # Which page takes scans as goods that come in, rather than as packs of an order.
    "CREATE TABLE receiving_pages (station TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)
