"""Where the maps of an analysis come from: attention, or gradients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "analyses", sa.Column("looks", sa.Text, nullable=False, server_default="attention")
    )
