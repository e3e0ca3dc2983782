"""Studies, analyses with their drafts, revisions, ratings, the log and the secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ADD_ONLY = ("analyses", "drafts", "revisions", "ratings", "actions")


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("study_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "patient_id",
                "patient_name",
                "patient_sex",
                "patient_birth_date",
                "patient_age",
                "study_date",
                "study_time",
                "description",
                "modality",
                "view",
                "path",
                "opened_at",
            )
        ),
        sa.Column("step", sa.Integer, nullable=False),
    )
    op.create_index("studies_by_opening", "studies", ["opened_at"])
    op.create_table(
        "analyses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Text, sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("image_id", sa.Text, nullable=False),
        sa.Column("view", sa.Text, nullable=False),
        sa.Column("gate_ok", sa.Boolean, nullable=False),
        sa.Column("gate_reasons", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("weights_sha256", sa.Text, nullable=False),
        sa.Column("preprocessing", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("seconds", sa.Text, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.UniqueConstraint("id", "study_id", name="analyses_of_study"),
    )
    op.create_index(
        "analyses_by_image", "analyses", ["study_id", "image_id", "model", "weights_sha256"]
    )
    op.create_table(
        "drafts",
        sa.Column("analysis_id", sa.Integer, sa.ForeignKey("analyses.id"), primary_key=True),
        sa.Column("rank", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("spans", sa.Text, nullable=False),
        sa.Column("logprob", sa.Float, nullable=False),
        sa.Column("attention", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Text, sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.UniqueConstraint("study_id", "number", name="revisions_numbered"),
    )
    op.create_index("revisions_by_time", "revisions", ["study_id", "at"])
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Text, sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("analysis_id", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("rater", sa.Text, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("final_text", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["analysis_id", "study_id"], ["analyses.id", "analyses.study_id"]),
        sa.ForeignKeyConstraint(["analysis_id", "rank"], ["drafts.analysis_id", "drafts.rank"]),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score_on_the_scale"),
    )
    op.create_index("ratings_by_study", "ratings", ["study_id", "at"])
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("study_id", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("actions_by_study", "actions", ["study_id", "id"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    for table in ADD_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are never changed or removed'); END"
            )
