"""Called by alembic with the connection that `shared.migrations` opened."""

from alembic import context
from sqlmodel import SQLModel

import shared.models  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
