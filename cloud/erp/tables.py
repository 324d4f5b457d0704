"""The hub's tables of what the chain's ERP tells and is told; part of `cloud.tables`."""

from sqlalchemy import Index, UniqueConstraint, func, literal_column

from cloud.columns import blob, index_of, maybe_text, maybe_whole, table, text, whole, written

# What was taken, once each by the ERP's own document id. `body` is empty for a count: its levels stand below.
erp_feeds = table(
    "erp_feeds",
    text("store"),
    text("kind"),
    text("document_id"),
    whole("part", 0),
    blob("body_hash"),
    blob("body"),
    whole("at"),
    key=("store", "kind", "document_id", "part"),
    large=True,
)
_f = erp_feeds.c
index_of("erp_feeds_of_counts", _f.kind == written("count"), _f.chain, _f.at)
index_of("erp_feeds_with_body", func.length(_f.body) > literal_column("0"), _f.chain, _f.at)

# The last that was heard of each kind; `mark` is its place in the ERP's own order.
erp_heard = table(
    "erp_heard",
    text("store"),
    text("kind"),
    text("document_id"),
    whole("mark"),
    text("source"),
    whole("at"),
    key=("store", "kind"),
)

# Products it told of that the catalogue did not have then.
erp_unknown_products = table("erp_unknown_products", text("store"), text("sku"), whole("at"), key=("store", "sku"))

# The last count of each product.
erp_levels = table(
    "erp_levels",
    text("store"),
    text("sku"),
    whole("as_of"),
    whole("contains"),  # -1: it did not say
    whole("on_hand"),
    text("document_id"),
    whole("at"),
    key=("store", "sku"),
)

# The ERP's own bookings that the last count of their product does not contain.
erp_bookings = table(
    "erp_bookings",
    text("store"),
    text("sku"),
    text("document_id"),
    whole("sequence"),
    whole("delta"),
    key=("store", "sku", "document_id"),
)

# Our documents for the ERP, whoever hands them over.
erp_documents = table(
    "erp_documents",
    text("store"),
    text("document_id"),
    whole("number"),
    text("kind"),
    text("state"),
    maybe_text("order_id"),
    text("reason", ""),
    text("reference", ""),  # the ERP's own number for it
    blob("body"),  # domain.erp.ErpDocument
    whole("written_at"),
    maybe_whole("delivered_at"),
    maybe_whole("answered_at"),
    whole("ours", 0),  # headquarters hands it over, not its store
    Index("erp_documents_by_number", "chain", "store", "number"),
    Index("erp_documents_by_answer", "chain", "answered_at"),
    key=("store", "document_id"),
    large=True,
)
_d = erp_documents.c
index_of("erp_documents_owed", _d.state.in_([written("waiting"), written("delivered")]), _d.chain, _d.store, _d.number)

index_of("erp_documents_refused", _d.state == written("refused"), _d.chain, _d.store, _d.number)
index_of("erp_documents_ours", _d.ours == literal_column("1"), _d.chain, _d.number)
index_of(
    "erp_documents_ours_owed",
    (_d.ours == literal_column("1")) & _d.state.in_([written("waiting"), written("delivered")]),
    _d.chain,
    _d.state,
    _d.number,
)

# The last number that headquarters gave to a document of its own.
erp_numbers = table("erp_numbers", whole("last"), key=())

# Stores that may not have heard that they hand documents over themselves.
erp_handing_back = table("erp_handing_back", text("store"), whole("since"), key=("store",))

# What each document did to each product.
erp_effects = table(
    "erp_effects",
    text("store"),
    text("sku"),
    text("document_id"),
    whole("number"),
    whole("delta"),
    whole("refused", 0),
    Index("erp_effects_by_number", "chain", "store", "sku", "number"),
    key=("store", "sku", "document_id"),
)
_e = erp_effects.c
index_of("erp_effects_refused", _e.refused == literal_column("1"), _e.chain, _e.store, _e.sku)

# What the ERP said and was not taken, as it came: an id with another body, a store that is not here (yet).
erp_aside = table(
    "erp_aside",
    text("entry_id"),
    text("store"),
    text("kind"),
    text("document_id"),
    whole("part", 0),
    text("reason"),
    blob("body"),
    blob("body_hash"),
    text("source"),
    whole("at"),
    maybe_whole("ended_at"),
    text("ended_by", ""),
    UniqueConstraint("chain", "store", "kind", "document_id", "part", "body_hash", name="erp_aside_once"),
    key=("entry_id",),
    large=True,
)
_a = erp_aside.c
index_of("erp_aside_open", _a.ended_at.is_(None), _a.chain, _a.at)

# Who may speak at /erp: programs of the ERP, each by a token of which only the hash is kept.
erp_tokens = table(
    "erp_tokens",
    text("name"),
    blob("token_hash"),
    whole("made_at"),
    maybe_whole("used_at"),
    maybe_whole("revoked_at"),
    key=("name",),
)

# Files of headquarters' watched folder that were taken or refused, by what stood in them.
erp_files = table(
    "erp_files",
    text("hash"),
    text("name"),
    text("state"),
    whole("rows"),
    text("flaws"),  # JSON
    whole("at"),
    maybe_whole("seen_at"),
    Index("erp_files_by_time", "chain", "at"),
    key=("hash",),
    large=True,
)
_files = erp_files.c
index_of("erp_files_unseen", (_files.state != written("done")) & _files.seen_at.is_(None), _files.chain, _files.at)

# How far each view of the ERP's database was read.
erp_positions = table("erp_positions", text("view"), text("position"), key=("view",))
