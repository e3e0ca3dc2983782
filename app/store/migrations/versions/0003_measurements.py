"""Measurements on images and key images; like reports they are only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "measurements",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("study_id", sa.Text, sa.ForeignKey("studies.study_id"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "image_id",
                "kind",
                "points",
                "text",
                "results",
                "calibration",
                "sentence",
            )
        ),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.UniqueConstraint("uid", "number", name="measurements_numbered"),
    )
    op.create_index("measurements_by_study", "measurements", ["study_id", "at"])
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER measurements_refuse_{verb.lower()} BEFORE {verb} ON measurements "
            "BEGIN SELECT RAISE(ABORT, 'measurements are never changed or removed'); END"
        )
