"""What the window says of a model: plain words, made without a widget and without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import ModelError
from app.inference import scores
from app.inference.drafts import Speed
from app.ui.map_words import map_words
from app.ui.top_bar import device_name

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo

NO_CARD = "*This model came without a card: nothing is known of where it was trained and on what.*"


def facts(info: ModelInfo, speed: Speed | None) -> list[tuple[str, str]]:
    """(name, words) of what is known of a model, in the order in which it is read."""
    languages = {"en": "English", "zh": "Chinese"}
    written = "annotations, a finding and its place, no sentences" if info.annotates else "reports"
    return [
        ("System", info.system),
        ("From", info.source or "not stated in its weights folder"),
        ("Maps", map_words(info.looks).explanation),
        ("Size", f"{info.size_bytes / 1e6:,.1f} MB, images of {info.image_size} pixels"),
        ("Speed", speed_words(speed)),
        ("Scores", "\n".join(score_lines(info))),
        ("Writes", f"{written}, in {languages.get(info.language, info.language)}"),
        ("Weights", f"sha256 {info.sha256[:16]}…"),
    ]


def speed_words(speed: Speed | None) -> str:
    """``0.31 s a study on CPU, the median of 12``."""
    if speed is None:
        return "not measured on this computer"
    device = device_name(speed.device.partition(":")[0])
    counted = "one draft" if speed.count == 1 else f"the median of {speed.count:,}"
    return f"{speed.seconds:.2f} s an image on {device}, {counted}"


def score_lines(info: ModelInfo) -> list[str]:
    """``macro F1 0.31 (0.28–0.34) · CIDEr 0.90, indiana test, 590 images``."""
    try:
        measured = scores.read(info.folder, info.sha256)
    except ModelError as error:
        return [error.message]
    lines = []
    for one in measured:
        figures = " · ".join(map(_figure, one.scores))
        lines.append(f"{figures}, {one.name} {one.split}, {one.images:,} images")
    return lines or ["not evaluated"]


def card_text(info: ModelInfo) -> str:
    """The model card as Markdown."""
    try:
        return info.card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return NO_CARD


def _figure(score: scores.Score) -> str:
    if score.low is None or score.high is None:
        return f"{score.metric} {score.value:.3f}"
    return f"{score.metric} {score.value:.3f} ({score.low:.3f}–{score.high:.3f})"
