"""``python -m app`` is the ``readingroom`` command."""

from __future__ import annotations

import sys

from app.cli import main

if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        # `bench` measures in fresh processes; in a frozen program each is this file started again.
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
