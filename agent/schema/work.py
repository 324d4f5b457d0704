"""The tables of `work`: what this store did and has yet to tell. Times are milliseconds UTC, quantities thousandths."""

from agent.schema import erp, goods, keeping, picking, prescriptions, scanners, set_aside
from agent.schema.migrate import Schema

_STORE = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE cursors (log TEXT PRIMARY KEY, log_id TEXT NOT NULL, seq INTEGER NOT NULL) STRICT",
    """CREATE TABLE quarantine (
        log TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL, at INTEGER NOT NULL,
        body BLOB NOT NULL, order_id TEXT, holds INTEGER NOT NULL, why TEXT NOT NULL, set_aside_at INTEGER NOT NULL,
        PRIMARY KEY (log, seq)) STRICT""",
    "CREATE INDEX held_back ON quarantine (order_id) WHERE holds",
)

_ORDERS = (
    # `revision` grows with every change, so that a slip rendered from an older reading is not sent.
    """CREATE TABLE orders (
        order_id TEXT PRIMARY KEY, channel TEXT NOT NULL, channel_order_id TEXT NOT NULL, shown_id TEXT NOT NULL,
        day_number INTEGER NOT NULL, store TEXT NOT NULL, code TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        rider TEXT NOT NULL, placed_at INTEGER NOT NULL, promised_at INTEGER, booked INTEGER NOT NULL,
        prescription INTEGER NOT NULL, pick_up INTEGER NOT NULL, total INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1, applied_at INTEGER NOT NULL, accepted_at INTEGER, rider_at INTEGER,
        urged_at INTEGER, closed_at INTEGER, cancelled_by TEXT NOT NULL DEFAULT '', taken INTEGER NOT NULL DEFAULT 0,
        problem TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX open_orders ON orders (placed_at) WHERE closed_at IS NULL",
    "CREATE INDEX closed_orders ON orders (closed_at) WHERE closed_at IS NOT NULL",
    """CREATE TABLE lines (
        order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER NOT NULL, channel_sku TEXT NOT NULL, sku TEXT,
        name TEXT NOT NULL, spec TEXT NOT NULL, unit TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL,
        gift INTEGER NOT NULL, short INTEGER NOT NULL, struck INTEGER NOT NULL,
        PRIMARY KEY (order_id, line_id)) STRICT, WITHOUT ROWID""",
    # `answer` is the clerk's, until the hub's own word about the refund replaces it.
    """CREATE TABLE refunds (
        order_id TEXT NOT NULL REFERENCES orders, refund_id TEXT NOT NULL, "full" INTEGER NOT NULL,
        state TEXT NOT NULL, amount INTEGER NOT NULL, asked_at INTEGER NOT NULL, answer_by INTEGER,
        lines TEXT NOT NULL, answer TEXT, answered_at INTEGER,
        PRIMARY KEY (order_id, refund_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE exceptions (
        exception_id TEXT PRIMARY KEY, kind TEXT NOT NULL, order_id TEXT NOT NULL, lines TEXT NOT NULL,
        choices TEXT NOT NULL, opened_at INTEGER NOT NULL, deadline_at INTEGER, choice TEXT, chosen_at INTEGER,
        closed_at INTEGER) STRICT""",
    "CREATE INDEX exceptions_of_order ON exceptions (order_id)",
    "CREATE TABLE personal_keys (order_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT",
    """CREATE TABLE personal (
        order_id TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (order_id, name)) STRICT, WITHOUT ROWID""",
)

_PICKS = (
    # `resumes` is the state a paused pick goes back to.
    """CREATE TABLE picks (
        order_id TEXT PRIMARY KEY REFERENCES orders, state TEXT NOT NULL, resumes TEXT, started_at INTEGER,
        completed_at INTEGER) STRICT""",
    "CREATE INDEX picks_to_do ON picks (state) WHERE state IN ('waiting', 'picking', 'paused')",
    # Which order a scanner works on; the page is the device ''.
    """CREATE TABLE desks (
        device TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, turn INTEGER NOT NULL) STRICT""",
    """CREATE TABLE scans (
        scan_id INTEGER PRIMARY KEY, raw BLOB NOT NULL, device TEXT NOT NULL, read_at INTEGER NOT NULL,
        judged_at INTEGER NOT NULL, order_id TEXT, rule TEXT NOT NULL, sentence TEXT NOT NULL, line_id INTEGER)
        STRICT""",
    """CREATE TABLE bindings (
        binding_id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, line_id INTEGER NOT NULL,
        code TEXT, quantity INTEGER NOT NULL, lot TEXT, lot_source TEXT, scan_id INTEGER REFERENCES scans,
        note TEXT NOT NULL DEFAULT '', bound_at INTEGER NOT NULL, released_at INTEGER) STRICT""",
    "CREATE INDEX bindings_of_order ON bindings (order_id) WHERE released_at IS NULL",
    "CREATE UNIQUE INDEX one_binding_per_code ON bindings (code) WHERE code IS NOT NULL AND released_at IS NULL",
    "CREATE TABLE sold (code TEXT PRIMARY KEY, source TEXT NOT NULL, sold_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX sold_by ON sold (source)",
    """CREATE TABLE stock (
        sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, shelf TEXT NOT NULL, changed_at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    """CREATE TABLE lots (
        sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT NOT NULL, quantity INTEGER NOT NULL, produced TEXT,
        PRIMARY KEY (sku, lot, expiry)) STRICT, WITHOUT ROWID""",
)

_SLIPS = (
    """CREATE TABLE slips (
        number INTEGER PRIMARY KEY AUTOINCREMENT, slip_id TEXT NOT NULL UNIQUE,
        order_id TEXT NOT NULL REFERENCES orders, kind TEXT NOT NULL, issue INTEGER NOT NULL, state TEXT NOT NULL,
        cause TEXT NOT NULL DEFAULT '', evidence TEXT, printer TEXT NOT NULL DEFAULT '', due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX slips_to_print ON slips (due_at, number) WHERE state IN ('accepted', 'held', 'not_printed')",
    "CREATE INDEX slips_in_doubt ON slips (number) WHERE state IN ('sending', 'confirming', 'unknown')",
    "CREATE INDEX slips_of_order ON slips (order_id)",
    """CREATE TABLE slip_changes (
        change INTEGER PRIMARY KEY AUTOINCREMENT, slip_id TEXT NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL,
        evidence TEXT, printer TEXT NOT NULL, at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX changes_of_slip ON slip_changes (slip_id)",
)

_OUTBOX = (
    # AUTOINCREMENT numbers are dense: a transaction taken back gives its numbers back too.
    """CREATE TABLE outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, v INTEGER NOT NULL,
        at INTEGER NOT NULL, body BLOB NOT NULL, order_id TEXT, state TEXT NOT NULL DEFAULT 'pending',
        reason TEXT NOT NULL DEFAULT '', settled_at INTEGER) STRICT""",
    "CREATE INDEX unsent ON outbox (number) WHERE state = 'pending'",
)

_ANNOUNCEMENTS = (
    # One row per thing to be heard; `occasion` tells the second urge of an order from the first one read again.
    """CREATE TABLE announcements (
        announcement_id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, kind TEXT NOT NULL,
        occasion TEXT NOT NULL, raised_at INTEGER NOT NULL, ended_at INTEGER,
        UNIQUE (order_id, kind, occasion)) STRICT""",
    "CREATE INDEX announcements_waiting ON announcements (raised_at) WHERE ended_at IS NULL",
)

_PRINTING = (
    # A slip may belong to no order (test, shift), be meant for one printer only (`pinned`), be a marked reprint
    # (`copy`), say something about one `subject` of its order (a refund), and be worth nothing after `expires_at`.
    # `told` is its last change that the hub has been told.
    """CREATE TABLE slips_of_all_kinds (
        number INTEGER PRIMARY KEY AUTOINCREMENT, slip_id TEXT NOT NULL UNIQUE, order_id TEXT REFERENCES orders,
        kind TEXT NOT NULL, issue INTEGER NOT NULL, copy INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL DEFAULT '',
        pinned TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, cause TEXT NOT NULL DEFAULT '', evidence TEXT,
        printer TEXT NOT NULL DEFAULT '', sends INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL, expires_at INTEGER, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL)
        STRICT""",
    """INSERT INTO slips_of_all_kinds (number, slip_id, order_id, kind, issue, state, cause, evidence, printer, told,
        due_at, created_at, changed_at) SELECT number, slip_id, order_id, kind, issue, state, cause, evidence, printer,
        (SELECT coalesce(max(change), 0) FROM slip_changes WHERE slip_changes.slip_id = slips.slip_id), due_at,
        created_at, changed_at FROM slips""",
    "DROP TABLE slips",
    "ALTER TABLE slips_of_all_kinds RENAME TO slips",
    "CREATE INDEX slips_to_print ON slips (due_at, number) WHERE state IN ('accepted', 'held', 'not_printed')",
    "CREATE INDEX slips_in_doubt ON slips (number) WHERE state IN ('sending', 'confirming', 'unknown')",
    "CREATE INDEX slips_of_order ON slips (order_id)",
    # The document as it was last sent, sealed under the order's key: what a slip said, not what it would say now.
    "CREATE TABLE papers (slip_id TEXT PRIMARY KEY, sealed BLOB NOT NULL, at INTEGER NOT NULL) STRICT",
    # What is known of a printer of agent.toml besides its settings; `identity` is its MAC or serial number.
    """CREATE TABLE printers (
        name TEXT PRIMARY KEY, paused INTEGER NOT NULL DEFAULT 0, capabilities TEXT, probed_at INTEGER,
        identity TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID""",
)

_DOCUMENTS = (
    "ALTER TABLE lines ADD COLUMN maker TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE orders ADD COLUMN rider_code TEXT NOT NULL DEFAULT ''",
    # How slips look: `source` is headquarters or store (domain.templates.SlipTemplates as JSON).
    "CREATE TABLE slip_templates (source TEXT PRIMARY KEY, body BLOB NOT NULL, set_at INTEGER NOT NULL) STRICT",
    # Pictures on kept papers, once each, by their SHA-256.
    "CREATE TABLE paper_pictures (digest BLOB PRIMARY KEY, png BLOB NOT NULL) STRICT, WITHOUT ROWID",
)

_TRAIL = (
    # One chain of hashes per order; `told` is the last step headquarters was told of (domain.trail).
    """CREATE TABLE trail (
        order_id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, staff_id TEXT NOT NULL,
        name TEXT NOT NULL, station TEXT NOT NULL, rules TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL,
        PRIMARY KEY (order_id, seq)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE trail_heads (
        order_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0)
        STRICT, WITHOUT ROWID""",
)

_PICKING = (
    "DROP INDEX picks_to_do",
    "UPDATE picks SET resumes = 'assigned' WHERE resumes = 'waiting'",
    "UPDATE picks SET state = 'assigned' WHERE state = 'waiting'",
    """UPDATE picks SET state = iif((SELECT o.state FROM orders o WHERE o.order_id = picks.order_id)
        IN ('handed_over', 'completed'), 'handed_over', 'packed') WHERE state = 'completed'""",
    "CREATE INDEX picks_to_do ON picks (state) WHERE state IN ('assigned', 'picking', 'paused', 'checked')",
    "ALTER TABLE bindings ADD COLUMN expiry TEXT",
    "ALTER TABLE bindings ADD COLUMN month_only INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE bindings ADD COLUMN entry TEXT NOT NULL DEFAULT 'scanned'",
    "ALTER TABLE bindings ADD COLUMN waiver TEXT",
    "ALTER TABLE bindings ADD COLUMN photo TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE bindings ADD COLUMN opened INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE bindings ADD COLUMN staff_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE scans ADD COLUMN staff_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE scans ADD COLUMN rules TEXT NOT NULL DEFAULT ''",
)

# What headquarters set for this store besides: policy, staff, roster. One row each, the whole record as JSON.
_HEADQUARTERS = ("CREATE TABLE set_by_hub (name TEXT PRIMARY KEY, body BLOB NOT NULL, set_at INTEGER NOT NULL) STRICT",)

_ORDER_MARKS = (
    "ALTER TABLE lines ADD COLUMN prescription INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD COLUMN insurance INTEGER NOT NULL DEFAULT 0",
)

_STAFF = (
    # Where people stand (a page's tab, a scanner) and who signed in there; `through` is the scanner whose badge scan
    # signed in a page beside it.
    """CREATE TABLE stations (
        station TEXT PRIMARY KEY, used_at INTEGER NOT NULL, staff_id TEXT NOT NULL DEFAULT '', since INTEGER,
        through TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID""",
    "CREATE TABLE wrong_pins (staff_id TEXT PRIMARY KEY, wrong INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT",
    # The last word of each pharmacist who came on duty here or went; the roster is headquarters'.
    """CREATE TABLE duty (
        staff_id TEXT PRIMARY KEY, present INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
)

SCHEMA = Schema(
    "work",
    {
        "first": (*_STORE, *_ORDERS, *_PICKS, *_SLIPS, *_OUTBOX),
        "announcements": _ANNOUNCEMENTS,
        "printing": _PRINTING,
        "documents": _DOCUMENTS,
        "trail": _TRAIL,
        "picking": _PICKING,
        "headquarters": _HEADQUARTERS,
        "order_marks": _ORDER_MARKS,
        "staff": _STAFF,
        "blobs": prescriptions.BLOBS,
        "lots": picking.LOTS,
        "desks": picking.DESKS,
        "prescriptions": prescriptions.PRESCRIPTIONS,
        "scanners": scanners.SCANNERS,
        "goods": goods.GOODS,
        "typed_asks": picking.TYPED_ASKS,
        "set_aside": (*set_aside.ATTEMPTS, *set_aside.SETTLED_OPERATIONS),
        "erp": erp.ERP,
        "keeping": keeping.KEEPING,
        "exchanging": erp.EXCHANGING,
        "left_out": set_aside.LEFT_OUT,
    },
)
