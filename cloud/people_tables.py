"""The hub's tables of colleagues; part of `cloud.tables`.

What proves them is a hash; a name stays after somebody left, because the trails hold it too."""

from sqlalchemy import Index, literal_column

from cloud.columns import index_of, table, text, whole, written

staff = table(
    "staff",
    text("staff_id"),
    text("name"),
    text("roles"),  # domain.staff.Role, with commas
    text("pin", ""),
    text("badge", ""),
    text("licence", ""),
    whole("active"),
    key=("staff_id",),
)
has_badge = (staff.c.active == literal_column("1")) & (staff.c.badge != written(""))
index_of("staff_by_badge", has_badge, staff.c.chain, staff.c.badge, unique=True)

staff_stores = table("staff_stores", text("store"), text("staff_id"), key=("store", "staff_id"))  # store "": all
Index("stores_of_staff", staff_stores.c.chain, staff_stores.c.staff_id)

roster = table(
    "roster",
    text("store"),  # "": headquarters, for every store
    text("staff_id"),
    whole("begins_at"),
    whole("ends_at"),
    Index("roster_of_staff", "chain", "staff_id", "ends_at"),
    key=("store", "staff_id", "begins_at"),
)

# The last word of each pharmacist who came on duty in a store, or went.
duty = table(
    "duty", text("store"), text("staff_id"), text("name"), whole("present"), whole("at"), key=("store", "staff_id")
)

wrong_pins = table("wrong_pins", text("staff_id"), whole("wrong"), whole("last_at"), key=("staff_id",))
