"""What is set for every pane of the viewer alike."""

from __future__ import annotations

from dataclasses import dataclass

from app.inference.heatmap import COLOUR_MAPS
from app.ui.viewer.pane import ViewPane


@dataclass
class Dress:
    """``opacity`` is 0 (nothing) to 1 (the attention's peak covers the image).

    ``words`` stand over the image in place of everything that its file says; None: the file's.
    """

    identity_hidden: bool = False
    attention: bool = False
    opacity: float = 0.6
    colour_map: str = COLOUR_MAPS[0]
    words: tuple[str, ...] | None = None

    def put_on(self, pane: ViewPane) -> None:
        """Give it to a pane."""
        pane.set_identity_hidden(self.identity_hidden)
        pane.words = self.words
        pane.attention.enabled = self.attention
        pane.attention.opacity = self.opacity
        pane.attention.colour_map = self.colour_map
        pane.update()
