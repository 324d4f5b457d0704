"""What picking keeps besides orders, scans and bindings."""

LOTS = (
    # The lot of one pack, as receiving, a supplier's bill or GS1 (10) told it; `source` is domain.lots.LotSource.
    """CREATE TABLE code_lots (
        code TEXT PRIMARY KEY, sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT, produced TEXT,
        month_only INTEGER NOT NULL DEFAULT 0, source TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "ALTER TABLE lots ADD COLUMN month_only INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE lots ADD COLUMN shelf TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE lots ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0",
    # Of `quantity`, what may not be sold.
    "ALTER TABLE lots ADD COLUMN quarantine INTEGER NOT NULL DEFAULT 0",
)

DESKS = (
    # Who has the order in hand: a station and the colleague signed in there. Empty while it waits.
    "ALTER TABLE picks ADD COLUMN station TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE picks ADD COLUMN picker TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE desks ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0",
    "UPDATE desks SET device = 'page:' WHERE device = ''",
    # What a person must still say before the pack just scanned at a station counts. One at a time.
    """CREATE TABLE asks (
        ask_id INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT NOT NULL UNIQUE,
        order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER, kind TEXT NOT NULL,
        scan_id INTEGER NOT NULL REFERENCES scans, at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE learned_prefixes (
        prefix TEXT PRIMARY KEY, sku TEXT NOT NULL, barcode TEXT NOT NULL, staff_id TEXT NOT NULL, at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    # Packs that were opened to sell a part (拆零), and what of each is left.
    """CREATE TABLE opened (
        code TEXT PRIMARY KEY, sku TEXT NOT NULL, remaining INTEGER NOT NULL, opened_at INTEGER NOT NULL,
        packer TEXT NOT NULL, checker TEXT NOT NULL, lot TEXT, expiry TEXT) STRICT, WITHOUT ROWID""",
    # Parts of one opened pack are bound by many lines; the ledger above says how long.
    "DROP INDEX one_binding_per_code",
    """CREATE UNIQUE INDEX one_binding_per_code ON bindings (code)
        WHERE code IS NOT NULL AND released_at IS NULL AND opened = 0""",
    "CREATE INDEX bindings_of_opened ON bindings (code) WHERE released_at IS NULL AND opened = 1",
    # Packs of an order that ended before it left the store: to be put back on the shelf, and when they were.
    "ALTER TABLE bindings ADD COLUMN put_back TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE bindings ADD COLUMN put_back_at INTEGER",
    "CREATE INDEX bindings_to_put_back ON bindings (order_id) WHERE put_back = 'wanted'",
    """CREATE TABLE shortages (
        order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER NOT NULL, missing INTEGER NOT NULL,
        choice TEXT NOT NULL, substitute TEXT NOT NULL, reason TEXT NOT NULL, staff_id TEXT NOT NULL,
        reported_at INTEGER NOT NULL, PRIMARY KEY (order_id, line_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE returns (
        return_id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, place INTEGER NOT NULL, code TEXT,
        line_id INTEGER NOT NULL, quantity INTEGER NOT NULL, at INTEGER NOT NULL, UNIQUE (order_id, place))
        STRICT, WITHOUT ROWID""",
    "ALTER TABLE lines ADD COLUMN instead_of TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX returned_codes ON returns (code) WHERE code IS NOT NULL",
)

TYPED_ASKS = ("ALTER TABLE asks ADD COLUMN typed INTEGER NOT NULL DEFAULT 0",)
