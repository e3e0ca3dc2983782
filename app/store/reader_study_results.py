"""Opening a study's key, and everything that is written after that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.errors import StudyError
from app.files import together, write_text

OPENED = "key.json"


def unblind(folder: Path, key: Path | None, passphrase: str) -> None:
    """Open the key of a locked study, see that it belongs to it, and say so in the log.

    Raises :class:`StudyError` before the lock, for a wrong passphrase, a missing or altered key and
    one of another study.
    """
    from app.reading.seal import opened
    from app.reading.study import must_be
    from app.store.reader_study import KEY, ReaderStudy

    with ReaderStudy.open(folder) as study:
        must_be("locked", study.log(), "unblinded")
        file = key.expanduser() if key else folder / KEY
        content = opened(file, passphrase)
        _belongs(content, study.fingerprints, file)
        write_text(folder / OPENED, json.dumps(content, indent=1) + "\n")
        study.note_unblinding()


def export(
    folder: Path, out: Path, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Path]:
    """Write everything that an unblinded study gives into ``out``; returns the files.

    ``progress(done, total)`` may raise to stop; ``out`` is then as it was, as after every error.
    """
    from app.reading.exports.everything import Finished, write
    from app.reading.study import due, must_be, unblinded
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(folder) as study:
        log = study.log()
        must_be("unblinded", log, "exported")
        try:
            key: dict[str, Any] = json.loads((folder / OPENED).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StudyError(
                f"The opened key {folder / OPENED} is missing or damaged.",
                "Bring back a copy of it.",
            ) from error
        _belongs(key, study.fingerprints, folder / OPENED)
        protocol, scores = study.protocol, unblinded(study.scores(), key)
        wanted = {reader: due(study.order(reader), key) for reader in protocol.readers}
    if not any(not score.training for score in scores):
        raise StudyError("Nobody has rated anything in this study.", "There is nothing to export.")
    with together(out) as part:
        written = write(Finished(protocol, scores, key, log, wanted), part, progress)
    return [out / file.name for file in written]


def _belongs(content: dict[str, Any], fingerprints: dict[str, str], file: Path) -> None:
    if any(content.get(name) != value for name, value in fingerprints.items()):
        raise StudyError(
            f"The key {file} belongs to another study, or this one was altered.",
            "Name this study's key with --key.",
        )
