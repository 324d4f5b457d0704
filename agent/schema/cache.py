"""The tables of `cache`: what the hub can tell again at any time."""

from agent.schema import set_aside
from agent.schema.migrate import Schema

_FIRST = (
    "CREATE TABLE cursors (log TEXT PRIMARY KEY, log_id TEXT NOT NULL, seq INTEGER NOT NULL) STRICT",
    """CREATE TABLE products (
        sku TEXT PRIMARY KEY, name TEXT NOT NULL, spec TEXT NOT NULL, unit TEXT NOT NULL, maker TEXT NOT NULL,
        prescription INTEGER NOT NULL) STRICT""",
    """CREATE TABLE codes (
        code TEXT NOT NULL, sku TEXT NOT NULL REFERENCES products ON DELETE CASCADE,
        PRIMARY KEY (code, sku)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX codes_of_product ON codes (sku)",
    """CREATE TABLE quarantine (
        log TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL, at INTEGER NOT NULL,
        body BLOB NOT NULL, order_id TEXT, holds INTEGER NOT NULL, why TEXT NOT NULL, set_aside_at INTEGER NOT NULL,
        PRIMARY KEY (log, seq)) STRICT""",
)

_PRODUCTS_WHOLE = (
    # The Product as it was told; NULL until the catalogue tells it again. `codes` knows "maker:" prefixes beside.
    "ALTER TABLE products ADD COLUMN body BLOB",
    """CREATE TABLE recalls (
        recall_id TEXT PRIMARY KEY, sku TEXT NOT NULL, body BLOB NOT NULL, put_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX recalls_of_product ON recalls (sku)",
)

_LISTS = (
    # Store 0 is none: `agent.code_lists` gives the numbers of stores and lists. A million codes are some 40 MB.
    "CREATE TABLE stores (number INTEGER PRIMARY KEY, store TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT",
    """CREATE TABLE listed_codes (
        code TEXT NOT NULL, list INTEGER NOT NULL, store INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (code, list)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE prices (
        sku TEXT NOT NULL, store TEXT NOT NULL, fen INTEGER NOT NULL,
        PRIMARY KEY (sku, store)) STRICT, WITHOUT ROWID""",
)

SCHEMA = Schema(
    "cache",
    {
        "first": _FIRST,
        "products_whole": _PRODUCTS_WHOLE,
        "set_aside": set_aside.ATTEMPTS,
        "lists": _LISTS,
        "left_out": set_aside.LEFT_OUT,
    },
)
