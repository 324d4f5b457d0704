"""Alembic runs this; it only ever works inside the transaction that `cloud.database.migrate` opened."""

from alembic import context

from cloud.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
