"""What this store hands to its ERP and hears from it."""

ERP = (
    # `body` is domain.erp.ErpDocument; `number` changes when a refused one is handed over anew.
    """CREATE TABLE erp_documents (
        document_id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, order_id TEXT NOT NULL,
        body BLOB NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '',
        written_at INTEGER NOT NULL, delivered_at INTEGER, answered_at INTEGER) STRICT""",
    "CREATE INDEX erp_documents_owed ON erp_documents (number) WHERE state IN ('waiting', 'delivered')",
    "CREATE INDEX erp_documents_refused ON erp_documents (number) WHERE state = 'refused'",
    # What each did to what may be sold, by lot ('' where nobody knew it).
    """CREATE TABLE erp_effects (
        sku TEXT NOT NULL, lot TEXT NOT NULL, document_id TEXT NOT NULL, number INTEGER NOT NULL,
        delta INTEGER NOT NULL, refused INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (sku, lot, document_id)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX erp_effects_of_document ON erp_effects (document_id)",
    "CREATE INDEX erp_effects_by_number ON erp_effects (sku, number)",
    "CREATE INDEX erp_effects_refused ON erp_effects (sku) WHERE refused = 1",
    # Feeds that were taken, once each by the ERP's own document id.
    """CREATE TABLE erp_feeds (
        kind TEXT NOT NULL, document_id TEXT NOT NULL, part INTEGER NOT NULL, hash BLOB NOT NULL, source TEXT NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (kind, document_id, part)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX erp_feeds_by_time ON erp_feeds (kind, at)",
    # The same id with another body: kept as it came, changes nothing.
    """CREATE TABLE erp_conflicts (
        conflict_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, document_id TEXT NOT NULL,
        part INTEGER NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL,
        seen_at INTEGER) STRICT""",
    "CREATE UNIQUE INDEX one_conflict_per_body ON erp_conflicts (kind, document_id, part, hash)",
    # The ERP's own bookings that the last count of their product does not contain.
    """CREATE TABLE erp_bookings (
        sku TEXT NOT NULL, document_id TEXT NOT NULL, sequence INTEGER NOT NULL, delta INTEGER NOT NULL,
        PRIMARY KEY (sku, document_id)) STRICT, WITHOUT ROWID""",
    # The last count of each product; `told_at` is when the hub was told it (not each unchanged word goes up).
    """CREATE TABLE erp_levels (
        sku TEXT PRIMARY KEY, as_of INTEGER NOT NULL, contains INTEGER NOT NULL, on_hand INTEGER NOT NULL,
        lots BLOB, told_at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    # Files that were taken or refused, by what stood in them.
    """CREATE TABLE erp_files (
        hash BLOB PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, rows INTEGER NOT NULL, flaws TEXT NOT NULL,
        at INTEGER NOT NULL, seen_at INTEGER) STRICT, WITHOUT ROWID""",
    # How far each view or table was read.
    "CREATE TABLE erp_positions (feed TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

# Which pack of an order came back, until the one that is given for it is scanned.
EXCHANGING = (
    "CREATE TABLE exchanging (order_id TEXT PRIMARY KEY REFERENCES orders, place INTEGER NOT NULL,"
    " at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX erp_documents_by_answer ON erp_documents (answered_at) WHERE answered_at IS NOT NULL",
)
