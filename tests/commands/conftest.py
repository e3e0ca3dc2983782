"""Lets the tests of the commands share the makers of the tests of reading."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))  # for signed_reports
