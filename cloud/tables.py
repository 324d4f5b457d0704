"""The hub's tables, on SQLite and PostgreSQL alike. Every key begins with the chain (design.md §5).

Columns ending in `_at` are milliseconds UTC, quantities are thousandths, money is fen. What is known of a person
stands in `personal` only, sealed; every other table holds references and hashes.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.schema import SchemaItem

from domain.orders import OPEN

Whole = Integer().with_variant(BigInteger(), "postgresql")

metadata = MetaData()


def _table(name: str, *items: SchemaItem, key: tuple[str, ...], large: bool = False) -> Table:
    """SQLite: STRICT, and clustered by its key, except where rows are `large`: of those few fit into a node of the
    tree, so that each new one would rewrite several nodes; they stand in order of arrival beside a small index."""
    return Table(
        name,
        metadata,
        Column("chain", Text, nullable=False),
        *items,
        PrimaryKeyConstraint("chain", *key),
        sqlite_strict=True,
        sqlite_with_rowid=large,
    )


def _text(name: str, default: str | None = None) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default=default)


def _whole(name: str, default: int | None = None) -> "Column[int]":
    return Column(name, Whole, nullable=False, server_default=None if default is None else str(default))


def _maybe_text(name: str) -> "Column[str]":
    return Column(name, Text)


def _maybe_whole(name: str) -> "Column[int]":
    return Column(name, Whole)


def _bytes(name: str) -> "Column[bytes]":
    return Column(name, LargeBinary, nullable=False)


def written(value: str) -> ColumnElement[str]:
    """Stands in the statement itself: a condition with bound values is not recognised as that of a partial index."""
    return literal_column(f"'{value}'")


def _index_of(name: str, condition: ColumnElement[bool], *columns: "Column[str] | Column[int]") -> None:
    """A partial index: as small as what is under way, however long the history."""
    Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# The chain's shape: stores, their shops on channels, the catalogue.

stores = _table(
    "stores",
    _text("store"),
    _text("name"),
    _text("accept"),  # domain.orders.AcceptRule
    _whole("lead"),  # booked orders print so long before their time, ms
    key=("store",),
)

shops = _table("shops", _text("channel"), _text("shop"), _text("store"), key=("channel", "shop"))

products = _table(
    "products",
    _text("sku"),
    _text("name"),
    _bytes("body"),  # domain.products.Product
    key=("sku",),
)

barcodes = _table("barcodes", _text("barcode"), _text("sku"), key=("barcode",))

# Stock: one truth per (store, sku), guarded by the database itself.

stock = _table(
    "stock",
    _text("store"),
    _text("sku"),
    _whole("on_hand"),
    _whole("reserved", 0),
    _whole("safety", 0),  # never advertised to channels; a paid order may use it
    _text("shelf", ""),
    CheckConstraint(
        "reserved >= 0 AND reserved <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END", name="reserved_is_covered"
    ),
    key=("store", "sku"),
)

lots = _table(
    "lots",
    _text("store"),
    _text("sku"),
    _text("lot"),
    _text("expiry"),  # ISO date
    _whole("quantity"),
    key=("store", "sku", "lot"),
)

stock_ledger = _table(
    "stock_ledger",
    _text("entry_id"),
    _text("store"),
    _text("sku"),
    _text("kind"),  # opening, sale, pick, count
    _whole("delta"),  # on hand is the sum of these
    _text("reference"),  # order id, sale id, operation key
    _whole("at"),
    Index("stock_ledger_by_sku", "chain", "store", "sku"),
    key=("entry_id",),
)

reservations = _table(
    "reservations",
    _text("order_id"),
    _whole("line_id"),
    _text("store"),
    _text("sku"),
    _whole("quantity"),
    _text("state"),  # held, released, consumed
    _whole("at"),
    CheckConstraint("quantity >= 0", name="reservation_is_no_debt"),
    key=("order_id", "line_id"),
)
_r = reservations.c
# By order, not by sku: new rows then stand together, and one store does not hold much at a time.
_index_of("reservations_held", _r.state == written("held"), _r.chain, _r.store, _r.order_id)

# What channels sent, and what it became.

pushes = _table(
    "pushes",
    _text("push_id"),
    _text("channel"),
    _text("topic"),
    _maybe_text("happening"),  # cloud.channels.base.Understood.key: the same happening has the same key
    _bytes("content"),  # SHA-256 of what it says
    _text("subject"),  # where its raw bytes are sealed in `personal`, under the name push:PUSH_ID
    _maybe_text("channel_order_id"),
    _maybe_text("order_id"),
    _text("state"),  # cloud.received.PushState
    _text("problem", ""),
    _whole("received_at"),
    UniqueConstraint("chain", "channel", "happening", name="one_happening_once"),
    key=("push_id",),
)
_p = pushes.c
_index_of("pushes_waiting", _p.state == written("waiting"), _p.chain, _p.channel_order_id)
_index_of("pushes_for_a_person", _p.state == written("needs_person"), _p.chain, _p.push_id)

orders = _table(
    "orders",
    _text("order_id"),
    _text("channel"),
    _text("channel_order_id"),
    _text("shown_id"),
    _text("shop"),
    _text("store"),
    _whole("day_number"),
    _text("code"),
    _text("state"),
    _text("rider"),
    _whole("placed_at"),
    _maybe_whole("promised_at"),
    _whole("booked"),
    _whole("prescription"),
    _whole("pick_up"),
    _whole("total"),
    _whole("received_at"),
    _maybe_whole("urged_at"),
    _maybe_whole("picked_at"),
    _maybe_whole("printed_at"),
    # Of its order.placed event in the store's log: applied once the agent's cursor is there. 0 until it has its number,
    # -1 for an order that was over when it was first heard of: the store is never told of it.
    _whole("placed_seq"),
    UniqueConstraint("chain", "channel", "channel_order_id", name="one_order_once"),
    Index("orders_by_store", "chain", "store", "order_id"),
    key=("order_id",),
)
order_is_open = orders.c.state.in_([written(state) for state in sorted(OPEN)])
# With the store: SQLite never prefers an index that uses fewer of a query's terms than another does.
_index_of("orders_open", order_is_open, orders.c.chain, orders.c.store, orders.c.order_id)

order_lines = _table(
    "order_lines",
    _text("order_id"),
    _whole("line_id"),
    _text("channel_sku"),
    _maybe_text("sku"),
    _text("name"),
    _text("spec"),
    _text("unit"),
    _whole("quantity"),
    _whole("price"),
    _whole("gift"),
    _whole("short"),
    _whole("struck"),
    key=("order_id", "line_id"),
)

refunds = _table(
    "refunds",
    _text("order_id"),
    _text("refund_id"),
    _whole("full"),
    _text("state"),
    _whole("amount"),
    _bytes("lines"),  # [domain.refunds.RefundLine]
    _whole("asked_at"),
    _maybe_whole("answer_by"),
    key=("order_id", "refund_id"),
)

bindings = _table(
    "bindings",
    _text("order_id"),
    _whole("place"),  # position in the pick
    _whole("line_id"),
    _maybe_text("code"),
    _whole("quantity"),
    _maybe_text("lot"),
    _maybe_text("lot_source"),
    _text("store"),
    _whole("at"),
    Index("bindings_by_code", "chain", "code"),
    key=("order_id", "place"),
)

exceptions = _table(
    "exceptions",
    _text("exception_id"),
    _text("store"),
    _text("order_id"),
    _text("kind"),
    _bytes("lines"),  # [line id]
    _whole("opened_at"),
    _maybe_whole("deadline_at"),
    _maybe_whole("closed_at"),
    _maybe_text("choice"),
    _maybe_text("closed_by"),
    Index("exceptions_by_order", "chain", "order_id"),
    key=("exception_id",),
)
_index_of("exceptions_open", exceptions.c.closed_at.is_(None), exceptions.c.chain, exceptions.c.kind)

# The conversation with the stores.

log_heads = _table(
    "log_heads",
    _text("log"),
    _text("log_id"),  # 128 random bits, one incarnation
    _whole("head"),
    _whole("floor", 0),
    key=("log",),
)

events = _table(
    "events",
    _text("log"),
    _whole("seq"),
    _text("kind"),
    _whole("v"),
    _whole("at"),
    _maybe_text("order_id"),
    _bytes("body"),
    _text("personal", ""),  # names of the records that travel beside it, comma-separated
    key=("log", "seq"),
    large=True,
)

agents = _table(
    "agents",
    _text("device"),
    _text("store"),
    _bytes("credential_hash"),
    _text("hostname"),
    _text("version"),
    _whole("paired_at"),
    _maybe_whole("revoked_at"),
    _text("revoked_why", ""),
    UniqueConstraint("chain", "credential_hash", name="one_credential_once"),
    key=("device", "paired_at"),
)

pairing_codes = _table(
    "pairing_codes",
    _text("store"),
    _text("selector"),  # the code's first group, which says whose code a wrong one was meant to be
    _bytes("code_hash"),
    _whole("expires_at"),
    _whole("tries", 0),  # wrong codes with this selector
    _maybe_whole("used_at"),
    key=("store",),
)

reports = _table("reports", _text("store"), _whole("received_at"), _bytes("body"), key=("store",))

operations = _table(
    "operations",
    _text("store"),
    _text("key"),
    _text("device"),
    _whole("number"),  # dense per device: what was done before what
    _text("kind"),
    _whole("v"),
    _maybe_text("order_id"),
    _bytes("body"),
    _bytes("body_hash"),
    _bytes("outcome"),  # domain.protocol.Outcome, answered alike for ever
    _whole("at"),
    _whole("received_at"),
    Index("operations_by_number", "chain", "store", "device", "number"),
    key=("store", "key"),
)

sales = _table("sales", _text("store"), _text("sale_id"), _bytes("lines"), _whole("at"), key=("store", "sale_id"))

slips = _table(
    "slips",
    _text("slip_id"),
    _text("store"),
    _text("order_id"),
    _text("kind"),
    _text("state"),
    _maybe_text("evidence"),
    _text("cause", ""),
    _whole("at"),
    Index("slips_by_order", "chain", "order_id"),
    key=("slip_id",),
)

# What leaves towards the channels.

calls = _table(
    "calls",
    _text("call_id"),
    _text("channel"),
    _text("shop"),
    _maybe_text("order_id"),
    _text("kind"),
    _bytes("body"),  # cloud.channels.base.Call
    _text("state"),  # waiting, done, refused, dropped
    _whole("attempts", 0),
    _whole("next_at"),
    _text("said", ""),
    _whole("created_at"),
    Index("calls_by_order", "chain", "order_id"),
    key=("call_id",),
)
call_is_waiting = calls.c.state == written("waiting")
_index_of("calls_waiting", call_is_waiting, calls.c.chain, calls.c.next_at)
_index_of("stock_calls_waiting", call_is_waiting & (calls.c.kind == written("stock")), calls.c.chain, calls.c.shop)

sweeps = _table("sweeps", _text("channel"), _text("shop"), _whole("swept_at"), key=("channel", "shop"))

# Proof and persons.

audit_heads = _table("audit_heads", _text("store"), _whole("head"), _bytes("hash"), key=("store",))

audit = _table(
    "audit",
    _text("store"),  # "" is the chain's own
    _whole("seq"),
    _whole("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),  # words and numbers for people; nothing about a person
    _bytes("hash"),  # SHA-256 over the previous hash and every column before this one
    Index("audit_by_subject", "chain", "subject"),
    key=("store", "seq"),
)

checkpoints = _table(
    "checkpoints",
    _whole("at"),
    _bytes("heads"),  # {store: [head, hash]}
    _bytes("signature"),  # Ed25519, by the chain's key
    key=("at",),
)

personal_keys = _table("personal_keys", _text("subject"), _bytes("sealed_key"), key=("subject",))

personal = _table("personal", _text("subject"), _text("name"), _bytes("sealed"), key=("subject", "name"), large=True)
