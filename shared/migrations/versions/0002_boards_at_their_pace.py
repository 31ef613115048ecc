"""What the scraper remembers of a board: why it was not read, how often it changes, when it last listed jobs, what was dropped."""

import sqlalchemy as sa
from alembic import op

from shared.columns import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("boards", sa.Column("last_yield_at", Utc(), nullable=True))
    op.add_column("boards", sa.Column("dropped_why", sa.Text(), nullable=True))
    op.add_column("boards", sa.Column("held_why", sa.Text(), nullable=True))
    op.add_column("boards", sa.Column("changes_per_day", sa.Float(), nullable=True))


def downgrade() -> None:
    for name in ("changes_per_day", "held_why", "dropped_why", "last_yield_at"):
        op.drop_column("boards", name)
