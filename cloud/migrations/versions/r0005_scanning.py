"""Scanning and picking with proof: what stores, people and prescriptions add."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from cloud.columns import Whole

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _trail()
    _prescriptions()
    _picking()
    _staff()
    _recalls()
    _goods()


def _trail() -> None:
    columns = ("name", "staff_id", "station", "rules", "detail", "hash", "kind", "store")
    _table(
        "trail",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("seq", Whole, nullable=False),
        sa.Column("at", Whole, nullable=False),
        sa.Column("received_at", Whole, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in columns),
        key=("order_id", "seq"),
        large=True,
    )


def _prescriptions() -> None:
    op.add_column("orders", sa.Column("insurance", Whole, nullable=False, server_default="0"))
    op.add_column("order_lines", sa.Column("prescription", Whole, nullable=False, server_default="0"))
    _table(
        "prescriptions",
        *_texts("prescription_id", "order_id", "store", "state"),
        *(_text(name, "") for name in ("number", "provider", "content", "used_by")),
        *(sa.Column(name, Whole) for name in ("issued_at", "decision")),
        sa.Column("created_at", Whole, nullable=False),
        sa.UniqueConstraint("chain", "order_id", name="one_prescription_per_order"),
        key=("prescription_id",),
    )
    op.create_index("prescriptions_by_store", "prescriptions", ["chain", "store", "prescription_id"])
    _index("prescriptions_reused", "prescriptions", ["chain", "used_by"], "used_by != ''")
    _table(
        "prescription_decisions",
        *_texts("prescription_id", "staff_id", "name", "licence", "covers", "store", "reason"),
        *(sa.Column(name, Whole, nullable=False) for name in ("place", "approved", "at", "counts", "received_at")),
        key=("prescription_id", "place"),
    )
    op.create_index("decisions_by_staff", "prescription_decisions", ["chain", "staff_id", "prescription_id"])
    _table(
        "prescription_images",
        *_texts("prescription_id", "state"),
        *(_text(name, "") for name in ("digest", "media_type", "why")),
        sa.Column("place", Whole, nullable=False),
        *(sa.Column(name, Whole, nullable=False, server_default="0") for name in ("size", "attempts", "next_at")),
        key=("prescription_id", "place"),
    )
    _index("images_to_fetch", "prescription_images", ["chain", "next_at"], "state = 'waiting'")
    _table("prescription_uses", *_texts("content", "order_id"), key=("content",))
    op.create_index("uses_by_order", "prescription_uses", ["chain", "order_id"])
    _table(
        "blobs",
        *_texts("order_id", "digest", "store", "media_type"),
        *(sa.Column(name, Whole, nullable=False) for name in ("size", "at")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        key=("order_id", "digest"),
        large=True,
    )
    op.create_index("blobs_by_digest", "blobs", ["chain", "digest"])


def _picking() -> None:
    for name, default in (("entry", "scanned"), ("photo", ""), ("staff_id", "")):
        op.add_column("bindings", sa.Column(name, sa.Text, nullable=False, server_default=default))
    for name in ("month_only", "opened"):
        op.add_column("bindings", sa.Column(name, Whole, nullable=False, server_default="0"))
    for name in ("expiry", "waiver"):
        op.add_column("bindings", sa.Column(name, sa.Text))
    op.add_column("bindings", sa.Column("released_at", Whole))
    op.add_column("order_lines", sa.Column("instead_of", sa.Text, nullable=False, server_default=""))
    _table(
        "returned",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("return_id", "order_id", "store", "staff_id")),
        *(sa.Column(name, Whole, nullable=False) for name in ("place", "line_id", "quantity", "at")),
        *(sa.Column(name, sa.Text) for name in ("sku", "code", "lot", "expiry")),
        key=("return_id", "place"),
    )
    op.create_index("returned_by_order", "returned", ["chain", "order_id"])


def _goods() -> None:
    for name in ("month_only", "quarantine"):
        op.add_column("lots", sa.Column(name, Whole, nullable=False, server_default="0"))
    op.add_column("lots", sa.Column("produced", sa.Text))
    op.add_column("lots", _text("shelf", ""))
    _table(
        "receipts",
        *_texts("store", "receipt_id", "supplier", "bill", "staff_id"),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.Column("at", Whole, nullable=False),
        key=("store", "receipt_id"),
    )
    _table(
        "lot_moves",
        *_texts("store", "move_id", "kind", "sku", "lot", "expiry", "reason", "staff_id"),
        *(sa.Column(name, Whole, nullable=False) for name in ("delta", "quarantined", "at")),
        key=("store", "move_id"),
    )


def _staff() -> None:
    _table(
        "staff",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("staff_id", "name", "roles")),
        *(sa.Column(name, sa.Text, nullable=False, server_default="") for name in ("pin", "badge", "licence")),
        sa.Column("active", Whole, nullable=False),
        key=("staff_id",),
    )
    has_badge = sa.text("active = 1 AND badge != ''")
    op.create_index(
        "staff_by_badge",
        "staff",
        ["chain", "badge"],
        unique=True,
        sqlite_where=has_badge,
        postgresql_where=has_badge,
    )
    _table(
        "staff_stores",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("store", "staff_id")),
        key=("store", "staff_id"),
    )
    op.create_index("stores_of_staff", "staff_stores", ["chain", "staff_id"])
    _table(
        "roster",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("store", "staff_id")),
        *(sa.Column(name, Whole, nullable=False) for name in ("begins_at", "ends_at")),
        key=("store", "staff_id", "begins_at"),
    )
    op.create_index("roster_of_staff", "roster", ["chain", "staff_id", "ends_at"])
    _table(
        "duty",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("store", "staff_id", "name")),
        *(sa.Column(name, Whole, nullable=False) for name in ("present", "at")),
        key=("store", "staff_id"),
    )
    _table(
        "wrong_pins",
        sa.Column("staff_id", sa.Text, nullable=False),
        *(sa.Column(name, Whole, nullable=False) for name in ("wrong", "last_at")),
        key=("staff_id",),
    )


def _texts(*names: str) -> list["sa.Column[str]"]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _text(name: str, default: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _recalls() -> None:
    _table(
        "recalls",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("recall_id", "sku")),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("put_at", Whole, nullable=False),
        key=("recall_id",),
    )
    op.create_index("lines_by_sku", "order_lines", ["chain", "sku"])


def _table(name: str, *columns: SchemaItem, key: tuple[str, ...], large: bool = False) -> None:
    op.create_table(
        name,
        sa.Column("chain", sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("chain", *key),
        sqlite_strict=True,
        sqlite_with_rowid=large,
    )
