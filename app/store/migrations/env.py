"""What alembic runs: the steps, on the connection and inside the transaction that the store
opened."""

from __future__ import annotations

from alembic import context

# With our own BEGIN (see app.store.connection) SQLite takes back a half-done migration entirely.
context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
