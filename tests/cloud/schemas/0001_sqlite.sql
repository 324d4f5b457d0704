-- The schema of revision 0001, as that version of the program made it.
CREATE TABLE agents (
    chain TEXT NOT NULL,
    device TEXT NOT NULL,
    store TEXT NOT NULL,
    credential_hash BLOB NOT NULL,
    hostname TEXT NOT NULL,
    version TEXT NOT NULL,
    paired_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_why TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, device, paired_at),
    CONSTRAINT one_credential_once UNIQUE (chain, credential_hash)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE audit (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (chain, store, seq)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX audit_by_subject ON audit (chain, subject);
CREATE TABLE audit_heads (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    head INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (chain, store)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE barcodes (
    chain TEXT NOT NULL,
    barcode TEXT NOT NULL,
    sku TEXT NOT NULL,
    PRIMARY KEY (chain, barcode)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE bindings (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    code TEXT,
    quantity INTEGER NOT NULL,
    lot TEXT,
    lot_source TEXT,
    store TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, order_id, place)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX bindings_by_code ON bindings (chain, code);
CREATE TABLE calls (
    chain TEXT NOT NULL,
    call_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    order_id TEXT,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    next_at INTEGER NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (chain, call_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX calls_by_order ON calls (chain, order_id);
CREATE INDEX calls_waiting ON calls (chain, next_at) WHERE state = 'waiting';
CREATE INDEX stock_calls_waiting ON calls (chain, shop) WHERE state = 'waiting' AND kind = 'stock';
CREATE TABLE checkpoints (
    chain TEXT NOT NULL,
    at INTEGER NOT NULL,
    heads BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (chain, at)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE events (
    chain TEXT NOT NULL,
    log TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    at INTEGER NOT NULL,
    order_id TEXT,
    body BLOB NOT NULL,
    personal TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, log, seq)
)
 STRICT;
CREATE TABLE exceptions (
    chain TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    store TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    lines BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline_at INTEGER,
    closed_at INTEGER,
    choice TEXT,
    closed_by TEXT,
    PRIMARY KEY (chain, exception_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX exceptions_by_order ON exceptions (chain, order_id);
CREATE INDEX exceptions_open ON exceptions (chain, kind) WHERE closed_at IS NULL;
CREATE TABLE log_heads (
    chain TEXT NOT NULL,
    log TEXT NOT NULL,
    log_id TEXT NOT NULL,
    head INTEGER NOT NULL,
    floor INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (chain, log)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE lots (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    lot TEXT NOT NULL,
    expiry TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (chain, store, sku, lot)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE operations (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    "key" TEXT NOT NULL,
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    order_id TEXT,
    body BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    outcome BLOB NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (chain, store, "key")
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX operations_by_number ON operations (chain, store, device, number);
CREATE TABLE order_lines (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id INTEGER NOT NULL,
    channel_sku TEXT NOT NULL,
    sku TEXT,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price INTEGER NOT NULL,
    gift INTEGER NOT NULL,
    short INTEGER NOT NULL,
    struck INTEGER NOT NULL,
    PRIMARY KEY (chain, order_id, line_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE orders (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT NOT NULL,
    shown_id TEXT NOT NULL,
    shop TEXT NOT NULL,
    store TEXT NOT NULL,
    day_number INTEGER NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    rider TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    promised_at INTEGER,
    booked INTEGER NOT NULL,
    prescription INTEGER NOT NULL,
    pick_up INTEGER NOT NULL,
    total INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    urged_at INTEGER,
    picked_at INTEGER,
    printed_at INTEGER,
    placed_seq INTEGER NOT NULL,
    PRIMARY KEY (chain, order_id),
    CONSTRAINT one_order_once UNIQUE (chain, channel, channel_order_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX orders_by_store ON orders (chain, store, order_id);
CREATE INDEX orders_open ON orders (chain, store, order_id) WHERE state IN ('accepted', 'picked', 'placed');
CREATE TABLE pairing_codes (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    selector TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (chain, store)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE personal (
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (chain, subject, name)
)
 STRICT;
CREATE TABLE personal_keys (
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    sealed_key BLOB NOT NULL,
    PRIMARY KEY (chain, subject)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE products (
    chain TEXT NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (chain, sku)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE pushes (
    chain TEXT NOT NULL,
    push_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    happening TEXT,
    content BLOB NOT NULL,
    subject TEXT NOT NULL,
    channel_order_id TEXT,
    order_id TEXT,
    state TEXT NOT NULL,
    problem TEXT DEFAULT '' NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (chain, push_id),
    CONSTRAINT one_happening_once UNIQUE (chain, channel, happening)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX pushes_for_a_person ON pushes (chain, push_id) WHERE state = 'needs_person';
CREATE INDEX pushes_waiting ON pushes (chain, channel_order_id) WHERE state = 'waiting';
CREATE TABLE refunds (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    refund_id TEXT NOT NULL,
    "full" INTEGER NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL,
    lines BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    answer_by INTEGER,
    PRIMARY KEY (chain, order_id, refund_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE reports (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (chain, store)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE reservations (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id INTEGER NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, order_id, line_id),
    CONSTRAINT reservation_is_no_debt CHECK (quantity >= 0)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX reservations_held ON reservations (chain, store, order_id) WHERE state = 'held';
CREATE TABLE sales (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sale_id TEXT NOT NULL,
    lines BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, store, sale_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE shops (
    chain TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    store TEXT NOT NULL,
    PRIMARY KEY (chain, channel, shop)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE slips (
    chain TEXT NOT NULL,
    slip_id TEXT NOT NULL,
    store TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT,
    cause TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, slip_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX slips_by_order ON slips (chain, order_id);
CREATE TABLE stock (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER DEFAULT '0' NOT NULL,
    safety INTEGER DEFAULT '0' NOT NULL,
    shelf TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, store, sku),
    CONSTRAINT reserved_is_covered CHECK (reserved >= 0 AND reserved <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE stock_ledger (
    chain TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    kind TEXT NOT NULL,
    delta INTEGER NOT NULL,
    reference TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, entry_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX stock_ledger_by_sku ON stock_ledger (chain, store, sku);
CREATE TABLE stores (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    name TEXT NOT NULL,
    accept TEXT NOT NULL,
    lead INTEGER NOT NULL,
    PRIMARY KEY (chain, store)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE sweeps (
    chain TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    swept_at INTEGER NOT NULL,
    PRIMARY KEY (chain, channel, shop)
)
 WITHOUT ROWID,
 STRICT;
