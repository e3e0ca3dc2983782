"""Where reader studies lie, and how one is begun or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import StudyError
from app.paths import Paths
from app.reading.cases import Case
from app.reading.preparation import FROZEN, STATE, Preparation, Source, frozen_to
from app.reading.protocol import Protocol, from_toml


def preparation_folder(places: Paths, name: str) -> Path:
    """Where a study lies while it is prepared."""
    return places.home / "reader-studies-preparation" / name


def frozen_folder(places: Paths, name: str) -> Path:
    """Where a frozen study lies unless another folder was chosen."""
    return places.home / "reader-studies" / name


def prepared_studies(places: Paths) -> tuple[Path, ...]:
    """The folders of the studies that are being prepared, by name."""
    found = _folders_with(preparation_folder(places, ""), STATE)
    return tuple(folder for folder in found if frozen_to(folder) is None)


def frozen_studies(places: Paths) -> tuple[Path, ...]:
    """The folders of the frozen studies in their usual place, by name."""
    return _folders_with(frozen_folder(places, ""), FROZEN)


def read_protocol(file: Path) -> Protocol:
    """Raises :class:`StudyError` for a file that can't be read or is no protocol."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise StudyError(
            f"The protocol {file} can't be read ({error.strerror}).", "Check its name."
        ) from error
    except UnicodeDecodeError as error:
        raise StudyError(
            f"The protocol {file} is not a text in UTF-8.", "Save it as text in UTF-8."
        ) from error
    return from_toml(text, file)


def _folders_with(place: Path, file: str) -> tuple[Path, ...]:
    return tuple(sorted(found.parent for found in place.glob(f"[!.]*/{file}")))


def begin_or_go_on(
    places: Paths,
    protocol: Protocol,
    source: Source,
    cases: Callable[[], Sequence[Case]],
    find_model: Callable[[str], object] = lambda _: None,
) -> tuple[Preparation, Path]:
    """Draw the cases of a new study, or go on with the one that is being prepared; its folder.

    ``cases`` is asked for a new study, and for a list of cases also for one that goes on: it must
    not have changed. What was taken from the database stays as it was taken. ``find_model`` raises
    for an id that isn't installed; nothing is kept then, since a study's model can't be changed.
    Raises :class:`StudyError` when a study of this name is frozen or prepared otherwise, and when
    there are too few cases.
    """
    folder = preparation_folder(places, protocol.name)
    if (frozen_folder(places, protocol.name) / FROZEN).exists():
        raise StudyError(
            f"There is a frozen study {protocol.name} already.", "Give the protocol another name."
        )
    if not (folder / STATE).exists():
        preparation = Preparation.begin(protocol, cases(), source)
        if preparation.ungated:
            find_model(protocol.model)
        preparation.save(folder)
        return preparation, folder
    preparation = Preparation.load(folder)
    same = (preparation.protocol, preparation.source) == (protocol, source)
    if not same or (source == "list" and preparation.cases != tuple(cases())):
        raise StudyError(
            f"A study {protocol.name} is being prepared from another protocol or list.",
            "Give the protocol another name, or discard that preparation.",
        )
    return preparation, folder
