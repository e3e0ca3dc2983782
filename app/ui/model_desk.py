"""The models' window and the actions around it: which model drafts, and which one it is compared
with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.errors import AppError
from app.inference.drafts import Speed
from app.paths import resources
from app.ui.message_bar import about
from app.ui.palette.reasons import WHY

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo
    from app.ui.main_window import MainWindow
    from app.ui.model_box import ModelBox

RUNS = 3
_PHANTOM = ("synthetic", "frontal.dcm")


class ModelDesk(QObject):
    """Opens the models' window and carries out what is asked in it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller = window.controller
        self._kept: dict[str, Speed] = {}  # from drafts in the store, by the weights' sha256
        self._measured: dict[str, Speed] = {}  # by hand, since the start
        self._request = 0
        self._measuring = ""
        worker = controller.model
        worker.progress.connect(self._on_progress)
        worker.measured.connect(self._on_measured)
        worker.failed.connect(self._on_failed)
        controller.models_changed.connect(self._list)
        controller.model_chosen.connect(self._name_drafting)
        controller.comparing.began.connect(lambda *_: self.enable())
        controller.comparing.ended.connect(self.enable)

    def enable(self) -> None:
        """Whether there is a comparison to go about in."""
        comparing = bool(self._controller.comparing.model_id)
        for name in ("other_drafts", "end_comparison"):
            action = self._window.actions_of.commands[name]
            action.setEnabled(comparing)
            action.setProperty(WHY, "" if comparing else "Nothing is compared now")

    def show(self) -> None:
        """Open the window on the model that drafts."""
        self._open()

    def compare(self) -> None:
        """Compare with the one other model, or ask which of several."""
        drafting = self._drafting
        others = [one for one in self._controller.models if one.model_id != drafting]
        if not drafting or not others:
            self._window.status.hint("There is no other model to compare with.")
        elif len(others) == 1:
            self._controller.compare_with(others[0].model_id)
        else:
            self._open().select_another()

    @property
    def _drafting(self) -> str:
        choice = self._controller.drafting.choice
        return choice.model_id if choice is not None else ""

    def _open(self) -> ModelBox:
        from app.ui.model_box import ModelBox

        box = ModelBox(self._controller.models, self._drafting, self._speed_of, self._window)
        box.chosen.connect(self._controller.choose_model)
        box.compared.connect(self._controller.compare_with)
        box.measure_wanted.connect(self._measure)
        box.measure_cancelled.connect(self._cancel)
        if self._measuring:
            box.set_measuring(self._measuring)
        self._window.actions_of.show_beside("models", box)
        self._controller.shelf.look()  # one may have been trained or removed since the start
        self._controller.store.ask(
            lambda repository: repository.drafting_speeds(),
            self._take_speeds,
            self._say_store,
        )
        return box

    def _say_store(self, error: Exception) -> None:
        self._window.say(about(error, key="store"))

    @property
    def _box(self) -> ModelBox | None:
        from app.ui.model_box import ModelBox

        box = self._window.actions_of.side_window("models")
        return box if isinstance(box, ModelBox) else None

    def _speed_of(self, info: ModelInfo) -> Speed | None:
        return self._measured.get(info.sha256) or self._kept.get(info.sha256)

    def _take_speeds(self, speeds: dict[str, Speed]) -> None:
        self._kept = speeds
        if self._box is not None:
            self._box.refresh()

    def _list(self) -> None:
        if self._box is not None:
            self._box.set_models(self._controller.models, self._drafting)

    def _name_drafting(self) -> None:
        if self._box is not None:
            self._box.set_drafting(self._drafting)

    def _measure(self, model_id: str) -> None:
        choice = self._controller.as_it_drafts(model_id)
        if choice is None or self._measuring:
            return
        self._measuring = model_id
        if self._box is not None:
            self._box.set_trouble("")
            self._box.set_measuring(model_id)
        phantom = resources().joinpath(*_PHANTOM)
        self._request = self._controller.model.measure(phantom, choice, RUNS)

    def _cancel(self) -> None:
        self._controller.model.cancel(self._request)
        self._done()

    def _done(self) -> None:
        self._request, self._measuring = 0, ""
        if self._box is not None:
            self._box.set_measuring("")

    def _on_progress(self, request: int, done: int, total: int) -> None:
        if request == self._request and self._box is not None:
            self._box.set_measuring(self._measuring, done, total)

    def _on_measured(self, request: int, seconds: float, device: str) -> None:
        if request != self._request:
            return
        choice = self._controller.as_it_drafts(self._measuring)
        if choice is not None:
            self._measured[choice.sha256] = Speed(seconds, RUNS, device)
        self._done()
        if self._box is not None:
            self._box.refresh()

    def _on_failed(self, request: int, error: Exception) -> None:
        if request != self._request:
            return
        self._done()
        trouble = about(error, key="models")
        if self._box is not None and isinstance(error, AppError):
            self._box.set_trouble(f"{trouble.text} {trouble.hint}".strip())
        else:
            self._window.say(trouble)
