"""Sync that survives everything: one function for each part of it, called from `upgrade`."""

import sqlalchemy as sa
from alembic import op

from cloud.columns import Whole

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _identity()
    _snapshots()


def _identity() -> None:
    """Which boot of an agent speaks, how many sessions it had, and whether it is frozen (`cloud.sessions`)."""
    for name in ("frozen_at", "session_at"):
        op.add_column("agents", sa.Column(name, Whole))
    op.add_column("agents", sa.Column("sessions", Whole, nullable=False, server_default="0"))
    for name in ("frozen_why", "incarnation", "boot", "boots_before"):
        op.add_column("agents", _text(name, ""))
    op.add_column("agents", _text("accepts", "{}"))
    op.add_column("operations", _text("incarnation", ""))
    op.drop_index("operations_by_number", "operations")
    op.create_index(
        "operations_by_number", "operations", ["chain", "store", "device", "incarnation", "number"], unique=False
    )


def _snapshots() -> None:
    """What a snapshot says that nothing kept until now, and when a hub was restored."""
    op.add_column("log_heads", sa.Column("restored_at", Whole, nullable=False, server_default="0"))
    op.add_column("orders", _text("cancelled_by", ""))
    op.add_column("orders", sa.Column("taken", Whole, nullable=False, server_default="0"))


def _text(name: str, default: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)
