"""Build a folder that runs Reading Room without Python, and try it.

    python build_installer.py           dist/readingroom/ with program, weights, resources, decoders
    python build_installer.py --check   draft four compressed DICOM files and save a picture with it

PyInstaller finds what is imported by name. What is found only while running is named here: pydicom
asks for decoders by metadata, alembic reads migrations as files, torchvision comes in two steps.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
PROGRAM = "readingroom"
DIST = ROOT / "dist"
FOLDER = DIST / PROGRAM
MANIFEST = "SHA256SUMS"

DATA = {
    "resources": "resources",
    "weights": "weights",
    "app/store/migrations": "app/store/migrations",
    "docs": "docs",
    "LICENSE": ".",
    "NOTICE": ".",
}
"""Path in the checkout → folder in the build; app.paths looks for them there."""

COLLECT_ALL = ("imagecodecs", "openjpeg", "rle", "jpeg_ls", "pylibjpeg")
"""Decoders: modules and shared libraries that nothing imports by name."""

METADATA = (
    "pydicom",
    "pylibjpeg",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "pyjpegls",
    "imagecodecs",
    "torch",
    "torchvision",
    "PySide6-Essentials",
    "numpy",
    "pillow",
    "SQLAlchemy",
    "alembic",
    "platformdirs",
    "safetensors",
)
"""pylibjpeg finds its plugins through entry points; `readingroom doctor` says versions."""

HIDDEN = (
    "_openjpeg",
    "_CharLS",
    "alembic.op",
    "alembic.ddl.sqlite",
    "logging.config",
    "sqlalchemy.dialects.sqlite",
    "torchvision.models",
    "torchvision.models.densenet",
)

EXCLUDED = (
    "IPython",
    "PyInstaller",
    "_pytest",
    "importlinter",
    "mypy",
    "pip",
    "pre_commit",
    "pytest",
    "pytestqt",
    "setuptools",
    "tensorboard",
    "tkinter",
    "torch.utils.benchmark",
    "torch.utils.tensorboard",
    "PySide6.QtConcurrent",
    "PySide6.QtDBus",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickControls2",
    "PySide6.QtQuickTest",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Build the one-folder program, or try the one built."
    )
    parser.add_argument("--check", action="store_true", help="try the program that was built")
    args = parser.parse_args()
    return check() if args.check else build()


def build() -> int:
    """Run PyInstaller and write the manifest."""
    import PyInstaller.__main__

    shutil.rmtree(FOLDER, ignore_errors=True)
    PyInstaller.__main__.run(arguments())
    prune(FOLDER)
    count = write_manifest(FOLDER)
    size = sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) / 1e6
    print(f"Built {FOLDER}: {count} files, {size:.0f} MB, listed with their sha256 in {MANIFEST}")
    return 0


def arguments() -> list[str]:
    """PyInstaller's command line."""
    line = ["--onedir", "--noconfirm", "--console", "--log-level=WARN", f"--name={PROGRAM}"]
    line += [f"--paths={ROOT}", f"--distpath={DIST}"]
    line += [f"--workpath={ROOT / 'build'}", f"--specpath={ROOT / 'build'}"]
    for source, target in DATA.items():
        line.append(f"--add-data={ROOT / source}{os.pathsep}{target}")
    line += [f"--collect-all={package}" for package in COLLECT_ALL]
    line += [f"--copy-metadata={package}" for package in METADATA]
    line += [f"--hidden-import={module}" for module in HIDDEN]
    line += ["--collect-submodules=app"]
    line += [f"--exclude-module={module}" for module in EXCLUDED]
    return [*line, str(ROOT / "app" / "__main__.py")]


def prune(folder: Path) -> None:
    """Take out torch's own compiled tests, which its hook takes for data."""
    for torch in folder.rglob("torch"):
        shutil.rmtree(torch / "test", ignore_errors=True)
        for file in (torch / "bin").glob("*"):
            # The one that importing torch looks for.
            if file.is_file() and file.stem != "torch_shm_manager":
                file.unlink()


def write_manifest(folder: Path) -> int:
    """List every file's sha256 in the form that ``sha256sum --check`` reads; returns how many."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="\n") as manifest:
        for file in files:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            manifest.write(f"{digest}  {file.relative_to(folder).as_posix()}\n")
    return len(files)


def check() -> int:
    """Draft one file per compression and save a picture of the window, with the build alone."""
    program = FOLDER / (PROGRAM + (".exe" if os.name == "nt" else ""))
    if not program.is_file():
        print(f"There is no {program}; build it first: make installer", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_samples(folder)
        lines = run(
            program, "--data-dir", str(folder / "home"), "draft", "--json", *map(str, files)
        )
        for line in lines.splitlines():
            answer = json.loads(line)
            if answer.get("error") or len(answer["drafts"]) != 3:
                raise SystemExit(f"{answer['path']}: {answer.get('error') or answer['gate']}")
            print(f"drafted {Path(answer['path']).name}: {answer['drafts'][0]['text']}")
        if len(lines.splitlines()) != len(files):
            raise SystemExit("not every file got a line")
        picture = DIST / "window.png"
        picture.unlink(missing_ok=True)
        run(program, "--data-dir", str(folder / "home"), "open", str(files[0]),
            "--size", "1600x1000", "--screenshot", str(picture))  # fmt: skip
        print(f"saved {picture} ({picture.stat().st_size // 1024} KiB)")
    print("The built program works.")
    return 0


def run(program: Path, *options: str) -> str:
    """The program's stdout, without this Python's variables; stops with its stderr on failure."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept.pop("VIRTUAL_ENV", None)
    environment = {"QT_QPA_PLATFORM": "offscreen"} | kept
    done = subprocess.run(
        [str(program), *options],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(
            f"{program.name} {' '.join(options)} ended with {done.returncode}:\n{done.stderr}"
        )
    return done.stdout


def write_samples(folder: Path) -> list[Path]:
    """The synthetic frontal radiograph as JPEG 2000, JPEG-LS, RLE and JPEG baseline DICOM."""
    from pydicom import dcmread, uid

    source = next(
        file
        for file in sorted((ROOT / "resources" / "synthetic").glob("*.dcm"))
        if dcmread(file, stop_before_pixels=True).ViewPosition in ("PA", "AP")
    )
    files = []
    for name, syntax, plugin in (
        ("jpeg2000", uid.JPEG2000Lossless, "pylibjpeg"),
        ("jpeg-ls", uid.JPEGLSLossless, "pyjpegls"),
        ("rle", uid.RLELossless, "pydicom"),
    ):
        dataset = dcmread(source)
        if dataset.file_meta.TransferSyntaxUID.is_compressed:
            dataset.decompress()
        dataset.compress(syntax, encoding_plugin=plugin, generate_instance_uid=True)
        files.append(folder / f"{name}.dcm")
        dataset.save_as(files[-1])
    files.append(folder / "jpeg.dcm")
    write_jpeg_baseline(dcmread(source), files[-1])
    return files


def write_jpeg_baseline(dataset: Any, file: Path) -> None:
    """``dataset`` as 8-bit JPEG baseline (PS3.5 8.2.1), for which pydicom has no encoder."""
    import numpy as np
    from PIL import Image
    from pydicom import uid
    from pydicom.encaps import encapsulate

    pixels = dataset.pixel_array.astype(np.float32)
    low, high = float(pixels.min()), float(pixels.max())
    gray = np.rint((pixels - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)
    coded = io.BytesIO()
    Image.fromarray(gray).save(coded, format="JPEG", quality=95)
    dataset.PixelData = encapsulate([coded.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    dataset.LossyImageCompression = "01"
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept",
                    "RescaleType", "VOILUTSequence", "PixelPaddingValue"):  # fmt: skip
        if keyword in dataset:
            del dataset[keyword]
    dataset.SOPInstanceUID = uid.generate_uid()
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(file)


if __name__ == "__main__":
    sys.exit(main())
