"""Slips with every step of their lives, the printer that had them, and which are reprints."""

import sqlalchemy as sa
from alembic import op

from cloud.columns import Whole

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("slips", sa.Column("copy", Whole, nullable=False, server_default="0"))
    op.add_column("slips", sa.Column("printer", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "slip_steps",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("slip_id", sa.Text, nullable=False),
        sa.Column("place", Whole, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("printer", sa.Text, nullable=False),
        sa.Column("at", Whole, nullable=False),
        sa.PrimaryKeyConstraint("chain", "slip_id", "place"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
