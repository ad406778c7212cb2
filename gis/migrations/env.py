"""Run the migrations on the connection of `gis.store_version`, or write them as SQL."""

from __future__ import annotations

from alembic import context

from gis.store_tables_users import metadata


def run() -> None:
    """Bring the database of the caller's connection to the wanted version."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        url = context.config.get_main_option("sqlalchemy.url")
        context.configure(url=url, target_metadata=metadata, literal_binds=True)
    else:
        # SQLite can undo CREATE TABLE too; batches copy a table where it cannot alter it.
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
    with context.begin_transaction():
        context.run_migrations()


# Alembic sets `config` while it runs this file; whoever else imports it wants nothing done.
if hasattr(context, "config"):
    run()
