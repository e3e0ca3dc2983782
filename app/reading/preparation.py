"""A study before its freeze: the coordinator's own working state, with everything in the open.

It lies in a folder of its own that readers have no access to (mode 0700), as one JSON file that is
replaced whole. The freeze seals its content into the key and removes the folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

from app.errors import StoreError, StudyError
from app.files import make_folder, write_text
from app.reading import allocation
from app.reading.allocation import Planned, allocate, drawn, orders, replacement, second_from
from app.reading.cases import Case
from app.reading.normalise import has_words, normalised, rewritten
from app.reading.protocol import Protocol, from_toml, to_toml

STATE: Final = "preparation.json"
FROZEN: Final = "study.sqlite"
"""The file that a frozen study's folder has, and no other."""
GOING: Final = "freezing"
"""Names the folder that a preparation is being frozen to, while that goes on."""
GIVEN: Final = "given in the list of cases"

Source = Literal["list", "database"]
"""Where the cases come from."""
_SOURCES: Final = {"list": "a list of cases", "database": "signed reports of the database"}


@dataclass(frozen=True)
class Preparation:
    """``arms`` holds case ids by :func:`app.reading.allocation.drawn`'s names; ``drafts`` the
    machine's raw text by case; ``texts`` the wording in a report's place by ``arm case``, of which
    ``by_hand`` are the coordinator's own; ``passed`` the cases whose image the gate let through;
    ``log`` every change, newest last; ``secret`` what codes and arms can't be drawn again without.
    """

    protocol: Protocol
    cases: tuple[Case, ...]
    arms: Mapping[str, tuple[str, ...]]
    secret: int
    drafts: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    source: Source = "list"
    by_hand: tuple[str, ...] = ()

    @classmethod
    def begin(cls, protocol: Protocol, cases: Sequence[Case], source: Source = "list") -> Self:
        """Draw the arms. Raises :class:`StudyError` when there are too few cases."""
        secret = allocation.new_secret()
        arms = {
            name: tuple(case.case for case in chosen)
            for name, chosen in drawn(protocol, cases, secret).items()
        }
        machine = {case for name in arms if name.endswith("machine") for case in arms[name]}
        given = {c.case: c.machine_report for c in cases if c.machine_report and c.case in machine}
        models = dict.fromkeys(given, GIVEN)
        log = (_line(f"created from {_SOURCES[source]}"),)
        return cls(protocol, tuple(cases), arms, secret, given, models, log=log, source=source)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises :class:`StudyError` for a folder without a preparation, a damaged one, and one
        that is frozen: a freeze that was killed at its very end is finished here.
        """
        file = folder / STATE
        if (frozen := frozen_to(folder)) is not None:
            remove(folder)
            raise StudyError(
                f"The study is frozen in {frozen}; its preparation is removed.",
                "A frozen study isn't changed any more.",
            )
        try:
            return cls.from_json(json.loads(file.read_text(encoding="utf-8")), file)
        except FileNotFoundError as error:
            raise StudyError(
                f"There is no study being prepared in {folder}.",
                "Begin one with readingroom study create; a frozen one isn't changed any more.",
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StudyError(f"{file} can't be read.", "Bring back a copy of it.") from error

    def save(self, folder: Path) -> None:
        """Raises :class:`app.errors.StoreError` when it can't be written."""
        make_folder(folder)
        folder.chmod(0o700)
        write_text(folder / STATE, json.dumps(self.to_json(), indent=1) + "\n")

    @property
    def undrafted(self) -> tuple[Case, ...]:
        """Cases of the machine's arm that have no draft yet."""
        wanted = [c for name in self.arms if name.endswith("machine") for c in self.arms[name]]
        return tuple(self.case(one) for one in wanted if one not in self.drafts)

    @property
    def ungated(self) -> tuple[Case, ...]:
        """Cases of both arms whose image the gate hasn't seen, unless every report was given.

        If only the machine's images went through the gate, an odd image would be a human one.
        """
        if set(self.models.values()) == {GIVEN} and not self.undrafted:
            return ()
        wanted = dict.fromkeys(one for chosen in self.arms.values() for one in chosen)
        return tuple(self.case(one) for one in wanted if one not in self.passed)

    def let_through(self, case: str) -> Self:
        return replace(self, passed=(*self.passed, case))

    def case(self, case: str) -> Case:
        found = next((one for one in self.cases if one.case == case), None)
        if found is None:
            raise StudyError(f"There is no case {case} in this study.", "Check the spelling.")
        return found

    def drafted(self, case: str, text: str, model: str) -> Self:
        """With the machine's report on ``case``, as ``model`` (id and sha256 of its weights) wrote
        it; the log names every model once.
        """
        log = self.log
        if model != GIVEN and model not in self.models.values():
            log = (*log, _line(f"the machine's reports are drafted by {model}"))
        return replace(
            self, drafts={**self.drafts, case: text}, models={**self.models, case: model}, log=log
        )

    def exclude(self, case: str, why: str) -> Self:
        """Without ``case``: a spare one that is drawn takes its place in the same arms.

        Raises :class:`StudyError` when the case isn't in the study or no case is left to take its
        place.
        """
        gone = self.case(case)
        if not any(case in chosen for chosen in self.arms.values()):
            raise StudyError(f"The case {case} was not drawn.", "Nothing has to be excluded.")
        used = {one for chosen in self.arms.values() for one in chosen} | {*self.excluded, case}
        patients = {self.case(one).patient for one in used} - {""}
        spare = [one for one in self.cases if one.case not in used and one.patient not in patients]
        new = replacement(self.protocol, gone, spare, self.secret)
        arms = {
            name: tuple(new.case if one == case else one for one in chosen)
            for name, chosen in self.arms.items()
        }
        made = replace(
            self,
            arms=arms,
            excluded=(*self.excluded, case),
            log=(*self.log, _line(f"{case} excluded, {new.case} in its place: {why}")),
        )
        machine = any(new.case in arms[name] for name in arms if name.endswith("machine"))
        if new.machine_report and machine:
            return made.drafted(new.case, new.machine_report, GIVEN)
        return made

    def reword(self, code: str, text: str, why: str) -> Self:
        """Give the item ``code`` the coordinator's own wording; what stood there is logged."""
        item = next((one for one in self.items() if one.code == code), None)
        if item is None:
            raise _no_item(code)
        key = f"{item.arm} {item.case}"
        reason = f" ({why})" if why else ""
        return replace(
            self,
            texts={**self.texts, key: normalised(text)},
            by_hand=tuple(dict.fromkeys((*self.by_hand, key))),
            log=(*self.log, _line(f"{code} reworded{reason}; before: {item.report}")),
        )

    def rewrite_neutrally(self, code: str = "") -> Self:
        """Take the tells out of every text of both arms by the same rules, each change logged.

        With ``code`` of this item only. What the coordinator reworded by hand stays.
        """
        texts, log = dict(self.texts), list(self.log)
        items = self.items(raw=True)
        if code and code not in {item.code for item in items}:
            raise _no_item(code)
        for item in items:
            if code and item.code != code:
                continue
            key = f"{item.arm} {item.case}"
            if key in self.by_hand or item.repeat_of:
                continue
            text, changes = rewritten(item.report)
            if changes and has_words(text) and text != texts.get(key):
                texts[key] = text
                taken = "; ".join(f"{change.kind}: {change.before!r}" for change in changes)
                log.append(_line(f"{item.code} rewritten neutrally; taken out: {taken}"))
        return replace(self, texts=texts, log=tuple(log))

    def items(self, *, raw: bool = False) -> tuple[Planned, ...]:
        """The items as they would be shown, or (``raw``) as they came. Undrafted ones are left out
        of nothing: raises :class:`StudyError` while a draft is missing."""
        if missing := self.undrafted:
            raise StudyError(
                f"{len(missing)} machine reports are still to be drafted.",
                "Run readingroom study create again: it goes on where it was.",
            )
        arms = {name: [self.case(one) for one in chosen] for name, chosen in self.arms.items()}
        planned = allocate(self.protocol, arms, self.drafts, self.secret)
        if raw:
            return planned
        return tuple(
            replace(
                item,
                report=self.texts.get(f"{item.arm} {item.case}", normalised(item.report)),
            )
            for item in planned
        )

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """By case the people whom its texts may not name; an author told by code is no name."""
        codes = self.protocol.readers
        return {
            one.case: (*one.names, one.author) if one.author not in codes else one.names
            for one in self.cases
        }

    def refuse_wordless(self) -> None:
        """Raises :class:`StudyError` when an item has nothing to be read, in either arm."""
        items = [one for one in self.items() if not one.repeat_of and not has_words(one.report)]
        if items:
            named = f"{items[0].code} (case {items[0].case}, {items[0].arm} arm)"
            raise StudyError(
                f"The report of {named} has no word."
                if len(items) == 1
                else f"{len(items)} reports have no word, the first is that of {named}.",
                "Exclude each such case, or give its item a text.",
            )

    def orders(self) -> dict[str, tuple[str, ...]]:
        """Each reader's codes in their order."""
        return orders(self.protocol, self.items(), self.cases, self.secret)

    def second_from(self) -> dict[str, int]:
        """Each reader's place (from 1) from which cases are shown again; 0 where none is."""
        items = self.items()
        return {reader: second_from(items, order) for reader, order in self.orders().items()}

    def key(self) -> dict[str, Any]:
        """What the freeze seals: whose every item is, and this whole preparation."""
        entries = []
        for item in self.items():
            case = self.case(item.case)
            entries.append(
                {
                    "code": item.code,
                    "case": item.case,
                    "arm": item.arm,
                    "repeat_of": item.repeat_of,
                    "patient": case.patient,
                    "author": case.author,
                    "abnormal": case.abnormal,
                    "model": self.models.get(item.case, "") if item.arm == "machine" else "",
                }
            )
        return {"items": entries, "preparation": self.to_json()}

    def to_json(self) -> dict[str, Any]:
        cases = [{**dataclasses.asdict(case), "image": str(case.image)} for case in self.cases]
        return {
            "protocol": to_toml(self.protocol),
            "cases": cases,
            "arms": {name: list(chosen) for name, chosen in self.arms.items()},
            "secret": str(self.secret),
            "drafts": dict(self.drafts),
            "models": dict(self.models),
            "texts": dict(self.texts),
            "excluded": list(self.excluded),
            "passed": list(self.passed),
            "log": list(self.log),
            "source": self.source,
            "by_hand": list(self.by_hand),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any], file: Path) -> Self:
        cases = tuple(
            Case(
                **{
                    **case,
                    "image": Path(case["image"]),
                    "drafted_by": tuple(case["drafted_by"]),
                    "names": tuple(case.get("names", ())),
                }
            )
            for case in found["cases"]
        )
        if "secret" not in found:
            raise StudyError(
                f"{file} was begun by an earlier version, whose codes can be drawn again by anybody"
                " who has the protocol.",
                "Remove it and create the study again.",
            )
        return cls(
            protocol=from_toml(found["protocol"], file),
            secret=int(found["secret"]),
            cases=cases,
            arms={name: tuple(chosen) for name, chosen in found["arms"].items()},
            drafts=found["drafts"],
            models=found["models"],
            texts=found["texts"],
            excluded=tuple(found["excluded"]),
            passed=tuple(found["passed"]),
            log=tuple(found["log"]),
            source=found.get("source", "list"),
            # An older preparation doesn't say; its wordings are left as they are.
            by_hand=tuple(found.get("by_hand", found["texts"])),
        )


def frozen_to(folder: Path) -> Path | None:
    """Where the preparation in ``folder`` is frozen, if its freeze came to its end."""
    try:
        target = Path((folder / GOING).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return target if (target / FROZEN).is_file() else None


def remove(folder: Path) -> None:
    """Take away a preparation; what says the arms goes first, should this be stopped half way."""
    (folder / STATE).unlink(missing_ok=True)
    shutil.rmtree(folder)


def discard(folder: Path) -> str:
    """Take away a preparation that isn't to become a study; its name, which is free again.

    Anything else that lies in the folder stays. Raises :class:`StudyError` for a folder without a
    preparation, and :class:`app.errors.StoreError` when it can't be removed.
    """
    name = Preparation.load(folder).protocol.name
    try:
        (folder / STATE).unlink()
        (folder / GOING).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder / STATE} can't be removed ({error.strerror}).",
            "See that you may write there.",
        ) from error
    with contextlib.suppress(OSError):
        folder.rmdir()
    return name


def _no_item(code: str) -> StudyError:
    return StudyError(f"There is no item {code}.", "readingroom study preflight names them.")


def _line(what: str) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {what}"
