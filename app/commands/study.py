"""``readingroom study``: a blinded reader study from its protocol to its results.

A study is named by its protocol's name, or by the folder it lies in. The passphrase is asked for,
or read from a file or from READINGROOM_PASSPHRASE; never from the command line, which others on the
machine can read.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import study_drafts, study_results
from app.commands.options import Commands, add_device, add_json, to_json
from app.commands.progress import Progress
from app.errors import StudyError, UsageError
from app.paths import Paths

if TYPE_CHECKING:
    from app.reading.preparation import Preparation

PASSPHRASE_VARIABLE = "READINGROOM_PASSPHRASE"  # noqa: S105 - its name, no secret


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "study", parents=[common], help="run a blinded study: human reports against the machine's"
    )
    deeds = parser.add_subparsers(title="what", metavar="WHAT", required=True)

    def deed(name: str, help_text: str, *, named: bool = True) -> argparse.ArgumentParser:
        made = deeds.add_parser(name, parents=[common], help=help_text)
        if named:
            made.add_argument("study", metavar="STUDY", help="the study's name, or its folder")
        return made

    create = deed("create", "draw the cases and draft the machine's reports", named=False)
    create.add_argument("protocol", type=Path, metavar="PROTOCOL.toml")
    create.add_argument("--cases", type=Path, required=True, metavar="CSV", help="image and report")
    _add_drafting(create)
    create.set_defaults(run=run_create)

    check = deed("preflight", "show what would tell the arms apart")
    check.add_argument("--out", type=Path, metavar="FILE.md", help="write it to a file")
    check.set_defaults(run=run_preflight)

    exclude = deed("exclude", "take a case out; another one takes its place")
    exclude.add_argument("case", metavar="CASE")
    exclude.add_argument("--why", required=True, metavar="TEXT")
    _add_drafting(exclude)
    exclude.set_defaults(run=run_exclude)

    rewrite = deed("rewrite", "reword one item, or take the tells out of all by the same rules")
    rewrite.add_argument("item", nargs="?", metavar="ITEM", help="an item's code")
    rewrite.add_argument("--text", metavar="TEXT", help="the item's new text")
    rewrite.add_argument("--why", default="", metavar="TEXT")
    rewrite.add_argument("--neutrally", action="store_true", help="all items of both arms")
    rewrite.set_defaults(run=run_rewrite)

    freeze = deed("freeze", "fix everything, seal the key, remove the preparation")
    freeze.add_argument("--out", type=Path, metavar="DIR", help="the study's folder")
    freeze.add_argument("--accept", action="store_true", help="in spite of what preflight found")
    _add_key(freeze)
    freeze.set_defaults(run=run_freeze)

    read = deed("read", "open the reading window for a reader")
    read.add_argument("--reader", required=True, metavar="CODE")
    read.set_defaults(run=run_read)

    status = deed("status", "say how far everybody is")
    add_json(status, "it")
    status.set_defaults(run=run_status)

    withdraw = deed("withdraw", "take a reader out")
    withdraw.add_argument("reader", metavar="READER")
    withdraw.add_argument("--why", required=True, metavar="TEXT")
    withdraw.set_defaults(run=run_withdraw)

    lock = deed("lock", "end the reading")
    lock.add_argument("--why", default="", metavar="TEXT")
    lock.set_defaults(run=run_lock)

    unblind = deed("unblind", "open the key of a locked study")
    _add_key(unblind)
    unblind.set_defaults(run=run_unblind)

    export = deed("export", "write ratings, results and pictures of an unblinded study")
    export.add_argument("--out", type=Path, metavar="DIR", help="default: exports in its folder")
    export.set_defaults(run=run_export)


def run_create(args: argparse.Namespace) -> int:
    from app.reading.cases import from_csv
    from app.reading.preparation import STATE, Preparation
    from app.reading.protocol import from_toml

    file: Path = args.protocol.expanduser()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"The protocol {file} can't be read.", "Check its name.") from error
    protocol, cases = from_toml(text, file), from_csv(args.cases.expanduser())
    folder = preparations(args.places) / protocol.name
    if frozen_folder(args.places, protocol.name).exists():
        raise StudyError(
            f"There is a frozen study {protocol.name} already.", "Give the protocol another name."
        )
    if (folder / STATE).exists():
        preparation = Preparation.load(folder)
        if (preparation.protocol, preparation.cases) != (protocol, cases):
            raise StudyError(
                f"A study {protocol.name} is being prepared from another protocol or list.",
                f"Give the protocol another name, or remove {folder}.",
            )
    else:
        preparation = Preparation.begin(protocol, cases)
        preparation.save(folder)
    study_drafts.make(preparation, folder, args)
    print(f"Prepared in {folder}. Next: readingroom study preflight {protocol.name}")
    return 0


def run_preflight(args: argparse.Namespace) -> int:
    from app.files import write_text
    from app.reading.preflight import preflight

    preparation, _ = prepared(args)
    text = preflight(preparation.protocol, preparation.items()).markdown()
    if args.out is not None:
        write_text(args.out.expanduser(), text)
    print(text, end="")
    return 0


def run_exclude(args: argparse.Namespace) -> int:
    preparation, folder = prepared(args)
    preparation = preparation.exclude(args.case, args.why)
    preparation.save(folder)
    study_drafts.make(preparation, folder, args)
    print(preparation.log[-1])
    return 0


def run_rewrite(args: argparse.Namespace) -> int:
    preparation, folder = prepared(args)
    if args.neutrally == (args.item is not None):
        raise UsageError("Name one item with --text, or all with --neutrally.")
    if args.neutrally:
        changed = preparation.rewrite_neutrally()
    elif not (args.text or "").strip():
        raise UsageError("The item's new text is missing.", "Give it with --text.")
    else:
        changed = preparation.reword(args.item, args.text, args.why)
    changed.save(folder)
    count = len(changed.log) - len(preparation.log)
    print(f"{count} text{'' if count == 1 else 's'} changed; every change is in the study's log.")
    return 0


def run_freeze(args: argparse.Namespace) -> int:
    from app.reading.preflight import preflight
    from app.store.reader_study_freeze import freeze

    preparation, folder = prepared(args)
    found = preflight(preparation.protocol, preparation.items())
    if not found.ok and not args.accept:
        print("\n".join(found.flags), file=sys.stderr)
        raise StudyError(
            f"The preflight found {len(found.flags)} things that would tell the arms apart or are "
            "too few.",
            "Mend them, or freeze with --accept.",
        )
    out = args.out.expanduser() if args.out else frozen_folder(args.places, args.study)
    bar = Progress(len(preparation.items()), "images")

    def show(done: int, total: int) -> None:
        bar.show(done)

    key = args.key.expanduser() if args.key else None
    freeze(preparation, folder, out, passphrase(args, twice=True), key=key, progress=show)
    print(f"Frozen in {out}. Keep the passphrase: nothing else opens the key.")
    return 0


def run_read(args: argparse.Namespace) -> int:
    from app.ui.blinded import open_reading

    return open_reading(frozen(args), args.reader, args.places)


def run_status(args: argparse.Namespace) -> int:
    from app.reading.study import state
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        log, progress = study.log(), study.progress()
    if args.json:
        readers = [vars(one) for one in progress]
        print(to_json({"state": state(log), "readers": readers}))
        return 0
    print(f"The study is {state(log)}.")
    for one in progress:
        gone = ", withdrawn" if one.withdrawn else ""
        training = f", training {one.training_done} of {one.training_of}"
        print(f"{one.reader}: {one.done} of {one.of}{training if one.training_of else ''}{gone}")
    for deed in log:
        why = f" ({deed.why})" if deed.why else ""
        print(f"{deed.at:%Y-%m-%d %H:%M} UTC  {deed.what} {deed.who}{why}".rstrip())
    return 0


def run_withdraw(args: argparse.Namespace) -> int:
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        study.withdraw(args.reader, args.why)
    print(f"{args.reader} is withdrawn.")
    return 0


def run_lock(args: argparse.Namespace) -> int:
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        study.lock(args.why)
    print("The study is locked: no further rating is taken.")
    return 0


def run_unblind(args: argparse.Namespace) -> int:
    folder = frozen(args)
    study_results.unblind(folder, args.key, passphrase(args, twice=False))
    print(f"Unblinded. Next: readingroom study export {args.study}")
    return 0


def run_export(args: argparse.Namespace) -> int:
    folder = frozen(args)
    out = args.out.expanduser() if args.out else folder / "exports"
    for file in study_results.export(folder, out):
        print(file)
    return 0


def preparations(places: Paths) -> Path:
    return places.home / "reader-studies-preparation"


def frozen_folder(places: Paths, name: str) -> Path:
    return places.home / "reader-studies" / name


def frozen(args: argparse.Namespace) -> Path:
    """The folder of a frozen study that was named."""
    named = Path(args.study).expanduser()
    return named if named.is_dir() else frozen_folder(args.places, named.name)


def prepared(args: argparse.Namespace) -> tuple[Preparation, Path]:
    """A study that is being prepared, and its folder."""
    from app.reading.preparation import Preparation

    named = Path(args.study).expanduser()
    folder = named if named.is_dir() else preparations(args.places) / named.name
    return Preparation.load(folder), folder


def passphrase(args: argparse.Namespace, *, twice: bool) -> str:
    """The coordinator's passphrase: from a file, the environment, or the terminal."""
    if args.passphrase_file is not None:
        try:
            text: str = args.passphrase_file.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The passphrase's file {args.passphrase_file} can't be read.", "Check its name."
            ) from error
        return text.rstrip("\r\n")
    if PASSPHRASE_VARIABLE in os.environ:
        return os.environ[PASSPHRASE_VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for the passphrase.",
            f"Give it with --passphrase-file or in {PASSPHRASE_VARIABLE}.",
        )
    given = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != given:
        raise UsageError("The two passphrases differ.", "Try again.")
    return given


def _add_drafting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="draft what the gate refuses, too")
    parser.add_argument(
        "--replace-refused",
        action="store_true",
        help="put another case in the place of one that the gate refuses, in either arm",
    )
    add_device(parser)


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", type=Path, metavar="FILE", help="where the sealed key lies")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE")
