"""The models' window and the comparison of two, in the real window with real models of two
systems.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from stand_in import OpenWindow

from app.inference import checkpoint
from app.inference.checkpoint import describe
from app.paths import Paths
from app.reporting.report import Source
from app.settings import Settings
from app.store.repository import Repository
from app.ui.controller import Parts
from app.ui.main_window import MainWindow
from app.ui.model_box import ModelBox
from app.ui.model_facts import facts
from app.ui.panels.drafts import DraftsPanel
from app.ui.pictures.drawing import whole_image
from app.ui.workers import ModelChoice, shipped_drafter

WAIT_MS = 120_000
Key = Qt.Key
Picture = Callable[..., Path]


def two_parts(places_of: Callable[[Paths], list[checkpoint.ModelInfo]] | None = None) -> Parts:
    """Only the two random models, which the gate doesn't keep from a test's picture."""

    def models(places: Paths) -> list[checkpoint.ModelInfo]:
        return [describe(places.weights / name) for name in ("looking", "tracing")]

    def drafter(choice: ModelChoice) -> object:
        from app.inference.reporter import Reporter

        return Reporter(choice.folder, choice.device, choice.options)

    return Parts(drafter=drafter, models=places_of or models)  # type: ignore[arg-type]


@pytest.fixture
def window(
    qtbot: QtBot, two_systems_at_home: Path, open_window: OpenWindow, picture: Picture
) -> MainWindow:
    """A study drafted by ``looking``, with ``tracing`` installed too."""
    opened: MainWindow = open_window([picture("a")], two_parts())
    drafts_of(qtbot, opened.column.drafts, "looking")
    return opened


def drafts_of(qtbot: QtBot, panel: DraftsPanel, model: str) -> None:
    def there() -> bool:
        analysis = panel.analysis()
        return analysis is not None and analysis.model == model and panel.analysis_id() > 0

    qtbot.waitUntil(there, timeout=WAIT_MS)


def trigger(window: MainWindow, name: str) -> None:
    window.actions_of.commands[name].trigger()


def models_box(window: MainWindow) -> ModelBox:
    trigger(window, "models")
    box = window.actions_of.side_window("models")
    assert isinstance(box, ModelBox)
    return box


def test_the_models_window_tells_each_model_from_the_others(window: MainWindow) -> None:
    box = models_box(window)
    assert box.model_id == "looking"
    assert box.fact("System") == "densenet_lstm"
    assert box.fact("From") == "arXiv 2006.10347"
    assert box.fact("Maps").startswith("Attention")
    box.select("tracing")
    assert box.fact("System") == "cascade"
    assert box.fact("Maps").startswith("Grad-CAM through the encoder")
    assert box.fact("Scores") == "not evaluated"
    assert "without a card" in box.card.toPlainText()
    size = describe(window.controller.places.weights / "tracing").size_bytes / 1e6
    assert f"{size:,.1f} MB" in box.fact("Size")
    # What the models' own words don't say is nowhere: no system has a name in the window.
    assert box.choose.isEnabled()
    box.select("looking")
    assert not box.choose.isEnabled()  # it drafts already
    assert not box.compare.isEnabled()


def test_a_model_that_writes_no_reports_says_so(two_systems: Path) -> None:
    info = describe(two_systems / "tracing")
    assert dict(facts(info, None))["Writes"] == "reports, in English"
    taught = {"config": {"writer": {"target": "annotation"}}}
    told = dict(facts(replace(info, training=taught), None))["Writes"]
    assert told.startswith("annotations, a finding and its place")


def test_the_speed_is_the_median_of_drafts_that_were_made(qtbot: QtBot, window: MainWindow) -> None:
    box = models_box(window)
    qtbot.waitUntil(lambda: "one draft" in box.fact("Speed"), timeout=WAIT_MS)
    box.select("tracing")
    assert box.fact("Speed") == "not measured on this computer"


def test_a_speed_is_measured_in_the_models_thread(qtbot: QtBot, window: MainWindow) -> None:
    box = models_box(window)
    box.select("tracing")
    box.measure.click()
    assert box.cancel.isVisible()
    assert not box.measure.isEnabled()
    qtbot.waitUntil(lambda: "median of 3" in box.fact("Speed"), timeout=WAIT_MS)
    assert not box.cancel.isVisible()
    with Repository.open(window.controller.places.database) as repository:
        assert set(repository.drafting_speeds()) == {describe_sha(window, "looking")}


def describe_sha(window: MainWindow, model: str) -> str:
    return describe(window.controller.places.weights / model).sha256


def test_measuring_can_be_cancelled(qtbot: QtBot, window: MainWindow) -> None:
    box = models_box(window)
    box.select("tracing")
    box.measure.click()
    box.cancel.click()
    assert not box.cancel.isVisible()
    assert box.measure.isEnabled()
    qtbot.waitUntil(lambda: window.controller.model.idle, timeout=WAIT_MS)
    assert box.fact("Speed") == "not measured on this computer"


def test_a_model_that_cannot_be_measured_says_why(
    qtbot: QtBot, tmp_path: Path, home: Path, two_systems: Path, open_window: OpenWindow
) -> None:
    import shutil

    shutil.copytree(two_systems, home / "weights")
    (home / "weights" / "tracing" / "model.safetensors").write_bytes(b"cut off")
    box = models_box(open_window([], two_parts()))
    qtbot.waitUntil(lambda: box.isVisible(), timeout=WAIT_MS)
    window = box.parent()
    assert isinstance(window, MainWindow)
    qtbot.waitUntil(lambda: window.controller.shelf.known, timeout=WAIT_MS)
    box = models_box(window)
    box.select("tracing")
    box.measure.click()

    def said_why() -> bool:
        return any("sha256 differs" in label.text() for label in box.findChildren(QLabel))

    qtbot.waitUntil(said_why, timeout=WAIT_MS)
    assert box.measure.isEnabled()
    # Speeds out of the store may come at any time; why the measuring failed stays until another
    # model is looked at.
    box.refresh()
    box.set_drafting("looking")
    assert said_why()
    box.select("looking")
    assert not said_why()


def test_another_model_drafts_the_open_study_and_nothing_written_is_lost(
    qtbot: QtBot, window: MainWindow
) -> None:
    column = window.column
    column.drafts.take(1)
    qtbot.keyClicks(column.report.editor, " Mine.")
    written = column.report.text()
    record = window.controller.current
    assert record is not None
    box = models_box(window)
    box.select("tracing")
    qtbot.keyClick(box.list, Key.Key_Return)
    drafts_of(qtbot, column.drafts, "tracing")
    assert column.report.text() == written
    assert window.controller.settings.model == "tracing"
    assert Settings.load(window.controller.places.settings).model == "tracing"
    assert not box.choose.isEnabled()
    assert window.top.model.text().startswith("tracing")
    # The sentence that was taken keeps its model, although another one drafts now.
    assert column.report.editor.whence(0).endswith("from draft Pd1 of looking")
    window.controller.report.flush()
    with Repository.open(window.controller.places.database) as repository:
        models = [analysis.model for _, analysis in repository.analyses(record.study_id)]
    assert models == ["looking", "tracing"]
    # Back again: the drafts that were kept, without the model.
    window.controller.choose_model("looking")
    drafts_of(qtbot, column.drafts, "looking")
    assert column.report.text() == written


def test_a_damaged_model_is_told_and_the_others_draft(
    qtbot: QtBot, home: Path, two_systems: Path, open_window: OpenWindow, picture: Picture
) -> None:
    damaged = Path(shutil.copytree(two_systems, home / "weights")) / "tracing"
    (damaged / "model.json").write_text("{")
    window = open_window([picture("a")], Parts(drafter=two_parts().drafter))
    qtbot.waitUntil(lambda: window.controller.shelf.known, timeout=WAIT_MS)
    assert "looking" in [model.model_id for model in window.controller.models]
    told = [message.text for message in window.messages.messages()]
    assert any(str(damaged) in text for text in told)


def test_the_models_window_knows_what_came_and_went_since_the_start(
    qtbot: QtBot, home: Path, two_systems: Path, open_window: OpenWindow, picture: Picture
) -> None:
    weights = home / "weights"
    shutil.copytree(two_systems / "looking", weights / "looking")
    parts = two_parts(lambda places: checkpoint.list_models([places.weights]))
    window = open_window([picture("a")], parts)
    drafts_of(qtbot, window.column.drafts, "looking")
    told = window.top.model.text()
    box = models_box(window)
    assert box.list.count() == 1
    box.close()
    shutil.copytree(two_systems / "tracing", weights / "tracing")  # as a training writes it
    box = models_box(window)
    qtbot.waitUntil(lambda: box.list.count() == 2, timeout=WAIT_MS)
    assert box.model_id == "looking"
    box.select("tracing")
    box.choose.click()
    drafts_of(qtbot, window.column.drafts, "tracing")
    shutil.rmtree(weights / "tracing")
    box = models_box(window)
    # What drafted is gone: another one's drafts, under its own name.
    drafts_of(qtbot, window.column.drafts, "looking")
    assert box.list.count() == 1
    assert box.model_id == "looking"
    assert not box.choose.isEnabled()
    assert window.top.model.text() == told


def test_a_model_that_was_trained_again_drafts_the_open_study_again(
    qtbot: QtBot, home: Path, two_systems: Path, open_window: OpenWindow, picture: Picture
) -> None:
    shutil.copytree(two_systems, home / "weights")
    window = open_window([picture("a")], two_parts())
    first, second = window.column.drafts, window.column.compared.second
    drafts_of(qtbot, first, "looking")
    window.controller.choose_model("tracing")
    window.controller.compare_with("looking")
    drafts_of(qtbot, first, "tracing")
    drafts_of(qtbot, second, "looking")
    kept = second.analysis_id()
    weights = window.controller.places.weights
    shutil.copy(weights / "looking" / checkpoint.WEIGHTS, weights / "tracing")
    entry = json.loads((weights / "looking" / checkpoint.DESCRIPTION).read_text("utf-8"))
    entry["model_id"] = "tracing"
    (weights / "tracing" / checkpoint.DESCRIPTION).write_text(json.dumps(entry), "utf-8")
    models_box(window)
    sha = describe_sha(window, "tracing")

    def by_the_new_weights() -> bool:
        analysis = first.analysis()
        return analysis is not None and analysis.weights_sha256 == sha

    qtbot.waitUntil(by_the_new_weights, timeout=WAIT_MS)
    assert window.status.map_label.text() == "Attention"
    # The second's weights are the same, so its drafts are those that were made.
    qtbot.waitUntil(lambda: second.analysis_id() == kept, timeout=WAIT_MS)


def test_facts_that_are_replaced_at_once_never_stand_alone(window: MainWindow) -> None:
    box = models_box(window)
    box.refresh()
    box.refresh()
    QApplication.processEvents()  # Qt shows what was put into a window when it comes round to it
    alone = [one for one in QApplication.topLevelWidgets() if isinstance(one, QLabel)]
    assert not [label.text() for label in alone if label.isVisible()]


def test_a_chosen_model_drafts_even_where_nothing_is_drafted_by_itself(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.change_settings(window.controller.settings.changed(draft_automatically=False))
    window.controller.choose_model("tracing")
    drafts_of(qtbot, window.column.drafts, "tracing")


def test_maps_by_gradients_are_never_called_attention(qtbot: QtBot, window: MainWindow) -> None:
    window.viewer.set_attention_enabled(True)
    action, column = window.viewer.action("attention"), window.column
    assert window.status.map_label.text() == "Attention"
    assert action.text() == "Where the model looked"
    column.drafts.hold(1, 1)
    assert any("where the model looked for" in line for line in corner_lines(window))
    window.controller.choose_model("tracing")
    drafts_of(qtbot, column.drafts, "tracing")
    column.drafts.hold(1, 1)
    assert window.status.map_label.text() == "Grad-CAM"
    assert action.text() == "Grad-CAM of a word"
    assert "Grad-CAM" in action.toolTip()
    lines = corner_lines(window)
    assert any("Grad-CAM through the encoder of the model for" in line for line in lines)
    said = [action.text(), window.status.map_label.text(), *lines]
    said += [one.text() for _, one in window.actions_of.menus.actions()]
    assert not [one for one in said if "attention" in one.lower() or "looked" in one.lower()]


def test_a_picture_of_the_whole_image_says_what_its_map_is(window: MainWindow) -> None:
    pane = window.viewer.drafted_pane
    assert pane is not None
    plain = whole_image(pane)
    window.viewer.set_attention_enabled(True)
    window.column.drafts.hold(1, 1)
    named = whole_image(pane)
    pane.attention.lead = "Grad-CAM through the encoder of the model"
    assert plain != named != whole_image(pane)  # other words are in it


def corner_lines(window: MainWindow) -> tuple[str, ...]:
    pane = window.viewer.drafted_pane
    assert pane is not None
    return pane.corners().lines


def test_two_models_drafts_side_by_side_and_a_sentence_of_either_keeps_its_model(
    qtbot: QtBot, window: MainWindow
) -> None:
    column = window.column
    window.resize(2560, 1440)
    qtbot.keyClick(window, Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    second = column.compared.second
    drafts_of(qtbot, second, "tracing")
    assert column.drafts.isVisible()
    assert second.isVisible()
    assert (column.drafts.model_name, second.model_name) == ("looking", "tracing")
    # What both say is dim; what one alone says is bright.
    mine, other = column.drafts.cards()[0], second.cards()[0]
    shared = {word for word in mine.draft.words if word in other.draft.words}
    for index, word in enumerate(other.draft.words):
        if word not in shared:
            assert not other.text.is_dim(index)
    # The keys go to the panel at hand.
    qtbot.keyClick(window, Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert column.compared.at_hand is second
    qtbot.keyClick(window, Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert column.report.text() == other.draft.text
    assert column.report.editor.whence(0) == "From draft Pd1 of tracing"
    column.drafts.take_sentence.emit(2, 0, 3)
    sources = column.report.sources()
    by_second, by_first = second.analysis_id(), column.drafts.analysis_id()
    assert {one.analysis_id for one in sources} == {by_first, by_second}
    window.controller.report.flush()
    record = window.controller.current
    assert record is not None

    def kept() -> tuple[Source, ...]:
        with Repository.open(window.controller.places.database) as repository:
            revision = repository.latest_revision(record.study_id)
        return revision.sources if revision is not None else ()

    qtbot.waitUntil(lambda: kept() == sources, timeout=WAIT_MS)


def test_each_models_map_lies_over_the_image_under_its_own_name(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.viewer.set_attention_enabled(True)
    window.controller.compare_with("tracing")
    first, second = window.column.drafts, window.column.compared.second
    drafts_of(qtbot, second, "tracing")
    first.hold(1, 1)
    assert any("where looking looked for" in line for line in corner_lines(window))
    assert window.status.map_label.text() == "Attention"
    second.hold(1, 1)
    assert window.status.map_label.text() == "Grad-CAM"  # as the map that is shown
    lines = corner_lines(window)
    assert any("Grad-CAM through the encoder of tracing for" in line for line in lines)
    assert first.held() is None  # one word at a time
    trigger(window, "other_drafts")
    trigger(window, "other_drafts")
    assert second.held() is None  # a map goes with its drafts
    assert window.status.map_label.text() == "Attention"


def test_a_held_word_keeps_its_map_while_another_models_drafts_come_and_go(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.viewer.set_attention_enabled(True)
    first, second = window.column.drafts, window.column.compared.second

    def shown() -> tuple[str, str]:
        assert window.viewer.drafted_pane is not None
        layer = window.viewer.drafted_pane.attention
        return (layer.subject if layer.map is not None else ""), layer.lead

    first.hold(1, 1)
    word, lead = shown()
    assert word
    window.controller.compare_with("tracing")
    assert shown() == (word, "where looking looked")
    drafts_of(qtbot, second, "tracing")
    assert shown() == (word, "where looking looked")
    window.controller.comparing.end()
    assert first.held() == (1, 1)
    assert shown() == (word, lead)
    window.controller.compare_with("tracing")
    drafts_of(qtbot, second, "tracing")
    second.hold(1, 1)
    window.controller.comparing.end()
    assert shown()[0] == ""  # its drafts are gone


def test_a_long_name_of_a_model_leaves_room_for_the_menus(window: MainWindow) -> None:
    window.top.set_model("x" * 200 + " · CPU · 0.31 s")
    assert window.minimumSizeHint().width() <= 1280
    assert window.top.model.text().endswith("CPU · 0.31 s")
    assert "x" * 200 in window.top.model.toolTip()


def test_in_a_narrow_window_a_switch_shows_one_model_after_the_other(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(1280, 800)
    window.controller.compare_with("tracing")
    column = window.column
    drafts_of(qtbot, column.compared.second, "tracing")
    assert column.drafts.isVisible()
    assert not column.compared.second.isVisible()
    trigger(window, "other_drafts")
    assert column.compared.second.isVisible()
    assert not column.drafts.isVisible()
    window.resize(2400, 1000)
    qtbot.waitUntil(column.drafts.isVisible, timeout=WAIT_MS)
    assert column.compared.second.isVisible()


def test_a_rating_is_about_the_draft_of_the_model_at_hand(qtbot: QtBot, window: MainWindow) -> None:
    window.controller.compare_with("tracing")
    second = window.column.compared.second
    drafts_of(qtbot, second, "tracing")
    trigger(window, "other_drafts")
    qtbot.keyClick(second, Key.Key_4)
    record = window.controller.current
    assert record is not None

    def rated() -> list[tuple[int, int]]:
        with Repository.open(window.controller.places.database) as repository:
            return [(one.analysis_id, one.score) for one in repository.ratings(record.study_id)]

    qtbot.waitUntil(lambda: rated() == [(second.analysis_id(), 4)], timeout=WAIT_MS)
    trigger(window, "other_drafts")
    assert window.column.rating.score() == 0  # the first model's draft has none


def test_a_comparison_goes_on_with_the_next_study_until_it_is_ended(
    qtbot: QtBot, window: MainWindow, picture: Picture
) -> None:
    window.controller.compare_with("tracing")
    first, second = window.column.drafts, window.column.compared.second
    drafts_of(qtbot, second, "tracing")
    seen = second.analysis_id()
    window.actions_of.open_paths([picture("b", 5)])
    qtbot.waitUntil(lambda: second.analysis_id() > seen, timeout=WAIT_MS)
    drafts_of(qtbot, first, "looking")
    trigger(window, "end_comparison")
    assert not window.column.compared.comparing
    assert not second.isVisible()
    assert first.model_name == ""
    assert not window.actions_of.commands["end_comparison"].isEnabled()


def test_the_second_model_can_be_cancelled_and_asked_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.controller.compare_with("tracing")
    second = window.column.compared.second
    second.cancel_requested.emit()
    qtbot.waitUntil(lambda: window.controller.model.idle, timeout=WAIT_MS)
    if second.analysis() is None:
        second.draft_requested.emit()
    drafts_of(qtbot, second, "tracing")
    assert window.column.drafts.analysis_id() > 0  # the first one's drafts stayed


def test_until_a_study_is_drafted_nothing_is_said_to_be_of_a_model(
    qtbot: QtBot, window: MainWindow, picture: Picture
) -> None:
    window.controller.compare_with("tracing")
    drafts_of(qtbot, window.column.compared.second, "tracing")
    trigger(window, "other_drafts")
    rating = window.column.rating._heading
    assert rating.aside() == "of tracing"
    said: list[str] = []
    window.controller.opened.connect(lambda _: said.append(rating.aside()))
    window.actions_of.open_paths([picture("b", 5)])
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    assert said == [""]
    drafts_of(qtbot, window.column.drafts, "looking")
    qtbot.waitUntil(lambda: rating.aside() == "of looking", timeout=WAIT_MS)


def test_choosing_the_compared_model_ends_the_comparison(qtbot: QtBot, window: MainWindow) -> None:
    window.controller.compare_with("tracing")
    drafts_of(qtbot, window.column.compared.second, "tracing")
    window.controller.choose_model("tracing")
    assert not window.column.compared.comparing
    drafts_of(qtbot, window.column.drafts, "tracing")


def test_a_third_model_takes_the_first_ones_place_and_the_second_stays(
    qtbot: QtBot, home: Path, two_systems: Path, open_window: OpenWindow, picture: Picture
) -> None:
    weights = home / "weights"
    shutil.copytree(two_systems, weights)
    shutil.copytree(two_systems / "looking", weights / "third")
    description = weights / "third" / checkpoint.DESCRIPTION
    entry = json.loads(description.read_text("utf-8")) | {"model_id": "third"}
    description.write_text(json.dumps(entry), "utf-8")
    parts = two_parts(lambda places: checkpoint.list_models([places.weights]))
    window = open_window([picture("a")], parts)
    first, second = window.column.drafts, window.column.compared.second
    drafts_of(qtbot, first, "looking")
    window.controller.compare_with("tracing")
    drafts_of(qtbot, second, "tracing")
    window.controller.choose_model("third")
    drafts_of(qtbot, first, "third")
    drafts_of(qtbot, second, "tracing")
    assert (first.model_name, second.model_name) == ("third", "tracing")


def test_with_one_model_there_is_nothing_to_compare_with(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window([])
    qtbot.waitUntil(lambda: window.controller.shelf.known, timeout=WAIT_MS)
    trigger(window, "compare_models")
    assert "no other model" in window.status.hint_text()
    assert not window.column.compared.comparing


def test_scores_beside_the_weights_are_shown_with_their_intervals(
    qtbot: QtBot, home: Path, two_systems: Path, open_window: OpenWindow
) -> None:
    import shutil

    shutil.copytree(two_systems, home / "weights")
    info = describe(home / "weights" / "tracing")
    figure = {"value": 0.3123, "low": 0.28, "high": 0.34}
    source = {"name": "indiana", "split": "test", "images": 590, "scores": {"macro F1": figure}}
    entry = {"format": 1, "weights_sha256": info.sha256, "sources": [source]}
    (info.folder / "scores.json").write_text(json.dumps(entry))
    info.card.write_text("# A card\n\nWith **words**.\n")
    window = open_window([], two_parts())
    qtbot.waitUntil(lambda: window.controller.shelf.known, timeout=WAIT_MS)
    box = models_box(window)
    box.select("tracing")
    assert box.fact("Scores") == "macro F1 0.312 (0.280–0.340), indiana test, 590 images"
    assert box.card.toPlainText().startswith("A card\n")


def test_the_shipped_drafter_is_made_from_a_choice(two_systems: Path) -> None:
    info = describe(two_systems / "tracing")
    made = shipped_drafter(ModelChoice(info.model_id, info.sha256, info.folder, "cpu"))
    assert made.info.looks == "gradients"  # type: ignore[attr-defined]
