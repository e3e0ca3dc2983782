"""Reads studies for the coordinator's window; runs in its thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.errors import AppError
from app.paths import Paths
from app.reading.allocation import Planned
from app.reading.beginning import frozen_studies, prepared_studies
from app.reading.preparation import Preparation
from app.ui.blinded.images import Decoded
from app.ui.coordinator.told import Entry, Prepared, Running, Seen


def entries(places: Paths, others: Sequence[Path]) -> tuple[Entry, ...]:
    """Every study: those being prepared, then the frozen ones, also those that lie elsewhere."""
    frozen = dict.fromkeys((*frozen_studies(places), *others))
    return (*map(_prepared, prepared_studies(places)), *map(_frozen, frozen))


def read(folder: Path) -> Prepared:
    """A preparation with its preflight, once every draft is there."""
    from app.reading.preflight import preflight

    preparation = Preparation.load(folder)
    if preparation.undrafted:
        return Prepared(folder, preparation)
    items, raw = preparation.items(), preparation.items(raw=True)
    found = preflight(preparation.protocol, items, raw, preparation.names)
    return Prepared(folder, preparation, items, raw, found)


def image(study: Prepared, item: Planned) -> Seen:
    """An item's image, from where the list of cases or the database has it."""
    from app.imaging.pyramid import Pyramid
    from app.imaging.reading import read_image

    found = read_image(study.preparation.case(item.case).image)
    return Seen(item, Decoded(found, Pyramid.of(found)))


def status(folder: Path) -> Running:
    """How far a frozen study is."""
    from app.reading.study import state
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(folder) as study:
        log = study.log()
        return Running(folder, study.protocol, state(log), study.progress(), log)


def _prepared(folder: Path) -> Entry:
    try:
        return Entry(Preparation.load(folder).protocol.name, folder, "in preparation")
    except AppError as error:
        return Entry(folder.name, folder, "damaged", str(error))


def _frozen(folder: Path) -> Entry:
    try:
        found = status(folder)
    except AppError as error:
        return Entry(folder.name, folder, "damaged", str(error))
    return Entry(found.protocol.name, folder, found.state)
