"""How much memory this process has held."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_mib() -> float | None:
    """The most memory that this process has held, in MiB; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux its ru_maxrss begins with what the *parent* held when it started
        # us.
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return None
