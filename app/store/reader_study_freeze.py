"""The freeze: from a preparation to a study that nobody changes any more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from app.errors import StoreError
from app.files import make_folder
from app.imaging.opaque import MOMENT, write_opaque
from app.reading.item import Item
from app.reading.preparation import Preparation
from app.reading.seal import check_passphrase, opened, seal
from app.store.reader_study import DATABASE, IMAGES, KEY, ReaderStudy


def freeze(
    preparation: Preparation,
    prepared: Path,
    folder: Path,
    passphrase: str,
    *,
    key: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Copy the images, write the study into ``folder``, seal the key, remove ``prepared``.

    The key goes to ``key``, else into the study's folder. It is opened once before anything is
    removed. Images are copied in the order of the codes, so that nothing about the files follows
    the arms. Raises :class:`StudyError` for an image that can't be copied and
    :class:`StoreError` when something can't be written; the preparation is then untouched and the
    unfinished study is removed.
    """
    check_passphrase(passphrase)
    sealed = key or folder / KEY
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is not empty.", "Choose another folder with --out.")
    if sealed.exists():
        raise StoreError(f"{sealed} exists already.", "Choose another file with --key.")
    planned, orders = preparation.items(), preparation.orders()
    try:
        images = make_folder(folder / IMAGES)
        items = []
        for done, item in enumerate(planned):
            progress(done, len(planned))
            file = write_opaque(preparation.case(item.case).image, images, item.code)
            items.append(Item(item.code, file.name, item.report, item.training))
        os.utime(images, (MOMENT, MOMENT))
        study = ReaderStudy.create(folder, preparation.protocol, items, orders)
        fingerprints = study.fingerprints
        study.close()
        seal({**preparation.key(), **fingerprints}, passphrase, sealed)
        opened(sealed, passphrase)
    except BaseException:
        for part in (folder / DATABASE, folder / f"{DATABASE}-wal", folder / f"{DATABASE}-shm"):
            part.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        sealed.unlink(missing_ok=True)
        raise
    progress(len(planned), len(planned))
    shutil.rmtree(prepared)
