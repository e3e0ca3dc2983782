"""Opening a study's key, and everything that is written after that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.errors import StudyError
from app.files import make_folder, write_text

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


def export(folder: Path, out: Path) -> list[Path]:
    """Write everything that an unblinded study gives into ``out``; returns the files."""
    from app import __version__
    from app.reading.analysis import pictures, wording
    from app.reading.analysis.results import analyse
    from app.reading.exports import imrmc, long_csv, methods, pdf, r_script
    from app.reading.study import must_be, unblinded
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(folder) as study:
        must_be("unblinded", study.log(), "exported")
        try:
            key: dict[str, Any] = json.loads((folder / OPENED).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StudyError(
                f"The opened key {folder / OPENED} is missing or damaged.",
                "Bring back a copy of it.",
            ) from error
        _belongs(key, study.fingerprints, folder / OPENED)
        protocol, scores = study.protocol, unblinded(study.scores(), key)
    if not any(not score.training for score in scores):
        raise StudyError("Nobody has rated anything in this study.", "There is nothing to export.")
    make_folder(out)
    results = analyse(scores, protocol.design, protocol.margin, seed=protocol.seed)
    truth = {e["case"]: e["abnormal"] for e in key["items"] if e["abnormal"] is not None}
    questions = {question.key: question.text for question in protocol.questions}
    long_csv.write(scores, out / "ratings.csv")
    long_csv.write_dictionary(scores, questions, out / "ratings-dictionary.csv")
    imrmc.write(scores, truth, out / "imrmc.csv")
    r_script.write(protocol.design, protocol.margin, protocol.seed, out / "analysis.R")
    title = protocol.title or protocol.name
    made_by = sorted({entry["model"] for entry in key["items"] if entry["model"]})
    how = methods.paragraph(protocol, results, __version__, made_by)
    text = f"# {title}\n\n{wording.markdown(results)}\n## Methods\n\n{how}\n"
    write_text(out / "results.md", text)
    pdf.write(title, results, how, out / "results.pdf")
    names = ("ratings.csv", "ratings-dictionary.csv", "imrmc.csv", "analysis.R", "results.md")
    return [*(out / name for name in (*names, "results.pdf")), *pictures.draw(results, out)]


def _belongs(content: dict[str, Any], fingerprints: dict[str, str], file: Path) -> None:
    if any(content.get(name) != value for name, value in fingerprints.items()):
        raise StudyError(
            f"The key {file} belongs to another study, or this one was altered.",
            "Name this study's key with --key.",
        )
