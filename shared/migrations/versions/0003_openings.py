"""What tells which postings are one opening. Postings that stand are read for it when they are next edited."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEYS = ("job_key", "requisition_key", "link_key", "text_key")


def upgrade() -> None:
    for name in KEYS:
        op.add_column("postings", sa.Column(name, sa.String(), nullable=True))
        op.create_index(f"ix_postings_{name}", "postings", [name])
    op.add_column("postings", sa.Column("signature", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("postings", "signature")
    for name in KEYS:
        op.drop_index(f"ix_postings_{name}", "postings")
        op.drop_column("postings", name)
