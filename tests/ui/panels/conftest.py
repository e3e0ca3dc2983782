"""Three drafts with words, spans and maps, as the panels get them."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.inference.drafts import Analysis, Draft, Finding, Gate, Timing

TEXTS = (
    "The heart is normal. There is a small effusion. No pneumothorax.",
    "The heart is enlarged. There is a large effusion. No pneumothorax.",
    "The lungs are clear. No pneumothorax.",
)


def make_draft(rank: int, text: str, *, attention: bool = True) -> Draft:
    matches = list(re.finditer(r"[\w-]+|[.,;]", text))
    words = tuple(match.group() for match in matches)
    spans = tuple(match.span() for match in matches)
    maps = np.full((len(words) if attention else 0, 8, 8), 1 / 64, np.float32)
    return Draft(rank, text, words, spans, -8.0 - rank, -8.0 - rank, maps)


@pytest.fixture
def make_analysis() -> Callable[..., Analysis]:
    def make(
        texts: tuple[str, ...] = TEXTS, *, gate: Gate | None = None, attention: bool = True
    ) -> Analysis:
        drafts = tuple(
            make_draft(rank, text, attention=attention) for rank, text in enumerate(texts, 1)
        )
        return Analysis(
            image_id="image",
            view="PA",
            gate=gate or Gate(True),
            model="model",
            weights_sha256="00",
            preprocessing="1",
            device="cpu",
            seconds=Timing(),
            findings=(Finding("Effusion", 0.88),),
            drafts=drafts,
        )

    return make


@pytest.fixture
def analysis(make_analysis: Callable[..., Analysis]) -> Analysis:
    return make_analysis()


class Mouse:
    """Moves and clicks inside a widget, with the keys held that Qt's own test mouse leaves out."""

    def move(
        self,
        widget: QWidget,
        point: QPointF,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        place = widget.mapToGlobal(point)
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(
            widget, QMouseEvent(QEvent.Type.MouseMove, point, place, none, none, keys)
        )

    def leave(self, widget: QWidget) -> None:
        QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))

    def click(self, widget: QWidget, point: QPointF) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point.toPoint())


@pytest.fixture
def mouse() -> Mouse:
    return Mouse()
