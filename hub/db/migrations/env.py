"""Run by Alembic; the connection comes from ``hub.db.engine``."""
from alembic import context

from hub.db import tables  # noqa: F401 (their metadata)
from hub.db.columns import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True,
                  transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
