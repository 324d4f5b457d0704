"""The first schema: every table as `cloud.tables` has it."""

from alembic import op

from cloud.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
