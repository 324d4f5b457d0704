"""The hub's tables, on SQLite and PostgreSQL alike. Every key begins with the chain (design.md §5).

Columns ending in `_at` are milliseconds UTC, quantities are thousandths, money is fen. What is known of a person
stands in `personal` only, sealed; every other table holds references and hashes.
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from cloud.columns import blob, index_of, maybe_text, maybe_whole, table, text, whole, written
from cloud.columns import metadata as metadata
from cloud.edge_tables import agents as agents
from cloud.edge_tables import applied as applied
from cloud.edge_tables import events as events
from cloud.edge_tables import log_heads as log_heads
from cloud.edge_tables import operations as operations
from cloud.edge_tables import pairing_codes as pairing_codes
from cloud.edge_tables import reports as reports
from cloud.edge_tables import sales as sales
from cloud.edge_tables import set_aside as set_aside
from cloud.edge_tables import slip_steps as slip_steps
from cloud.edge_tables import slips as slips
from cloud.edge_tables import trail as trail
from cloud.erp.tables import erp_aside as erp_aside
from cloud.erp.tables import erp_bookings as erp_bookings
from cloud.erp.tables import erp_documents as erp_documents
from cloud.erp.tables import erp_effects as erp_effects
from cloud.erp.tables import erp_feeds as erp_feeds
from cloud.erp.tables import erp_files as erp_files
from cloud.erp.tables import erp_handing_back as erp_handing_back
from cloud.erp.tables import erp_heard as erp_heard
from cloud.erp.tables import erp_levels as erp_levels
from cloud.erp.tables import erp_numbers as erp_numbers
from cloud.erp.tables import erp_positions as erp_positions
from cloud.erp.tables import erp_tokens as erp_tokens
from cloud.erp.tables import erp_unknown_products as erp_unknown_products
from cloud.list_tables import code_news as code_news
from cloud.list_tables import listed_codes as listed_codes
from cloud.list_tables import prices as prices
from cloud.list_tables import sale_codes as sale_codes
from cloud.people_tables import duty as duty
from cloud.people_tables import has_badge as has_badge
from cloud.people_tables import roster as roster
from cloud.people_tables import staff as staff
from cloud.people_tables import staff_stores as staff_stores
from cloud.people_tables import wrong_pins as wrong_pins
from cloud.prescription_tables import blobs as blobs
from cloud.prescription_tables import image_is_waiting as image_is_waiting
from cloud.prescription_tables import prescription_decisions as prescription_decisions
from cloud.prescription_tables import prescription_images as prescription_images
from cloud.prescription_tables import prescription_uses as prescription_uses
from cloud.prescription_tables import prescription_waits as prescription_waits
from cloud.prescription_tables import prescriptions as prescriptions
from domain.orders import OPEN

# The chain's shape: stores, their shops on channels, the catalogue.

stores = table(
    "stores",
    text("store"),
    text("name"),
    text("accept"),  # domain.orders.AcceptRule
    whole("lead"),  # booked orders print so long before their time, ms
    text("mode", "live"),  # domain.modes.Mode
    key=("store",),
)

shops = table("shops", text("channel"), text("shop"), text("store"), key=("channel", "shop"))

products = table(
    "products",
    text("sku"),
    text("name"),
    blob("body"),  # domain.products.Product
    key=("sku",),
)

barcodes = table("barcodes", text("barcode"), text("sku"), key=("barcode",))

recalls = table(
    "recalls",
    text("recall_id"),
    text("sku"),
    blob("body"),  # domain.recalls.Recall
    whole("put_at"),
    key=("recall_id",),
)

chain_settings = table(
    "chain_settings",
    text("name"),  # slip_templates, policy
    blob("body"),  # domain.templates.SlipTemplates, domain.policy.ChainPolicy
    key=("name",),
)

# Stock: one truth per (store, sku), guarded by the database itself.

stock = table(
    "stock",
    text("store"),
    text("sku"),
    whole("on_hand"),
    whole("reserved", 0),
    whole("safety", 0),  # never advertised to channels; a paid order may use it
    text("shelf", ""),
    CheckConstraint(
        "reserved >= 0 AND reserved <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END", name="reserved_is_covered"
    ),
    key=("store", "sku"),
)

lots = table(
    "lots",
    text("store"),
    text("sku"),
    text("lot"),
    text("expiry"),  # ISO date
    whole("quantity"),  # of it, `quarantine` may not be sold
    maybe_text("produced"),  # ISO date
    whole("month_only", 0),  # the pack tells the expiry's month only
    whole("quarantine", 0),
    text("shelf", ""),  # where it lies, if not where its product does
    key=("store", "sku", "lot"),
)

# Goods that came into a store, as received there; each is one row for ever.
receipts = table(
    "receipts",
    text("store"),
    text("receipt_id"),
    text("supplier"),
    text("bill"),
    text("staff_id"),
    blob("lines"),  # [domain.operations.ReceivedLine]
    whole("at"),
    key=("store", "receipt_id"),
)

# Stock of lots that was counted or moved in a store, and why.
lot_moves = table(
    "lot_moves",
    text("store"),
    text("move_id"),
    text("kind"),  # domain.operations.MoveKind
    text("sku"),
    text("lot"),
    text("expiry"),
    whole("delta"),
    whole("quarantined"),
    text("reason"),
    text("staff_id"),
    whole("at"),
    key=("store", "move_id"),
)

stock_ledger = table(
    "stock_ledger",
    text("entry_id"),
    text("store"),
    text("sku"),
    text("kind"),  # cloud.ledger.Movement
    whole("delta"),  # on hand is the sum of these
    text("reference"),  # order id, sale id, operation key
    whole("at"),
    text("incarnation", ""),  # of the store's data, as in `operations`; empty where headquarters moved it
    whole("number", 0),  # of the operation whose entry it is
    maybe_whole("seen"),  # where somebody in the store looked
    Index("stock_ledger_by_sku", "chain", "store", "sku", "number"),
    key=("entry_id",),
)

reservations = table(
    "reservations",
    text("order_id"),
    whole("line_id"),
    text("store"),
    text("sku"),
    whole("quantity"),
    text("state"),  # held, released, consumed
    whole("at"),
    CheckConstraint("quantity >= 0", name="reservation_is_no_debt"),
    key=("order_id", "line_id"),
)
_r = reservations.c
# By order, not by sku: new rows then stand together, and one store does not hold much at a time.
index_of("reservations_held", _r.state == written("held"), _r.chain, _r.store, _r.order_id)

# What channels sent, and what it became.

pushes = table(
    "pushes",
    text("push_id"),
    text("channel"),
    text("topic"),
    maybe_text("happening"),  # cloud.channels.base.Understood.key: the same happening has the same key
    blob("content"),  # SHA-256 of what it says
    text("subject"),  # where its raw bytes are sealed in `personal`, under the name push:PUSH_ID
    maybe_text("channel_order_id"),
    maybe_text("order_id"),
    text("state"),  # cloud.received.PushState
    text("problem", ""),
    whole("received_at"),
    UniqueConstraint("chain", "channel", "happening", name="one_happening_once"),
    key=("push_id",),
)
_p = pushes.c
index_of("pushes_waiting", _p.state == written("waiting"), _p.chain, _p.channel_order_id)
index_of("pushes_for_a_person", _p.state == written("needs_person"), _p.chain, _p.push_id)

orders = table(
    "orders",
    text("order_id"),
    text("channel"),
    text("channel_order_id"),
    text("shown_id"),
    text("shop"),
    text("store"),
    whole("day_number"),
    text("code"),
    text("state"),
    text("rider"),
    whole("placed_at"),
    maybe_whole("promised_at"),
    whole("booked"),
    whole("prescription"),
    whole("pick_up"),
    whole("total"),
    whole("received_at"),
    maybe_whole("urged_at"),
    maybe_whole("picked_at"),
    maybe_whole("printed_at"),
    # Of its order.placed event in the store's log: applied once the agent's cursor is there. 0 until it has its number,
    # -1 for an order that was over when it was first heard of: the store is never told of it.
    whole("placed_seq"),
    text("rider_code", ""),  # what the rider must say, where the channel gave one
    maybe_text("state_there"),  # as its channel knows it, where it was not told of our steps (domain.modes.Mode.SHADOW)
    whole("insurance", 0),  # paid by the national insurance (医保)
    text("cancelled_by", ""),  # customer, store, service, system
    whole("taken", 0),  # the goods had left the store when it was cancelled
    UniqueConstraint("chain", "channel", "channel_order_id", name="one_order_once"),
    Index("orders_by_store", "chain", "store", "order_id"),
    key=("order_id",),
)
order_is_open = orders.c.state.in_([written(state) for state in sorted(OPEN)])
# With the store: SQLite never prefers an index that uses fewer of a query's terms than another does.
index_of("orders_open", order_is_open, orders.c.chain, orders.c.store, orders.c.order_id)

order_lines = table(
    "order_lines",
    text("order_id"),
    whole("line_id"),
    text("channel_sku"),
    maybe_text("sku"),
    text("name"),
    text("spec"),
    text("unit"),
    whole("quantity"),
    whole("price"),
    whole("gift"),
    whole("short"),
    whole("struck"),
    text("maker", ""),  # as the catalogue knew it when the order came
    whole("prescription", 0),  # likewise
    text("instead_of", ""),  # the SKU that was ordered, where another is given
    Index("lines_by_sku", "chain", "sku"),  # which orders a recall is about
    key=("order_id", "line_id"),
)

refunds = table(
    "refunds",
    text("order_id"),
    text("refund_id"),
    whole("full"),
    text("state"),
    whole("amount"),
    blob("lines"),  # [domain.refunds.RefundLine]
    whole("asked_at"),
    maybe_whole("answer_by"),
    key=("order_id", "refund_id"),
)

bindings = table(
    "bindings",
    text("order_id"),
    whole("place"),  # position in the pick
    whole("line_id"),
    maybe_text("code"),
    whole("quantity"),
    maybe_text("lot"),
    maybe_text("lot_source"),
    text("store"),
    whole("at"),
    maybe_text("expiry"),  # ISO date
    whole("month_only", 0),
    text("entry", "scanned"),  # domain.picks.Entry
    maybe_text("waiver"),  # domain.policy.Waiver
    text("photo", ""),  # digest of a blob
    whole("opened", 0),
    text("staff_id", ""),
    maybe_whole("released_at"),  # cancelled before it left the store: its codes may be sold again
    Index("bindings_by_code", "chain", "code"),
    key=("order_id", "place"),
)

# Packs that came back: the store has them, nobody may sell them again (facts/compliance.md R13).
returned = table(
    "returned",
    text("return_id"),
    whole("place"),
    text("order_id"),
    whole("line_id"),
    text("store"),
    maybe_text("sku"),
    maybe_text("code"),
    whole("quantity"),
    maybe_text("lot"),
    maybe_text("expiry"),
    text("staff_id"),
    whole("at"),
    Index("returned_by_order", "chain", "order_id"),
    key=("return_id", "place"),
)

exceptions = table(
    "exceptions",
    text("exception_id"),
    text("store"),
    text("order_id"),
    text("kind"),
    blob("lines"),  # [line id]
    whole("opened_at"),
    maybe_whole("deadline_at"),
    maybe_whole("closed_at"),
    maybe_text("choice"),
    maybe_text("closed_by"),
    Index("exceptions_by_order", "chain", "order_id"),
    key=("exception_id",),
)
index_of("exceptions_open", exceptions.c.closed_at.is_(None), exceptions.c.chain, exceptions.c.kind)

# What leaves towards the channels.

calls = table(
    "calls",
    text("call_id"),
    text("channel"),
    text("shop"),
    text("store", ""),
    maybe_text("order_id"),
    text("kind"),
    blob("body"),  # cloud.channels.base.Call
    text("state"),  # waiting, done, refused, dropped, shadow: never told, because its store was on trial
    whole("attempts", 0),
    whole("next_at"),
    text("said", ""),
    whole("created_at"),
    Index("calls_by_order", "chain", "order_id"),
    key=("call_id",),
)
call_is_waiting = calls.c.state == written("waiting")
index_of("calls_waiting", call_is_waiting, calls.c.chain, calls.c.next_at)
index_of("calls_of_shadow", calls.c.state == written("shadow"), calls.c.chain, calls.c.store, calls.c.call_id)
index_of("stock_calls_waiting", call_is_waiting & (calls.c.kind == written("stock")), calls.c.chain, calls.c.shop)

sweeps = table("sweeps", text("channel"), text("shop"), whole("swept_at"), key=("channel", "shop"))

# Proof and persons.

audit_heads = table("audit_heads", text("store"), whole("head"), blob("hash"), key=("store",))

audit = table(
    "audit",
    text("store"),  # "" is the chain's own
    whole("seq"),
    whole("at"),
    text("actor"),
    text("action"),
    text("subject"),
    text("detail"),  # words and numbers for people; nothing about a person
    blob("hash"),  # SHA-256 over the previous hash and every column before this one
    Index("audit_by_subject", "chain", "subject"),
    key=("store", "seq"),
)

checkpoints = table(
    "checkpoints",
    whole("at"),
    blob("heads"),  # {store: [head, hash]}
    blob("signature"),  # Ed25519, by the chain's key
    key=("at",),
)

personal_keys = table("personal_keys", text("subject"), blob("sealed_key"), key=("subject",))

personal = table("personal", text("subject"), text("name"), blob("sealed"), key=("subject", "name"), large=True)
