"""Vectors of signed studies' images in the database.

They are derived: any of them can be made again from the image, so that they may be replaced, unlike
what people wrote. A vector counts only for the space that it was made in.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session, aliased

from app.reporting.report import SIGNED
from app.reporting.similar import SignedCase
from app.store.schema import RevisionRow, StudyRow, VectorRow


def keep(
    session: Session, study_id: str, image_id: str, space: str, vector: NDArray[np.float32]
) -> None:
    """Put the vector (d,) in place of the study's earlier one."""
    values = {
        "image_id": image_id,
        "space": space,
        "vector": vector,
        "at": datetime.now(UTC),
    }
    new = insert(VectorRow).values(study_id=study_id, **values)
    session.execute(new.on_conflict_do_update(index_elements=["study_id"], set_=values))


def forget(session: Session, space: str) -> int:
    """Remove the vectors of every other space; returns how many there were."""
    others = session.scalars(select(VectorRow).where(VectorRow.space != space)).all()
    for row in others:
        session.delete(row)
    return len(others)


def signed(session: Session, space: str) -> list[SignedCase]:
    """The listed studies with a signed report, by id, each with its vector of ``space``."""
    signed_only = select(RevisionRow).where(RevisionRow.kind.in_(SIGNED)).subquery()
    order = func.row_number().over(
        partition_by=signed_only.c.study_id,
        order_by=(signed_only.c.at.desc(), signed_only.c.number.desc()),
    )
    ranked = select(signed_only, order.label("place")).subquery()
    newest = aliased(RevisionRow, ranked)
    query = (
        select(newest.study_id, newest.text, newest.author, newest.at, VectorRow.vector)
        .where(ranked.c.place == 1)
        .join(StudyRow, StudyRow.study_id == newest.study_id)
        .where(StudyRow.hidden_at.is_(None))
        .outerjoin(
            VectorRow,
            and_(VectorRow.study_id == newest.study_id, VectorRow.space == space),
        )
        .order_by(newest.study_id)
    )
    return [SignedCase(*row) for row in session.execute(query)]
