"""Vectors of signed studies' images, for finding similar cases; derived, so they may change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "image_vectors",
        sa.Column("study_id", sa.Text, sa.ForeignKey("studies.study_id"), primary_key=True),
        sa.Column("image_id", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
