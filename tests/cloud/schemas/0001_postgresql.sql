-- The schema of revision 0001, as that version of the program made it.
CREATE TABLE agents (
    chain TEXT NOT NULL,
    device TEXT NOT NULL,
    store TEXT NOT NULL,
    credential_hash BYTEA NOT NULL,
    hostname TEXT NOT NULL,
    version TEXT NOT NULL,
    paired_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_why TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, device, paired_at),
    CONSTRAINT one_credential_once UNIQUE (chain, credential_hash)
);
CREATE TABLE audit (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, store, seq)
);
CREATE INDEX audit_by_subject ON audit (chain, subject);
CREATE TABLE audit_heads (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    head BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, store)
);
CREATE TABLE barcodes (
    chain TEXT NOT NULL,
    barcode TEXT NOT NULL,
    sku TEXT NOT NULL,
    PRIMARY KEY (chain, barcode)
);
CREATE TABLE bindings (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    line_id BIGINT NOT NULL,
    code TEXT,
    quantity BIGINT NOT NULL,
    lot TEXT,
    lot_source TEXT,
    store TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (chain, order_id, place)
);
CREATE INDEX bindings_by_code ON bindings (chain, code);
CREATE TABLE calls (
    chain TEXT NOT NULL,
    call_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    order_id TEXT,
    kind TEXT NOT NULL,
    body BYTEA NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT DEFAULT '0' NOT NULL,
    next_at BIGINT NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (chain, call_id)
);
CREATE INDEX calls_by_order ON calls (chain, order_id);
CREATE INDEX calls_waiting ON calls (chain, next_at) WHERE state = 'waiting';
CREATE INDEX stock_calls_waiting ON calls (chain, shop) WHERE state = 'waiting' AND kind = 'stock';
CREATE TABLE checkpoints (
    chain TEXT NOT NULL,
    at BIGINT NOT NULL,
    heads BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (chain, at)
);
CREATE TABLE events (
    chain TEXT NOT NULL,
    log TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    v BIGINT NOT NULL,
    at BIGINT NOT NULL,
    order_id TEXT,
    body BYTEA NOT NULL,
    personal TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, log, seq)
);
CREATE TABLE exceptions (
    chain TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    store TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    lines BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,
    deadline_at BIGINT,
    closed_at BIGINT,
    choice TEXT,
    closed_by TEXT,
    PRIMARY KEY (chain, exception_id)
);
CREATE INDEX exceptions_by_order ON exceptions (chain, order_id);
CREATE INDEX exceptions_open ON exceptions (chain, kind) WHERE closed_at IS NULL;
CREATE TABLE log_heads (
    chain TEXT NOT NULL,
    log TEXT NOT NULL,
    log_id TEXT NOT NULL,
    head BIGINT NOT NULL,
    floor BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (chain, log)
);
CREATE TABLE lots (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    lot TEXT NOT NULL,
    expiry TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (chain, store, sku, lot)
);
CREATE TABLE operations (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    key TEXT NOT NULL,
    device TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    v BIGINT NOT NULL,
    order_id TEXT,
    body BYTEA NOT NULL,
    body_hash BYTEA NOT NULL,
    outcome BYTEA NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (chain, store, key)
);
CREATE INDEX operations_by_number ON operations (chain, store, device, number);
CREATE TABLE order_lines (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id BIGINT NOT NULL,
    channel_sku TEXT NOT NULL,
    sku TEXT,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL,
    gift BIGINT NOT NULL,
    short BIGINT NOT NULL,
    struck BIGINT NOT NULL,
    PRIMARY KEY (chain, order_id, line_id)
);
CREATE TABLE orders (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT NOT NULL,
    shown_id TEXT NOT NULL,
    shop TEXT NOT NULL,
    store TEXT NOT NULL,
    day_number BIGINT NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    rider TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    promised_at BIGINT,
    booked BIGINT NOT NULL,
    prescription BIGINT NOT NULL,
    pick_up BIGINT NOT NULL,
    total BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    urged_at BIGINT,
    picked_at BIGINT,
    printed_at BIGINT,
    placed_seq BIGINT NOT NULL,
    PRIMARY KEY (chain, order_id),
    CONSTRAINT one_order_once UNIQUE (chain, channel, channel_order_id)
);
CREATE INDEX orders_by_store ON orders (chain, store, order_id);
CREATE INDEX orders_open ON orders (chain, store, order_id) WHERE state IN ('accepted', 'picked', 'placed');
CREATE TABLE pairing_codes (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    selector TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT DEFAULT '0' NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (chain, store)
);
CREATE TABLE personal (
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (chain, subject, name)
);
CREATE TABLE personal_keys (
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    PRIMARY KEY (chain, subject)
);
CREATE TABLE products (
    chain TEXT NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (chain, sku)
);
CREATE TABLE pushes (
    chain TEXT NOT NULL,
    push_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    happening TEXT,
    content BYTEA NOT NULL,
    subject TEXT NOT NULL,
    channel_order_id TEXT,
    order_id TEXT,
    state TEXT NOT NULL,
    problem TEXT DEFAULT '' NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (chain, push_id),
    CONSTRAINT one_happening_once UNIQUE (chain, channel, happening)
);
CREATE INDEX pushes_for_a_person ON pushes (chain, push_id) WHERE state = 'needs_person';
CREATE INDEX pushes_waiting ON pushes (chain, channel_order_id) WHERE state = 'waiting';
CREATE TABLE refunds (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    refund_id TEXT NOT NULL,
    "full" BIGINT NOT NULL,
    state TEXT NOT NULL,
    amount BIGINT NOT NULL,
    lines BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    answer_by BIGINT,
    PRIMARY KEY (chain, order_id, refund_id)
);
CREATE TABLE reports (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (chain, store)
);
CREATE TABLE reservations (
    chain TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id BIGINT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (chain, order_id, line_id),
    CONSTRAINT reservation_is_no_debt CHECK (quantity >= 0)
);
CREATE INDEX reservations_held ON reservations (chain, store, order_id) WHERE state = 'held';
CREATE TABLE sales (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sale_id TEXT NOT NULL,
    lines BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (chain, store, sale_id)
);
CREATE TABLE shops (
    chain TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    store TEXT NOT NULL,
    PRIMARY KEY (chain, channel, shop)
);
CREATE TABLE slips (
    chain TEXT NOT NULL,
    slip_id TEXT NOT NULL,
    store TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT,
    cause TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (chain, slip_id)
);
CREATE INDEX slips_by_order ON slips (chain, order_id);
CREATE TABLE stock (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT DEFAULT '0' NOT NULL,
    safety BIGINT DEFAULT '0' NOT NULL,
    shelf TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (chain, store, sku),
    CONSTRAINT reserved_is_covered CHECK (reserved >= 0 AND reserved <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END)
);
CREATE TABLE stock_ledger (
    chain TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    kind TEXT NOT NULL,
    delta BIGINT NOT NULL,
    reference TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (chain, entry_id)
);
CREATE INDEX stock_ledger_by_sku ON stock_ledger (chain, store, sku);
CREATE TABLE stores (
    chain TEXT NOT NULL,
    store TEXT NOT NULL,
    name TEXT NOT NULL,
    accept TEXT NOT NULL,
    lead BIGINT NOT NULL,
    PRIMARY KEY (chain, store)
);
CREATE TABLE sweeps (
    chain TEXT NOT NULL,
    channel TEXT NOT NULL,
    shop TEXT NOT NULL,
    swept_at BIGINT NOT NULL,
    PRIMARY KEY (chain, channel, shop)
);
