"""The list of findings."""

from __future__ import annotations

import pytest

from app.inference.drafts import Finding
from app.ui.panels.findings import FindingsPanel, percent_free, readable

FINDINGS = tuple(Finding(name, p / 10) for name, p in zip("abcdefg", range(7), strict=True))


@pytest.fixture
def panel(qtbot):
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.set_findings(FINDINGS)
    panel.show()
    return panel


def test_the_five_most_probable_findings_come_first(panel):
    assert [one.name for one in panel.shown()] == list("gfedc")
    panel.show_all(True)
    assert [one.name for one in panel.shown()] == list("gfedcba")


def test_folding_leaves_the_title(panel):
    before = panel.sizeHint().height()
    panel.set_folded(True)
    assert panel.is_folded()
    assert panel.sizeHint().height() < before
    assert panel.summary().startswith("G .60 · F .50")


def test_without_findings_there_is_no_panel(panel):
    panel.set_findings(())
    assert not panel.isVisible()


@pytest.mark.parametrize(("value", "text"), [(0.876, ".88"), (0.0, ".00"), (0.999, "1.00")])
def test_probabilities_have_two_decimals_and_no_leading_zero(value, text):
    assert percent_free(value) == text


def test_labels_of_data_sets_become_prose():
    assert readable("Pleural_Thickening") == "Pleural thickening"
    assert readable("Effusion") == "Effusion"
