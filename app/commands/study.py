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
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import study_drafts
from app.commands.options import Commands, add_device, add_json, to_json
from app.commands.progress import Progress, counted
from app.errors import StudyError, UsageError
from app.inference.available import choose
from app.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.reading.cases import Case
    from app.reading.preflight import Preflight
    from app.reading.preparation import Preparation
    from app.reading.protocol import Protocol

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
    source = create.add_mutually_exclusive_group(required=True)
    source.add_argument("--cases", type=Path, metavar="CSV", help="image and report")
    source.add_argument(
        "--from-database", action="store_true", help="the studies whose report is signed"
    )
    create.add_argument(
        "--person",
        action="append",
        default=[],
        type=_person,
        metavar="NAME=CODE",
        help="which reader somebody in the database is; NAME= for none",
    )
    create.add_argument(
        "--model",
        metavar="ID",
        help="whose reports the machine's are, in place of the protocol's model",
    )
    _add_drafting(create)
    create.set_defaults(run=run_create)

    check = deed("preflight", "show what would tell the arms apart")
    check.add_argument("--out", type=Path, metavar="FILE.md", help="write it to a file")
    check.set_defaults(run=run_preflight)

    exclude = deed("exclude", "take a case out; another one takes its place")
    exclude.add_argument("case", metavar="CASE")
    exclude.add_argument("--why", required=True, type=_why, metavar="TEXT")
    _add_drafting(exclude)
    exclude.set_defaults(run=run_exclude)

    rewrite = deed("rewrite", "reword one item, or take the tells out of all by the same rules")
    rewrite.add_argument("item", nargs="?", metavar="ITEM", help="an item's code")
    rewrite.add_argument("--text", metavar="TEXT", help="the item's new text")
    rewrite.add_argument("--why", default="", type=str.strip, metavar="TEXT")
    rewrite.add_argument("--neutrally", action="store_true", help="this item, or all of both arms")
    rewrite.set_defaults(run=run_rewrite)

    discard = deed("discard", "remove a preparation that isn't to become a study")
    discard.set_defaults(run=run_discard)

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
    withdraw.add_argument("--why", required=True, type=_why, metavar="TEXT")
    withdraw.set_defaults(run=run_withdraw)

    lock = deed("lock", "end the reading")
    lock.add_argument("--why", default="", metavar="TEXT")
    lock.add_argument("--accept", action="store_true", help="though somebody hasn't finished")
    lock.set_defaults(run=run_lock)

    unblind = deed("unblind", "open the key of a locked study")
    _add_key(unblind)
    unblind.set_defaults(run=run_unblind)

    export = deed("export", "write ratings, results and pictures of an unblinded study")
    export.add_argument("--out", type=Path, metavar="DIR", help="default: exports in its folder")
    export.set_defaults(run=run_export)


def run_create(args: argparse.Namespace) -> int:
    from app.reading.beginning import begin_or_go_on, read_protocol
    from app.reading.cases import from_csv

    protocol = read_protocol(args.protocol.expanduser())
    if args.model is not None:
        protocol = replace(protocol, model=choose(args.model, args.places).model_id)
    if args.person and not args.from_database:
        raise UsageError(
            "--person goes with --from-database.",
            "A list of cases names its people by their codes.",
        )

    def find_model(model_id: str) -> object:
        return choose(model_id, args.places)

    if args.from_database:
        preparation, folder = begin_or_go_on(
            args.places, protocol, "database", lambda: _signed_cases(protocol, args), find_model
        )
    else:
        listed = from_csv(args.cases.expanduser())
        preparation, folder = begin_or_go_on(
            args.places, protocol, "list", lambda: listed, find_model
        )
    study_drafts.make(preparation, folder, args)
    print(f"Prepared in {folder}. Next: readingroom study preflight {protocol.name}")
    return 0


def run_preflight(args: argparse.Namespace) -> int:
    from app.files import write_text

    preparation, _ = prepared(args)
    text = _preflight(preparation).markdown()
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
    if args.text is not None if args.neutrally else args.item is None:
        raise UsageError("Name one item with --text, or one or all with --neutrally.")
    if args.neutrally:
        changed = preparation.rewrite_neutrally(args.item or "")
    elif not (args.text or "").strip():
        raise UsageError("The item's new text is missing.", "Give it with --text.")
    else:
        changed = preparation.reword(args.item, args.text, args.why)
    changed.save(folder)
    count = len(changed.log) - len(preparation.log)
    print(f"{count} text{'' if count == 1 else 's'} changed; every change is in the study's log.")
    return 0


def run_discard(args: argparse.Namespace) -> int:
    from app.reading.preparation import discard

    print(f"The preparation is removed; the name {discard(_prepared_folder(args))} is free again.")
    return 0


def _preflight(preparation: Preparation) -> Preflight:
    from app.reading.preflight import preflight

    items, raw = preparation.items(), preparation.items(raw=True)
    return preflight(preparation.protocol, items, raw, preparation.names)


def run_freeze(args: argparse.Namespace) -> int:
    from app.reading.beginning import frozen_folder
    from app.store.reader_study_freeze import freeze

    preparation, folder = prepared(args)
    found = _preflight(preparation)
    if not found.ok and not args.accept:
        print("\n".join(found.flags), file=sys.stderr)
        raise StudyError(
            f"The preflight found {len(found.flags)} things that would tell the arms apart or are "
            "too few.",
            "Mend them, or freeze with --accept.",
        )
    out = args.out.expanduser() if args.out else frozen_folder(args.places, args.study)
    key = args.key.expanduser() if args.key else None
    secret = passphrase(args, twice=True)
    freeze(
        preparation,
        folder,
        out,
        secret,
        key=key,
        accepted=found.flags,
        progress=counted("images"),
    )
    print(f"Frozen in {out}. Keep the passphrase: nothing else opens the key.")
    return 0


def run_read(args: argparse.Namespace) -> int:
    from app.commands.window import require_screen
    from app.ui.blinded import open_reading

    require_screen("Read at a computer that has one.")
    return open_reading(frozen(args), args.reader, args.places)


def run_status(args: argparse.Namespace) -> int:
    from app.reading.study import state
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        log, progress = study.log(), study.progress()
    if args.json:
        readers = [
            {**vars(one), "second_opens": one.second_opens and one.second_opens.isoformat()}
            for one in progress
        ]
        print(to_json({"state": state(log), "readers": readers}))
        return 0
    print(f"The study is {state(log)}.")
    for one in progress:
        gone = ", withdrawn" if one.withdrawn else ""
        training = f", training {one.training_done} of {one.training_of}"
        washout = one.washout(datetime.now(UTC))
        waits = f", {washout}" if washout else ""
        rest = f"{training if one.training_of else ''}{waits}{gone}"
        print(f"{one.reader}: {one.done} of {one.of}{rest}")
    for deed in log:
        print(deed.line())
    return 0


def run_withdraw(args: argparse.Namespace) -> int:
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        study.withdraw(args.reader, args.why)
    print(f"{args.reader} is withdrawn.")
    return 0


def run_lock(args: argparse.Namespace) -> int:
    from app.reading.study import must_be, unfinished
    from app.store.reader_study import ReaderStudy

    with ReaderStudy.open(frozen(args)) as study:
        must_be("frozen", study.log(), "locked")
        to_go = unfinished(study.progress())
        if to_go and not args.accept:
            raise StudyError(
                f"{to_go} Locking ends the reading for good.",
                "Wait for them, or lock with --accept.",
            )
        study.lock(args.why)
    print("The study is locked: no further rating is taken.")
    return 0


def run_unblind(args: argparse.Namespace) -> int:
    from app.store.reader_study_results import unblind

    folder = frozen(args)
    unblind(folder, args.key, passphrase(args, twice=False))
    print(f"Unblinded. Next: readingroom study export {args.study}")
    return 0


def run_export(args: argparse.Namespace) -> int:
    from app.store.reader_study_results import export

    folder = frozen(args)
    out = args.out.expanduser() if args.out else folder / "exports"
    for file in export(folder, out, progress=counted("steps")):
        print(file)
    return 0


def frozen(args: argparse.Namespace) -> Path:
    """The folder of a frozen study that was named."""
    from app.reading.beginning import frozen_folder
    from app.reading.preparation import FROZEN

    return _folder(args, FROZEN, frozen_folder)


def prepared(args: argparse.Namespace) -> tuple[Preparation, Path]:
    """A study that is being prepared, and its folder."""
    from app.reading.preparation import Preparation

    folder = _prepared_folder(args)
    return Preparation.load(folder), folder


def _prepared_folder(args: argparse.Namespace) -> Path:
    from app.reading.beginning import preparation_folder
    from app.reading.preparation import STATE

    return _folder(args, STATE, preparation_folder)


def _folder(args: argparse.Namespace, file: str, usual: Callable[[Paths, str], Path]) -> Path:
    """The folder that was named; a name alone is a folder here only if a study's ``file`` is in it,
    since a list of cases may lie in one of the study's name."""
    named = Path(args.study).expanduser()
    if named != Path(named.name) or (named / file).is_file():
        return named
    return usual(args.places, named.name)


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


def _signed_cases(protocol: Protocol, args: argparse.Namespace) -> Sequence[Case]:
    from app.reading.signed_cases import codes, gather, people_of
    from app.store.repository import Repository

    places: Paths = args.places
    if not places.database.is_file():
        raise UsageError(
            f"There is no database in {places.home}.",
            "Sign reports in the window first, or name the right folder with --data-dir.",
        )
    with Repository.open(places.database) as repository:
        studies = repository.signed_studies()
    people = codes(people_of(studies), protocol.readers, args.person)
    gathered = gather(studies, people, Progress(len(studies), "studies").show)
    print("\n".join(gathered.sentences()), file=sys.stderr)
    return gathered.cases


def _why(text: str) -> str:
    """A type for argparse: a reason for the study's log is more than blanks."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the reason is empty; it goes into the study's log")
    return text.strip()


def _person(text: str) -> tuple[str, str]:
    """A type for argparse: ``Anna Adams=R1`` → ("Anna Adams", "R1")."""
    name, sign, code = text.rpartition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not a name and a code like 'Anna Adams=R1'")
    return name.strip(), code.strip()


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
