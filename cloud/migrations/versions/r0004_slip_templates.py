"""What slips say: who made a product, what a rider must say, and how the chain's slips look."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("maker", sa.Text, nullable=False, server_default=""))
    op.add_column("orders", sa.Column("rider_code", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "chain_settings",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("chain", "name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
