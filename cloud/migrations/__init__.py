"""Alembic's revisions of the hub's schema; `cloud.database.migrate` runs them."""
