"""Analyses and their drafts in the database, attention included."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from statistics import median

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.inference.drafts import Analysis, Draft, Finding, Gate, Speed, Timing
from app.store.schema import AnalysisRow, DraftRow


def add(session: Session, study_id: str, analysis: Analysis) -> int:
    """Insert an analysis with all its drafts and return its id."""
    row = AnalysisRow(
        study_id=study_id,
        image_id=analysis.image_id,
        view=str(analysis.view),
        gate_ok=analysis.gate.ok,
        gate_reasons=list(analysis.gate.reasons),
        model=analysis.model,
        weights_sha256=analysis.weights_sha256,
        preprocessing=analysis.preprocessing,
        device=analysis.device,
        seconds={name: float(spent) for name, spent in asdict(analysis.seconds).items()},
        findings=[[finding.name, float(finding.probability)] for finding in analysis.findings],
        created=analysis.created,
        looks=analysis.looks,
    )
    session.add(row)
    session.flush()
    session.add_all(
        DraftRow(
            analysis_id=row.id,
            rank=int(draft.rank),
            text=draft.text,
            words=list(draft.words),
            spans=[[int(start), int(end)] for start, end in draft.spans],
            logprob=float(draft.logprob),
            score=float(draft.score),
            attention=draft.attention,
        )
        for draft in analysis.drafts
    )
    return row.id


def newest(
    session: Session, study_id: str, image_id: str, model: str, weights_sha256: str
) -> tuple[int, Analysis] | None:
    """The newest analysis of one image by one model."""
    query = (
        select(AnalysisRow)
        .where(
            AnalysisRow.study_id == study_id,
            AnalysisRow.image_id == image_id,
            AnalysisRow.model == model,
            AnalysisRow.weights_sha256 == weights_sha256,
        )
        .order_by(AnalysisRow.id.desc())
        .limit(1)
    )
    return next(iter(_load(session, query)), None)


def of_study(session: Session, study_id: str) -> list[tuple[int, Analysis]]:
    """All analyses of a study, oldest first."""
    query = select(AnalysisRow).where(AnalysisRow.study_id == study_id).order_by(AnalysisRow.id)
    return _load(session, query)


def models(session: Session, study_id: str) -> dict[int, str]:
    """The model of each analysis of a study."""
    query = select(AnalysisRow.id, AnalysisRow.model).where(AnalysisRow.study_id == study_id)
    return {row.id: row.model for row in session.execute(query)}


def speeds(session: Session) -> dict[str, Speed]:
    """How fast each model drafted, by its weights; on the device that it used last."""
    query = (
        select(AnalysisRow.weights_sha256, AnalysisRow.device, AnalysisRow.seconds)
        .where(exists().where(DraftRow.analysis_id == AnalysisRow.id))
        .order_by(AnalysisRow.id)
    )
    spent: dict[str, dict[str, list[float]]] = defaultdict(dict)
    last: dict[str, str] = {}
    for weights, device, seconds in session.execute(query):
        total = Timing(**seconds).total - seconds.get("load", 0.0)
        spent[weights].setdefault(device, []).append(total)
        last[weights] = device
    return {
        weights: Speed(median(spent[weights][device]), len(spent[weights][device]), device)
        for weights, device in last.items()
    }


def _load(session: Session, query: Select[AnalysisRow]) -> list[tuple[int, Analysis]]:
    rows = session.scalars(query).all()
    drafts: dict[int, list[Draft]] = defaultdict(list)
    ids = [row.id for row in rows]
    of_these = select(DraftRow).where(DraftRow.analysis_id.in_(ids)).order_by(DraftRow.rank)
    for draft in session.scalars(of_these):
        drafts[draft.analysis_id].append(_draft(draft))
    return [(row.id, _analysis(row, tuple(drafts[row.id]))) for row in rows]


def _draft(row: DraftRow) -> Draft:
    return Draft(
        rank=row.rank,
        text=row.text,
        words=tuple(row.words),
        spans=tuple((start, end) for start, end in row.spans),
        logprob=row.logprob,
        score=row.logprob if row.score is None else row.score,
        attention=row.attention,
    )


def _analysis(row: AnalysisRow, drafts: tuple[Draft, ...]) -> Analysis:
    return Analysis(
        image_id=row.image_id,
        view=row.view,
        gate=Gate(row.gate_ok, tuple(row.gate_reasons)),
        model=row.model,
        weights_sha256=row.weights_sha256,
        preprocessing=row.preprocessing,
        device=row.device,
        seconds=Timing(**row.seconds),
        findings=tuple(Finding(name, probability) for name, probability in row.findings),
        drafts=drafts,
        created=row.created,
        looks=row.looks,
    )
