"""``readingroom doctor``: is everything here that the application needs, and if not, what to do.

Every check looks at one thing and answers with one line; none of them stops the others. Exit code 2
when something is broken.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.commands import libraries
from app.commands.options import Commands
from app.errors import AppError
from app.inference.available import available, installed
from app.paths import Paths

PACKAGES: dict[str, str] = {
    "PySide6-Essentials": "PySide6.QtWidgets",
    "torch": "torch",
    "pydicom": "pydicom",
    "numpy": "numpy",
    "pillow": "PIL.Image",
    "SQLAlchemy": "sqlalchemy",
    "alembic": "alembic",
    "platformdirs": "platformdirs",
    "safetensors": "safetensors",
}
"""Distribution → the module that must import."""

REINSTALL = (
    "Get the whole program folder again."
    if getattr(sys, "frozen", False)
    else "Install again: rm -rf .venv && make venv"
)


@dataclass(frozen=True)
class Line:
    """One answer. ``advice`` says what to do when it isn't ``ok``."""

    what: str
    ok: bool
    said: str
    advice: str = ""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "doctor", parents=[common], help="check the installation, and say what to do"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    broken = 0
    for check in CHECKS:
        for line in check(args.places):
            print(f"{'ok     ' if line.ok else 'PROBLEM'}  {line.what}: {line.said}", flush=True)
            if not line.ok:
                broken += 1
                print(f"         → {line.advice}")
    print("Everything is in place." if not broken else f"{broken} to mend.")
    return 2 if broken else 0


def program(_places: Paths) -> Iterator[Line]:
    import platform

    version = sys.version_info
    yield Line("Reading Room", True, f"{__version__} on {platform.platform()}")
    yield Line(
        "Python",
        (3, 11) <= version[:2] <= (3, 13),
        platform.python_version(),
        "Use Python 3.11, 3.12 or 3.13.",
    )


def packages(_places: Paths) -> Iterator[Line]:
    for distribution, module in PACKAGES.items():
        try:
            importlib.import_module(module)
            yield Line(distribution, True, _version(distribution))
        except (ImportError, OSError, RuntimeError) as error:
            # torchvision raises RuntimeError, a missing shared library OSError.
            yield Line(distribution, False, f"can't be imported ({error})", REINSTALL)


def vision(_places: Paths) -> Iterator[Line]:
    # Not imported by its name: beside a CPU build of torch it needs app.inference.vision's care.
    try:
        importlib.import_module("app.inference.vision").models()
        yield Line("torchvision", True, _version("torchvision"))
    except (ImportError, OSError, RuntimeError) as error:
        yield Line("torchvision", False, f"can't be imported ({error})", REINSTALL)


def _version(distribution: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "there"


def system_libraries(_places: Paths) -> Iterator[Line]:
    lacking = libraries.missing(x11=libraries.uses_x11())
    said = f"missing {', '.join(lacking)}" if lacking else "all that the window needs"
    yield Line("system libraries", not lacking, said, libraries.apt_line(lacking))
    fonts = libraries.has_fonts()
    advice = libraries.apt_line((libraries.FONTS,))
    yield Line("fonts", fonts, "found" if fonts else "none", advice)


def decoders(_places: Paths) -> Iterator[Line]:
    from app.imaging.codecs import codecs

    for name, plugins in codecs().items():
        said = ", ".join(plugins) or "no decoder"
        yield Line(f"DICOM {name}", bool(plugins), said, REINSTALL)


def data_folder(places: Paths) -> Iterator[Line]:
    import tempfile

    folder = places.home
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "Choose a folder that you may write to with --data-dir or READINGROOM_HOME."
        yield Line("data folder", False, f"{folder}: {error.strerror or error}", advice)
        return
    yield Line("data folder", True, str(folder))


def database(places: Paths) -> Iterator[Line]:
    from app.store.repository import Repository

    file: Path = places.database
    if not file.exists():
        yield Line("database", True, "none yet; the first start makes it")
        return
    try:
        Repository.open(file).close()
    except AppError as error:
        yield Line("database", False, error.message, error.hint)
        return
    yield Line("database", True, str(file))


def weights(places: Paths) -> Iterator[Line]:
    from app.inference.checkpoint import load

    found, damaged = installed(places)
    for name, damage in damaged.items():
        yield Line(f"weights {name}", False, damage.message, damage.hint)
    if not found:
        folders = ", ".join(str(folder) for folder in places.weights_folders())
        advice = (
            "Get the whole checkout or installer again, or train: readingroom train CONFIG.toml"
        )
        yield Line("weights", False, f"none in {folders}", advice)
    for model in found:
        try:
            load(model.folder)
        except AppError as error:
            yield Line(f"weights {model.model_id}", False, error.message, error.hint)
        else:
            yield Line(
                f"weights {model.model_id}", True, f"sha256 {model.sha256[:16]}…, as described"
            )


def similar_cases(places: Paths) -> Iterator[Line]:
    from app.inference import joint_space, retrieval

    what = "similar cases"
    try:
        info = retrieval.find(places.weights_folders())
        if info is None:
            yield Line(what, True, "no weights for them: the window does without")
            return
        joint_space.load(info)
        fitting = any(model.sha256 == info.model_sha256 for model in available(places))
    except AppError as error:
        yield Line(what, False, error.message, error.hint)
        return
    told = "as described" if fitting else "made for other weights than those here: not used"
    yield Line(what, True, f"sha256 {info.sha256[:16]}…, {told}")


def processor(_places: Paths) -> Iterator[Line]:
    from app.inference import devices

    devices.use_all_cores()
    yield Line("device", True, devices.describe(devices.choose()))


CHECKS: tuple[Callable[[Paths], Iterator[Line]], ...] = (
    program,
    packages,
    vision,
    system_libraries,
    decoders,
    data_folder,
    database,
    weights,
    similar_cases,
    processor,
)
