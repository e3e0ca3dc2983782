"""The icon set and the message bar's manners."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.errors import StudyError
from app.ui import theme
from app.ui.application import make_application
from app.ui.message_bar import MOST, Message, MessageBar, about
from app.ui.stopwatch import Stopwatch


def test_every_icon_is_drawn_in_the_colour_asked_for(qtbot: QtBot) -> None:
    make_application()
    names = theme.icon_names()
    assert len(names) >= 30
    for name in names:
        picture = theme.pixmap(name, "#ff0000", 24).toImage()
        shades = {
            picture.pixelColor(x, y).name()
            for x in range(24)
            for y in range(24)
            if picture.pixelColor(x, y).alpha() > 200
        }
        assert shades, name
        assert all(shade.startswith("#f") and shade.endswith("0000") for shade in shades), name


def test_an_unknown_icon_is_a_mistake(qtbot: QtBot) -> None:
    make_application()
    with pytest.raises(KeyError):
        theme.icon("no-such-icon")


def test_messages_replace_their_like_and_are_never_more_than_a_few(qtbot: QtBot) -> None:
    make_application()
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_message(about(StudyError("First.", "Do this."), key="study"))
    bar.show_message(about(StudyError("Second."), key="study"))
    assert [message.text for message in bar.messages()] == ["Second."]
    for number in range(6):
        bar.show_message(Message(f"Number {number}"))
    assert len(bar.messages()) == MOST
    for _ in range(MOST):
        assert bar.dismiss_newest()
    assert bar.isHidden()


def test_a_bug_is_called_one() -> None:
    assert "our fault" in about(ZeroDivisionError()).text


def test_the_stopwatch_leaves_pauses_out() -> None:
    now = [100.0]
    watch = Stopwatch(lambda: now[0])
    watch.start()
    now[0] = 110.0
    watch.pause()
    now[0] = 500.0
    watch.go_on()
    now[0] = 505.0
    assert watch.seconds == 15.0
    watch.start()
    assert watch.seconds == 0.0
