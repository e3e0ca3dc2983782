"""Lets the tests of a GPT-2 folder share the small one that they write."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for small_gpt2
