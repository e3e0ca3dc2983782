"""The freeze: from a preparation to a study that nobody changes any more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import StoreError
from app.files import make_folder, write_text
from app.imaging.opaque import MOMENT, write_opaque
from app.reading.item import Item
from app.reading.preparation import GOING, Preparation, remove
from app.reading.seal import check_passphrase, opened, seal
from app.store.reader_study import DATABASE, IMAGES, KEY, ReaderStudy


def freeze(
    preparation: Preparation,
    prepared: Path,
    folder: Path,
    passphrase: str,
    *,
    key: Path | None = None,
    accepted: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Copy the images, write the study into ``folder``, seal the key, remove ``prepared``.

    The key goes to ``key``, else into the study's folder, with ``accepted`` in it: what the
    preflight found and is left, for the report of the results. It is opened once before anything
    is removed. Images are copied in the order of the codes, so that nothing about the files
    follows the arms. Everything is written beside ``folder`` and takes its name when it is whole:
    a freeze that is killed leaves either the preparation as it was or a study with its key. Raises
    :class:`StudyError` for a report without a word and for an image that can't be copied, and
    :class:`StoreError` when something can't be written; the preparation is then untouched and the
    unfinished study is removed.
    """
    check_passphrase(passphrase)
    preparation.refuse_wordless()
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is not empty.", "Choose another folder with --out.")
    if key is not None and key.exists():
        raise StoreError(f"{key} exists already.", "Choose another file with --key.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of one that was killed
    sealed = key or part / KEY
    try:
        fingerprints = _write(preparation, part, progress)
        content = {**preparation.key(), **fingerprints, "accepted": list(accepted)}
        seal(content, passphrase, sealed)
        opened(sealed, passphrase)
        # From here on the preparation counts as frozen as soon as the study has its name.
        write_text(prepared / GOING, str(folder))
        _name(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        if not (folder / DATABASE).exists():
            sealed.unlink(missing_ok=True)
        raise
    remove(prepared)


def _write(
    preparation: Preparation, part: Path, progress: Callable[[int, int], None]
) -> dict[str, str]:
    """Images and database in the folder ``part``; the fingerprints of the study."""
    planned, orders = preparation.items(), preparation.orders()
    images = make_folder(part / IMAGES)
    items = []
    for done, item in enumerate(planned):
        progress(done, len(planned))
        file = write_opaque(preparation.case(item.case).image, images, item.code)
        items.append(Item(item.code, file.name, item.report, item.training))
    os.utime(images, (MOMENT, MOMENT))
    second = preparation.second_from()
    study = ReaderStudy.create(part, preparation.protocol, items, orders, second)
    fingerprints = study.fingerprints
    study.close()
    progress(len(planned), len(planned))
    return fingerprints


def _name(part: Path, folder: Path) -> None:
    """Give the whole study its name. Raises :class:`StoreError` when that can't be done."""
    try:
        if folder.exists():
            folder.rmdir()  # empty, as was seen
        part.rename(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} can't be written ({error.strerror}).", "Choose another folder with --out."
        ) from error
