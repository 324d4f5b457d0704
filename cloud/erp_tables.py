"""The hub's tables of what the chain's ERP tells and is told; part of `cloud.tables`."""

from sqlalchemy import Index, literal_column

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
    maybe_whole("answered_at"),
    Index("erp_documents_by_number", "chain", "store", "number"),
    key=("store", "document_id"),
    large=True,
)
_d = erp_documents.c
index_of("erp_documents_owed", _d.state.in_([written("waiting"), written("delivered")]), _d.chain, _d.store, _d.number)

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
