"""Studies that a reader took off the list; what was written about them stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("studies", sa.Column("hidden_at", sa.Text, nullable=True))
