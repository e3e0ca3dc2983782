"""Which of Qt's system libraries this machine lacks, and what Debian calls them.

A missing library shows as an ImportError deep inside PySide6, or as a window system plugin that
aborts the process; both tell a reader nothing. This file needs only the standard library and runs
before anything is installed (``python app/commands/libraries.py --packages``, as ``.ci/run`` does).
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

ALWAYS: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What importing PySide6's widgets loads: file → Debian package."""

X11: dict[str, str] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's X11 plugin needs beside them."""

FONTS = "fonts-dejavu-core"


def missing(*, x11: bool) -> tuple[str, ...]:
    """The Debian packages of what can't be loaded here; empty anywhere but on Linux."""
    wanted = {**ALWAYS, **X11} if x11 else ALWAYS
    return _packages(wanted)


def missing_for_x11() -> tuple[str, ...]:
    """The part of them without which Qt's X11 plugin ends the process, when that plugin is used."""
    return _packages(X11) if uses_x11() else ()


def has_fonts() -> bool:
    """Whether there is a font; without one Qt draws a window without letters."""
    if not sys.platform.startswith("linux"):
        return True
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    folders += [Path.home() / ".local/share/fonts", Path("/run/current-system/sw/share/X11/fonts")]
    return any(next(folder.rglob("*.[to]t[fc]"), None) for folder in folders)


def has_screen() -> bool:
    """Whether a window could show, or the user chose another platform of Qt's than a screen."""
    named = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def uses_x11() -> bool:
    """Whether a window opened now would go through Qt's X11 plugin."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.startswith("xcb")
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


def apt_line(packages: tuple[str, ...]) -> str:
    return "sudo apt-get install " + " ".join(packages)


def _packages(wanted: dict[str, str]) -> tuple[str, ...]:
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(package for library, package in wanted.items() if not _loads(library))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__" and sys.argv[1:] == ["--packages"]:
    fonts = () if has_fonts() else (FONTS,)
    sys.stdout.write(" ".join((*missing(x11=uses_x11()), *fonts)))
