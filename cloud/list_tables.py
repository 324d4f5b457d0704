"""The hub's tables of what the chain's logs `prices` and `codes` say; part of `cloud.tables`."""

from cloud.columns import blob, table, text, whole

# `store` is empty for the whole chain's price.
prices = table("prices", text("sku"), text("store", ""), whole("fen"), whole("at"), key=("sku", "store"))

# Codes sold over a counter; those of orders stand in `bindings`. `source` is the sale, ours or the ERP's.
sale_codes = table(
    "sale_codes", text("code"), text("store"), text("source"), whole("at"), key=("code", "store", "source")
)

# Codes of which something changed and no store was told yet: written by whoever changed it, in the same transaction,
# and taken away by `cloud.codes.gathering.gather` together with the event.
code_news = table("code_news", text("news_id"), blob("codes"), key=("news_id",))

# What the log `codes` says, folded: domain.code_lists. `store` and `at` are of the sale.
listed_codes = table(
    "listed_codes", text("list"), text("code"), text("store", ""), whole("at", 0), key=("list", "code")
)
