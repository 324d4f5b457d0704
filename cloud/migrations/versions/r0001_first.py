"""The first schema. It never runs: a new database is made whole from `cloud.tables` and stamped with the newest
revision (`cloud.database.migrate`), so that what later revisions change stands in one place."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    raise AssertionError("a database without a revision is made whole, not upgraded")
