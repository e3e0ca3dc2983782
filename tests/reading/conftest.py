"""Lets the tests of a reader study share the maker of scores."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for study_scores
