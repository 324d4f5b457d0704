CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE cursors (log TEXT PRIMARY KEY, log_id TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
CREATE TABLE quarantine (
    log TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL, at INTEGER NOT NULL,
    body BLOB NOT NULL, order_id TEXT, holds INTEGER NOT NULL, why TEXT NOT NULL, set_aside_at INTEGER NOT NULL,
    PRIMARY KEY (log, seq)) STRICT;
CREATE INDEX held_back ON quarantine (order_id) WHERE holds;
CREATE TABLE orders (
    order_id TEXT PRIMARY KEY, channel TEXT NOT NULL, channel_order_id TEXT NOT NULL, shown_id TEXT NOT NULL,
    day_number INTEGER NOT NULL, store TEXT NOT NULL, code TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    rider TEXT NOT NULL, placed_at INTEGER NOT NULL, promised_at INTEGER, booked INTEGER NOT NULL,
    prescription INTEGER NOT NULL, pick_up INTEGER NOT NULL, total INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1, applied_at INTEGER NOT NULL, accepted_at INTEGER, rider_at INTEGER,
    urged_at INTEGER, closed_at INTEGER, cancelled_by TEXT NOT NULL DEFAULT '', taken INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX open_orders ON orders (placed_at) WHERE closed_at IS NULL;
CREATE INDEX closed_orders ON orders (closed_at) WHERE closed_at IS NOT NULL;
CREATE TABLE lines (
    order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER NOT NULL, channel_sku TEXT NOT NULL, sku TEXT,
    name TEXT NOT NULL, spec TEXT NOT NULL, unit TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL,
    gift INTEGER NOT NULL, short INTEGER NOT NULL, struck INTEGER NOT NULL,
    PRIMARY KEY (order_id, line_id)) STRICT, WITHOUT ROWID;
CREATE TABLE refunds (
    order_id TEXT NOT NULL REFERENCES orders, refund_id TEXT NOT NULL, "full" INTEGER NOT NULL,
    state TEXT NOT NULL, amount INTEGER NOT NULL, asked_at INTEGER NOT NULL, answer_by INTEGER,
    lines TEXT NOT NULL, answer TEXT, answered_at INTEGER,
    PRIMARY KEY (order_id, refund_id)) STRICT, WITHOUT ROWID;
CREATE TABLE exceptions (
    exception_id TEXT PRIMARY KEY, kind TEXT NOT NULL, order_id TEXT NOT NULL, lines TEXT NOT NULL,
    choices TEXT NOT NULL, opened_at INTEGER NOT NULL, deadline_at INTEGER, choice TEXT, chosen_at INTEGER,
    closed_at INTEGER) STRICT;
CREATE INDEX exceptions_of_order ON exceptions (order_id);
CREATE TABLE personal_keys (order_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE personal (
    order_id TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (order_id, name)) STRICT, WITHOUT ROWID;
CREATE TABLE picks (
    order_id TEXT PRIMARY KEY REFERENCES orders, state TEXT NOT NULL, resumes TEXT, started_at INTEGER,
    completed_at INTEGER) STRICT;
CREATE INDEX picks_to_do ON picks (state) WHERE state IN ('waiting', 'picking', 'paused');
CREATE TABLE desks (
    device TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, turn INTEGER NOT NULL) STRICT;
CREATE TABLE scans (
    scan_id INTEGER PRIMARY KEY, raw BLOB NOT NULL, device TEXT NOT NULL, read_at INTEGER NOT NULL,
    judged_at INTEGER NOT NULL, order_id TEXT, rule TEXT NOT NULL, sentence TEXT NOT NULL, line_id INTEGER)
    STRICT;
CREATE TABLE bindings (
    binding_id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER NOT NULL,
    code TEXT, quantity INTEGER NOT NULL, lot TEXT, lot_source TEXT, scan_id INTEGER REFERENCES scans,
    note TEXT NOT NULL DEFAULT '', bound_at INTEGER NOT NULL, released_at INTEGER) STRICT;
CREATE INDEX bindings_of_order ON bindings (order_id) WHERE released_at IS NULL;
CREATE UNIQUE INDEX one_binding_per_code ON bindings (code) WHERE code IS NOT NULL AND released_at IS NULL;
CREATE TABLE sold (code TEXT PRIMARY KEY, source TEXT NOT NULL, sold_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX sold_by ON sold (source);
CREATE TABLE stock (
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, shelf TEXT NOT NULL, changed_at INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE lots (
    sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT NOT NULL, quantity INTEGER NOT NULL, produced TEXT,
    PRIMARY KEY (sku, lot, expiry)) STRICT, WITHOUT ROWID;
CREATE TABLE slips (
    number INTEGER PRIMARY KEY AUTOINCREMENT, slip_id TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL REFERENCES orders, kind TEXT NOT NULL, issue INTEGER NOT NULL, state TEXT NOT NULL,
    cause TEXT NOT NULL DEFAULT '', evidence TEXT, printer TEXT NOT NULL DEFAULT '', due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) STRICT;
CREATE INDEX slips_to_print ON slips (due_at, number) WHERE state IN ('accepted', 'held', 'not_printed');
CREATE INDEX slips_in_doubt ON slips (number) WHERE state IN ('sending', 'confirming', 'unknown');
CREATE INDEX slips_of_order ON slips (order_id);
CREATE TABLE slip_changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT, slip_id TEXT NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL,
    evidence TEXT, printer TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX changes_of_slip ON slip_changes (slip_id);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, v INTEGER NOT NULL,
    at INTEGER NOT NULL, body BLOB NOT NULL, order_id TEXT, state TEXT NOT NULL DEFAULT 'pending',
    reason TEXT NOT NULL DEFAULT '', settled_at INTEGER) STRICT;
CREATE INDEX unsent ON outbox (number) WHERE state = 'pending'
