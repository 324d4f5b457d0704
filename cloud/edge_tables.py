"""The hub's tables of its conversation with the stores; part of `cloud.tables`."""

from sqlalchemy import Index, UniqueConstraint

from cloud.columns import blob, index_of, maybe_text, maybe_whole, table, text, whole, written

log_heads = table(
    "log_heads",
    text("log"),
    text("log_id"),  # 128 random bits, one incarnation
    whole("head"),
    whole("floor", 0),
    whole("restored_at", 0),  # since when this incarnation is another one than before: the hub was restored then
    key=("log",),
)

events = table(
    "events",
    text("log"),
    whole("seq"),
    text("kind"),
    whole("v"),
    whole("at"),
    maybe_text("order_id"),
    blob("body"),
    text("personal", ""),  # names of the records that travel beside it, comma-separated
    key=("log", "seq"),
    large=True,
)

agents = table(
    "agents",
    text("device"),
    text("store"),
    blob("public_key"),  # of the device's Ed25519 pair, 32 raw bytes
    text("hostname"),
    text("version"),
    whole("paired_at"),
    maybe_whole("revoked_at"),
    text("revoked_why", ""),
    maybe_whole("frozen_at"),  # two computers spoke as this one agent
    text("frozen_why", ""),
    maybe_whole("session_at"),
    whole("sessions", 0),  # how many it began so far; a nonce is good for the next one only
    text("incarnation", ""),  # of its data; a restored copy goes on as another
    text("boot", ""),  # the run of the program that speaks now
    text("boots_before", ""),  # those it took over from, newest first, comma-separated
    text("accepts", "{}"),  # kind of event -> highest version, JSON
    key=("device", "paired_at"),
)

pairing_codes = table(
    "pairing_codes",
    text("store"),
    text("selector"),  # the code's first half, which says whose code a wrong one was meant to be
    blob("code_hash"),
    whole("expires_at"),
    whole("tries", 0),  # wrong codes with this selector
    maybe_whole("used_at"),
    key=("store",),
)
_c = pairing_codes.c
index_of("one_selector_once", _c.used_at.is_(None), _c.chain, _c.selector, unique=True)

reports = table("reports", text("store"), whole("received_at"), blob("body"), key=("store",))

# How far each store's agent has come in its store's own log, for the other processes of a hub that has several.
applied = table("applied", text("store"), whole("seq"), key=("store",))

operations = table(
    "operations",
    text("store"),
    text("key"),
    text("device"),
    text("incarnation", ""),  # of the device's data
    whole("number"),  # dense per device and incarnation: what was done before what
    text("kind"),
    whole("v"),
    maybe_text("order_id"),
    blob("body"),
    blob("body_hash"),
    blob("outcome"),  # domain.protocol.Outcome, answered alike for ever
    whole("at"),
    whole("received_at"),
    Index("operations_by_number", "chain", "store", "device", "incarnation", "number"),
    key=("store", "key"),
)

# Operations that took no effect, kept as they came (`cloud.set_aside.entries`); `incarnation` as in `operations`.
set_aside = table(
    "set_aside",
    text("entry_id"),
    text("store"),
    whole("sequence"),  # as they came from the store; a clock may be set back between two
    text("device"),
    text("incarnation"),
    text("key"),
    whole("number"),
    text("kind"),
    whole("v"),
    maybe_text("order_id"),
    blob("body"),
    blob("body_hash"),
    whole("at"),
    text("reason"),  # cloud.set_aside.entries.Reason
    text("why"),
    whole("set_aside_at"),
    text("version"),  # of the hub that tried it last
    text("state"),  # open, done, settled
    maybe_whole("ended_at"),
    text("ended_by", ""),
    text("note", ""),  # why a person settled it
    UniqueConstraint("chain", "store", "key", "body_hash", name="set_aside_once"),
    key=("entry_id",),
    large=True,
)
_s = set_aside.c
Index("set_aside_by_sequence", _s.chain, _s.store, _s.sequence)
index_of("set_aside_open", _s.state == written("open"), _s.chain, _s.store, _s.order_id)

sales = table("sales", text("store"), text("sale_id"), blob("lines"), whole("at"), key=("store", "sale_id"))

slips = table(
    "slips",
    text("slip_id"),
    text("store"),
    text("order_id"),  # empty for a slip of no order
    text("kind"),
    whole("copy", 0),  # above 0 for a reprint (补打)
    text("state"),
    maybe_text("evidence"),
    text("cause", ""),
    text("printer", ""),
    whole("at"),
    Index("slips_by_order", "chain", "order_id"),
    key=("slip_id",),
)

# What the store wrote down of each, oldest first; `at` by the store's clock.
slip_steps = table(
    "slip_steps",
    text("slip_id"),
    whole("place"),
    text("state"),
    text("cause"),
    text("printer"),
    whole("at"),
    key=("slip_id", "place"),
)

# Every step of an order in its store, as the store chained them (domain.trail.Step).
trail = table(
    "trail",
    text("order_id"),
    whole("seq"),
    whole("at"),
    text("kind"),
    text("staff_id"),
    text("name"),
    text("station"),
    text("rules"),
    text("detail"),
    text("hash"),
    text("store"),
    whole("received_at"),
    key=("order_id", "seq"),
    large=True,
)
