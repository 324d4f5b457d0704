"""Scanning and picking with proof: what stores, people and prescriptions add."""

import sqlalchemy as sa
from alembic import op

from cloud.columns import Whole

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _trail()
    _prescriptions()
    _picking()
    _staff()


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


def _picking() -> None:
    for name, default in (("entry", "scanned"), ("photo", ""), ("staff_id", "")):
        op.add_column("bindings", sa.Column(name, sa.Text, nullable=False, server_default=default))
    for name in ("month_only", "opened"):
        op.add_column("bindings", sa.Column(name, Whole, nullable=False, server_default="0"))
    for name in ("expiry", "waiver"):
        op.add_column("bindings", sa.Column(name, sa.Text))
    op.add_column("bindings", sa.Column("released_at", Whole))
    _table(
        "returned",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("return_id", "order_id", "store", "staff_id")),
        *(sa.Column(name, Whole, nullable=False) for name in ("place", "line_id", "quantity", "at")),
        *(sa.Column(name, sa.Text) for name in ("sku", "code", "lot", "expiry")),
        key=("return_id", "place"),
    )
    op.create_index("returned_by_order", "returned", ["chain", "order_id"])


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


def _table(
    name: str, *columns: "sa.Column[int] | sa.Column[str] | sa.Column[bytes]", key: tuple[str, ...], large: bool = False
) -> None:
    op.create_table(
        name,
        sa.Column("chain", sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("chain", *key),
        sqlite_strict=True,
        sqlite_with_rowid=large,
    )
