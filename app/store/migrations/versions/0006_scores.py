"""What a draft was ranked by, beside its log probability."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "drafts", sa.Column("score", sa.Float)
    )  # rows are never changed: none in old ones
